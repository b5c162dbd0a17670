"""Questions asked of a large ledger: lists, search, alerts, each so many times, with the 95th percentile."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from random import Random

from sqlalchemy import Connection

from benchmarks.ledger.million import END
from triage.records.database import Database
from triage.records.orders import Wanted, alerts_at, list_orders

Question = Callable[[Connection, Random], object]


def _wanted(**more: object) -> Question:
    return lambda connection, _rng: list_orders(connection, Wanted(END, **more))  # type: ignore[arg-type]


def _page_deep_inside(connection: Connection, rng: Random) -> object:
    return list_orders(connection, Wanted(END, policy="tangqiao", before=rng.randrange(1_000, 900_000)))


def _any_words(connection: Connection, rng: Random) -> object:
    words = rng.choice(["路灯", "油烟 地铁站", "电梯 老人", "井盖坏了好几天", "没有这样的词组合"])
    return list_orders(connection, Wanted(END, policy="tangqiao", words=words))


def _alerts_of_a_moment(connection: Connection, rng: Random) -> object:
    return alerts_at(connection, END - timedelta(days=rng.randrange(1_500)), policy="tangqiao")


QUESTIONS: dict[str, Question] = {
    "latest page": _wanted(policy="tangqiao"),
    "page deep inside": _page_deep_inside,
    "open orders": _wanted(policy="tangqiao", status="open"),
    "overdue orders": _wanted(policy="tangqiao", overdue=True),
    "not overdue": _wanted(policy="tangqiao", overdue=False),
    "orders of a unit": _wanted(unit="power-company"),
    "open orders of a unit": _wanted(unit="power-company", status="open"),
    "orders of an issue": _wanted(issue="i-1"),
    "orders of a caller": _wanted(caller="c1-1"),
    "search": _any_words,
    "open orders with words": _wanted(policy="tangqiao", status="open", words="路灯"),
    "alerts now": lambda connection, _rng: alerts_at(connection, END, policy="tangqiao"),
    "alerts of a past moment": _alerts_of_a_moment,
}


def ask(database: Database, times: int = 60, seed: int = 3) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of each question, in milliseconds."""
    found = {}
    for name, question in QUESTIONS.items():
        rng, took = Random(seed), []
        for _ in range(times):
            begun = time.perf_counter()
            with database.reading() as connection:
                question(connection, rng)
            took.append((time.perf_counter() - begun) * 1000)
        took.sort()
        found[name] = took[len(took) // 2], took[int(len(took) * 0.95)]
    return found
