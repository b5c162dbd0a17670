"""What somebody might send to make the grouping slow: copies, one rare word everywhere, endless texts, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.issues.linking import Linking
from benchmarks.issues.stream import BEGIN, Draft, text_of, title_of
from benchmarks.issues.system import Message

RARE = "魑魅魍魉"
LONG = 100_000
_END = 500  # orders at the beginning and at the end that are compared

Case = Callable[[int, Draft], Message]


def hostile(ordinary: Iterable[Draft], copies: int) -> dict[str, Any]:
    """Each case after some ordinary orders, from the text: CPU microseconds an order, first ones and last ones."""
    before = list(ordinary)
    few = max(copies // 20, 10)
    cases: dict[str, tuple[int, Case]] = {
        "copies of one text": (copies, lambda at, _: _message(at, before[0])),
        "copies, clock running backwards": (
            copies // 4,
            lambda at, _: _message(at, before[0], when=BEGIN - _hours(at)),
        ),
        "one rare word in all": (copies // 4, lambda at, own: _message(at, own, more=RARE)),
        "nothing but one rare word": (copies // 4, lambda at, _: _bare(at, RARE)),
        "100,000 characters": (few // 10, lambda at, own: _bare(at, _endless(text_of(own) or "路灯坏了"))),
        "100,000 times one character": (few // 10, lambda at, _: _bare(at, "啊" * LONG)),
        "empty": (few, lambda at, _: _bare(at, "")),
        "one character": (few, lambda at, _: _bare(at, "灯")),
    }
    return {name: _figures(count, case, before) for name, (count, case) in cases.items()}


def _figures(count: int, case: Case, before: Sequence[Draft]) -> dict[str, Any]:
    linking = Linking()
    for draft in before:
        linking.link(draft)
    known = len(linking.grouping.issues.now())
    costs = [sum(linking.link_message(case(at, before[at % len(before)]))) for at in range(count)]
    end = min(_END, -(-count // 2))
    return {
        "orders": count,
        "first_median_us": round(float(np.median(costs[:end]))),
        "last_median_us": round(float(np.median(costs[-end:]))),
        "most_us": round(max(costs)),
        "new_issues": len(linking.grouping.issues.now()) - known,
    }


def _message(at: int, draft: Draft, *, more: str = "", when: datetime | None = None) -> Message:
    return Message(
        f"h{at}", when or BEGIN + timedelta(minutes=at), title_of(draft) + more, text_of(draft) + more, f"h{at}"
    )


def _bare(at: int, text: str) -> Message:
    return Message(f"h{at}", BEGIN + timedelta(minutes=at), "", text, f"h{at}")


def _endless(text: str) -> str:
    return (text * (LONG // len(text) + 1))[:LONG]


def _hours(count: int) -> timedelta:
    return timedelta(hours=count)
