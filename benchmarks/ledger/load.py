"""Load on a served ledger: so many orders a second at their own times, and readers who open a page a second each.

The generator is a process of its own on the same two cores. An answer's time counts from when its request was due, so
that a server which stalls is not asked less.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import cycle, islice
from typing import Any

import httpx2

from triage.bootstrap import build
from triage.demo.happenings import NewOrder
from triage.demo.month import month

PAGES = ("/v1/orders", "/v1/orders?status=open", "/v1/alerts", "/v1/orders?q=路灯", "/v1/orders/{id}")


@dataclass
class Taken:
    """Seconds that answers took, and answers that were none."""

    orders: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)


def bodies(count: int) -> list[dict[str, Any]]:
    """So many orders of the demo's month, each under an id of its own."""
    town = build().town("tangqiao")
    made = month(town.pack, 5, date(2026, 3, 2), hours=town.hours, size=max(0.075, count / 2_600))
    orders = [dict(one.body) for one in made if isinstance(one, NewOrder)]
    return [
        {**body, "order": {**body["order"], "id": f"load-{number}"}}
        for number, body in enumerate(islice(cycle(orders), count))
    ]


async def _order(client: httpx2.AsyncClient, body: dict[str, Any], due: float, taken: Taken) -> None:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    await _ask(client, "POST", "/v1/orders", due, taken.orders, taken, json=body)


async def _read(client: httpx2.AsyncClient, pages: Sequence[str], until: float, offset: float, taken: Taken) -> None:
    due = time.perf_counter() + offset
    for number in range(1_000_000):
        if due >= until:
            return
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        page = pages[number % len(pages)].replace("{id}", f"load-{number}")
        await _ask(client, "GET", page, due, taken.pages, taken)
        due += 1.0


async def _ask(
    client: httpx2.AsyncClient, method: str, path: str, due: float, into: list[float], taken: Taken, **more: Any
) -> None:
    try:
        answer = await client.request(method, path, **more)
        kind = "" if answer.status_code < 300 else str(answer.status_code)
    except httpx2.HTTPError as fault:
        kind = type(fault).__name__
    into.append(time.perf_counter() - due)
    if kind and not (kind == "404" and method == "GET"):
        taken.failed[f"{method} {kind}"] = taken.failed.get(f"{method} {kind}", 0) + 1


async def load(url: str, key: str, rate: float, seconds: float, readers: int, pages: Sequence[str]) -> Taken:
    """Put the load on; what answers took."""
    taken, sent = Taken(), bodies(int(rate * seconds))
    limits = httpx2.Limits(max_connections=100)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60, limits=limits) as client:
        begun = time.perf_counter() + 0.5
        writing = [_order(client, body, begun + number / rate, taken) for number, body in enumerate(sent)]
        reading = [_read(client, pages, begun + seconds, 0.5 + one / readers, taken) for one in range(readers)]
        await asyncio.gather(*writing, *reading)
    return taken


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile and the longest, in milliseconds."""
    ordered = sorted(seconds)
    places = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    if not ordered:
        return {}
    found = {name: ordered[int(len(ordered) * place)] for name, place in places.items()}
    return {name: round(value * 1000, 1) for name, value in {**found, "max": ordered[-1]}.items()}


if __name__ == "__main__":
    url, key, rate, seconds, readers, kind = sys.argv[1:7]
    pages = PAGES if kind == "service" else PAGES[:1]
    done = asyncio.run(load(url, key, float(rate), float(seconds), int(readers), pages))
    json.dump(asdict(done), sys.stdout)
