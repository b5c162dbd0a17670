"""The course of an issue in a few dated lines: first and latest complaint, rises, silence, the how-manieth caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from triage.similar.naming.told import Told, in_time, instant

_MILESTONES = (3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_WEEK = timedelta(days=7)
_RISE_OF_A_WEEK = 5  # orders, and at least twice what the issue has in its average week
_RISE_OF_A_DAY = 3
_RISES = 2
_SILENCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Moment:
    """What came to pass with an issue, in Chinese, and when: the time of the order that made it so."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class _Event:
    index: int  # of its order, by time
    words: str
    weight: float  # the heavier stay where there is no room for all
    rank: int = 0  # which of the events of one order is said first


def timeline_of(told: Sequence[Told], limit: int = 8) -> tuple[Moment, ...]:
    """At most `limit` moments, earliest first; only what the orders given show.

    >>> told = [Told(str(day), datetime(2026, 3, day), "", "", f"caller {day}") for day in (2, 5, 6)]
    >>> [moment.text for moment in timeline_of(told)]
    ['2026年3月2日 首次反映', '2026年3月6日 第3位来电人反映，最近一次反映，累计 3 件']
    """
    orders = in_time(told)
    if not orders or limit <= 0:
        return ()
    events = [_Event(0, "首次反映", 100), *_silence(orders), *_milestones(orders), *_rises(orders)]
    if len(orders) > 1:
        events.append(_Event(len(orders) - 1, f"最近一次反映，累计 {len(orders)} 件", 99, rank=3))
    kept = _heaviest(events, limit)
    return tuple(
        _moment(orders[index], [e for e in kept if e.index == index]) for index in sorted({e.index for e in kept})
    )


def _heaviest(events: Sequence[_Event], limit: int) -> list[_Event]:
    """The heaviest, so many that they stand at `limit` orders at most."""
    kept: list[_Event] = []
    places: set[int] = set()
    for event in sorted(events, key=lambda event: (-event.weight, event.index, event.rank)):
        if event.index in places or len(places) < limit:
            places.add(event.index)
            kept.append(event)
    return kept


def _moment(order: Told, events: Sequence[_Event]) -> Moment:
    words = [event.words for event in sorted(events, key=lambda event: event.rank)]
    return Moment(order.received_at, f"{_day(order.received_at)} {'，'.join(words)}")


def _day(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日"


def _silence(orders: Sequence[Told]) -> Iterator[_Event]:
    gaps = [instant(later) - instant(earlier) for earlier, later in pairwise(orders)]
    longest = max(gaps, default=timedelta())
    if longest >= _SILENCE:
        yield _Event(gaps.index(longest) + 1, f"沉寂 {longest.days} 天后再次反映", 55)


def _milestones(orders: Sequence[Told]) -> Iterator[_Event]:
    callers: set[str] = set()
    for index, order in enumerate(orders):
        if order.caller and order.caller not in callers:
            callers.add(order.caller)
            if (number := len(callers)) in _MILESTONES:
                yield _Event(index, f"第{number}位来电人反映", 40 + number / _MILESTONES[-1], rank=1)


def _rises(orders: Sequence[Told]) -> Iterator[_Event]:
    """The fullest weeks that do not overlap, each at the order that filled it; else a day that stands out."""
    counts = _in_the_week_before(orders)
    weeks = (instant(orders[-1]) - instant(orders[0])) / _WEEK
    least = max(_RISE_OF_A_WEEK, 2 * len(orders) / max(1.0, weeks)) if weeks > 2 else _RISE_OF_A_WEEK
    days = Counter(order.received_at.date() for order in orders)
    peaks: list[int] = []
    for index in sorted(range(len(orders)), key=lambda index: (-counts[index], index)):
        if len(peaks) == _RISES or counts[index] < least:
            break
        if all(abs(instant(orders[index]) - instant(orders[peak])) >= _WEEK for peak in peaks):
            peaks.append(index)
            yield _rise(index, counts[index], days[orders[index].received_at.date()])
    if not peaks:
        yield from _full_day(orders, days)


def _rise(index: int, in_week: int, today: int) -> _Event:
    in_a_day = today >= _RISE_OF_A_DAY and 2 * today > in_week
    return _Event(index, f"当日 {today} 件" if in_a_day else f"一周内 {in_week} 件", 60, rank=2)


def _full_day(orders: Sequence[Told], days: Counter[date]) -> Iterator[_Event]:
    day, count = min(days.items(), key=lambda item: (-item[1], item[0]))
    if count >= _RISE_OF_A_DAY and len(days) > 1:
        last = max(index for index, order in enumerate(orders) if order.received_at.date() == day)
        yield _Event(last, f"当日 {count} 件", 50, rank=2)


def _in_the_week_before(orders: Sequence[Told]) -> list[int]:
    """For each order, how many came in the seven days up to it, itself among them."""
    counts = []
    first = 0
    for index, order in enumerate(orders):
        while instant(order) - instant(orders[first]) >= _WEEK:
            first += 1
        counts.append(index - first + 1)
    return counts
