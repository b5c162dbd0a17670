"""`python -m benchmarks.judge`: what judging an order costs, and replaying many; figures as JSON.

A judgement is measured with 0, 10 and 30 events, in CPU microseconds and as a ratio to a yardstick in the same run
(parsing the same order from JSON). A replay goes through the command's own path, with 1,000 to 100,000 generated orders
of 10 events: the cost per order must not rise with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from triage.bootstrap import build, packs_and_hours
from triage.desk.replays import Wanted, replay_file
from triage.policy.calendar.workdays import parse_time
from triage.policy.judging.admission import refused_events
from triage.policy.judging.judge import judge
from triage.policy.scenarios.cases import read_case
from triage.settings import Settings

POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
FIRST = parse_time("2026-01-05T00:00")
MINUTES_OF_A_YEAR = 350 * 24 * 60
STEPS: tuple[dict[str, Any], ...] = (
    {"kind": "contact_attempt", "by": "centre", "reached": True},
    {"kind": "dispatched", "unit": "urban-squad", "by": "dispatcher"},
    {"kind": "signed", "unit": "urban-squad"},
    {"kind": "accepted", "unit": "urban-squad"},
    {"kind": "contact_attempt", "by": "unit", "reached": True},
    {"kind": "site_visited", "unit": "urban-squad"},
    {"kind": "extension_requested", "unit": "urban-squad", "reason": "管线需要迁移"},
    {"kind": "replied", "unit": "urban-squad", "outcome": "solved", "elements": ["fact_finding", "request_finding"]},
    {"kind": "review_passed", "by": "centre"},
    {"kind": "called_back", "contacted": True, "answered": True, "solved": True, "satisfaction": "mostly"},
)


def an_order(number: int, events: int, chance: random.Random) -> dict[str, Any]:
    """A generated past order: received at any minute of 2026, its events a few minutes to a day apart."""
    at = FIRST + timedelta(minutes=chance.randrange(MINUTES_OF_A_YEAR))
    order = {
        "received_at": at.isoformat(),
        "request_type": chance.choice(("complaint", "help", "consultation", "suggestion")),
        "urgency": chance.choice(("normal", "normal", "semi_urgent", "urgent")),
        "complexity": chance.choice(("simple", "normal", "normal", "hard")),
        "units": ["urban-squad"],
    }
    happened = []
    for place in range(events):
        at += timedelta(minutes=chance.randrange(5, 24 * 60))
        happened.append({"at": at.isoformat(), **STEPS[place % len(STEPS)]})
    facts = {"repeat_count": chance.randrange(1, 8), "issue_today": chance.randrange(1, 12)}
    return {"id": f"o{number}", "order": order, "facts": facts, "events": happened}


def judgements(events: int, orders: int) -> dict[str, Any]:
    """CPU microseconds of a judgement and of finding every refused event, the median over the packs' rounds."""
    service = build(Settings(model=None, packs=None, calendar=None, parameters={}))
    chance = random.Random(events)
    raw = [json.dumps(an_order(number, events, chance), ensure_ascii=False) for number in range(orders)]
    read = [read_case(json.loads(line), ignored=frozenset({"id"})) for line in raw]
    figures: dict[str, Any] = {}
    for policy in POLICIES:
        town = service.town(policy)
        cases = [(one.under(town.pack), one.as_of) for one in read]
        figures[policy] = {
            "judge_us": _cpu_us(lambda: [judge(town.pack, case, at, town.hours) for case, at in cases], orders),  # noqa: B023
            "refusals_us": _cpu_us(
                lambda: [refused_events(town.pack, case, at, town.hours) for case, at in cases],  # noqa: B023
                orders,
            ),
        }
    yardstick = _cpu_us(lambda: [json.loads(line) for line in raw], orders)
    return {"events": events, "yardstick_us": yardstick, "packs": figures}


def _cpu_us(run: Callable[[], object], orders: int, rounds: int = 5) -> float:
    run()
    costs = []
    for _ in range(rounds):
        before = time.process_time()
        run()
        costs.append((time.process_time() - before) / orders * 1e6)
    return round(median(costs), 1)


def replays(sizes: list[int], events: int, folder: Path) -> list[dict[str, Any]]:
    """Wall and CPU time of replaying files of several sizes on all cores, start-up included."""
    chance, found = random.Random(7), []
    changed = _changed_pack(folder)
    for size in sizes:
        path = folder / f"{size}.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for number in range(size):
                lines.write(json.dumps(an_order(number, events, chance), ensure_ascii=False) + "\n")
        wall, cpu = time.perf_counter(), _all_cpu()
        report = replay_file(path, packs_and_hours, Wanted("nanmatou", str(changed)), lambda line: None)
        wall, cpu = time.perf_counter() - wall, _all_cpu() - cpu
        figures = {"orders": size, "changed": report["changed"], "wall_s": round(wall, 2), "cpu_s": round(cpu, 2)}
        found.append({**figures, "cpu_us_an_order": round(cpu / size * 1e6, 1)})
    return found


def _changed_pack(folder: Path) -> Path:
    """Nanmatou with four working days instead of five, and six repeated calls instead of five."""
    from triage.policy.pack.load import BUILT_IN

    text = (BUILT_IN / "nanmatou.yaml").read_text(encoding="utf-8")
    path = folder / "nanmatou.yaml"
    path.write_text(
        text.replace("- {workdays: 5}", "- {workdays: 4}").replace("repeat_count >= 5", "repeat_count >= 6")
    )
    return path


def _all_cpu() -> float:
    """CPU seconds of this process and of those that ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="orders to replay")
    parser.add_argument("--orders", type=int, default=300, help="orders to judge a round")
    given = parser.parse_args()
    figures: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "judgements": [judgements(events, given.orders) for events in (0, 10, 30)],
    }
    with tempfile.TemporaryDirectory() as folder:
        figures["replays"] = replays(given.sizes, 10, Path(folder))
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
