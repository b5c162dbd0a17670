"""How hot an issue is: from 0 to 100, in five parts that a person can check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from triage.domain.errors import BadInput, Problem

HALF_LIFE = 7.0
"""Days after which a call counts half: an issue silent for four weeks keeps a sixteenth of its calls."""

WEEK = timedelta(days=7)
BEFORE = 4
"""This week is held against the mean of so many weeks before it."""

WEIGHTS = {"volume": 30.0, "callers": 25.0, "growth": 20.0, "repeat": 10.0, "dissatisfaction": 15.0}
"""The most points of each part; together 100."""

HALF_AT = {"volume": 10.0, "callers": 5.0, "repeat": 3.0, "dissatisfaction": 2.0}
"""What brings half of a part's points. Ten orders a week is where the documents ask for a special report."""


class Call(NamedTuple):
    """One order of an issue: when it came, a token of who called (None: unknown), whether it ended unsatisfied."""

    received_at: datetime
    caller: str | None = None
    unsatisfied: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: `value` as `because` explains it, and `points` out of `weight`."""

    name: str
    value: float
    weight: float
    points: float
    because: str


@dataclass(frozen=True, slots=True)
class Heat:
    """A score from 0 to under 100, with the parts it is the sum of."""

    score: float
    parts: tuple[Part, ...]


class _Seen(NamedTuple):
    """A call that was received by then, and what is left of it: 1 at once, one half after seven days."""

    call: Call
    age: timedelta
    left: float


def heat(calls: Iterable[Call], as_of: datetime) -> Heat:
    """The heat of the issue that these calls make up, in whatever order they are given; later calls are not seen.

    Volume, repeats and dissatisfaction add up what is left of calls (a half-life of 7 days); callers count by their
    latest call, all unknown ones as a single caller who never repeats. Each gives weight x value / (value + half),
    growth gives weight x (1 - 1 / ratio), where the ratio is this week's calls over the mean of the four weeks before,
    1 added to both so that 0 to 2 is a growth of 3 and not an infinite one. More of any part never lowers the score.
    Raises BadInput where some times have an offset and others none.

    >>> found = heat([Call(datetime(2026, 3, 2, 9), "a"), Call(datetime(2026, 3, 2, 9), "b")], datetime(2026, 3, 2, 9))
    >>> round(found.score, 1), found.parts[1].because
    (25.5, '2位来电人（未留身份的合计为1位），按最近一次来电每7天减半折算为2.0位')
    """
    seen = [_Seen(call, age, 0.5 ** (age / timedelta(days=HALF_LIFE))) for call, age in _ages(calls, as_of)]
    parts = (_volume(seen), _callers(seen), _growth(seen), _repeat(seen), _dissatisfaction(seen))
    return Heat(sum(part.points for part in parts), parts)


def _ages(calls: Iterable[Call], as_of: datetime) -> list[tuple[Call, timedelta]]:
    """Calls received by then with their ages, in an order of their own: sums do not depend on that of the input."""
    try:
        ages = [(call, as_of - call.received_at) for call in calls]
    except TypeError as fault:
        message = "mixes times with and without an offset; give all of them one"
        raise BadInput("heat", [Problem(("received_at",), message)]) from fault
    now = timedelta(0)
    return sorted((one for one in ages if one[1] >= now), key=lambda one: (one[1], one[0].caller or "", one[0][2]))


def _volume(seen: Sequence[_Seen]) -> Part:
    value = sum(one.left for one in seen)
    return _saturating("volume", value, f"共{len(seen)}件，每7天减半折算为{value:.1f}件")


def _callers(seen: Sequence[_Seen]) -> Part:
    latest: dict[str | None, float] = {}
    for one in seen:
        latest[one.call.caller] = max(one.left, latest.get(one.call.caller, 0.0))
    value = sum(latest.values())
    because = f"{len(latest)}位来电人（未留身份的合计为1位），按最近一次来电每7天减半折算为{value:.1f}位"
    return _saturating("callers", value, because)


def _growth(seen: Sequence[_Seen]) -> Part:
    weeks = Counter(one.age // WEEK for one in seen if one.age < (BEFORE + 1) * WEEK)
    usual = sum(weeks[number] for number in range(1, BEFORE + 1)) / BEFORE
    ratio = (weeks[0] + 1) / (usual + 1)
    weight = WEIGHTS["growth"]
    because = f"近7天{weeks[0]}件，此前{BEFORE}周平均每周{usual:.1f}件，各加1后为{ratio:.1f}倍"
    return Part("growth", ratio, weight, weight * (1 - 1 / max(1.0, ratio)), because)


def _repeat(seen: Sequence[_Seen]) -> Part:
    """Calls of known callers, but for the earliest of each."""
    known = [one for one in seen if one.call.caller is not None]
    first = {one.call.caller: one.left for one in known}
    value = max(0.0, sum(one.left for one in known) - sum(first.values()))
    return _saturating("repeat", value, f"同一人再次来电{len(known) - len(first)}件，每7天减半折算为{value:.1f}件")


def _dissatisfaction(seen: Sequence[_Seen]) -> Part:
    bad = [one for one in seen if one.call.unsatisfied]
    value = sum(one.left for one in bad)
    return _saturating("dissatisfaction", value, f"回访不满意{len(bad)}件，每7天减半折算为{value:.1f}件")


def _saturating(name: str, value: float, because: str) -> Part:
    """Points that rise with each further call, and less each time."""
    weight = WEIGHTS[name]
    return Part(name, value, weight, weight * value / (value + HALF_AT[name]), because)
