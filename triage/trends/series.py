"""Orders a day for each category and place, kept as sparse as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from triage.domain.errors import BadInput, Problem

Floats = npt.NDArray[np.float64]

LONGEST = 1461
"""Days of history that are looked at: four years. What is older is left out, however old a mistyped date is."""

MOST_CELLS = 8_000_000
"""Series times days that are worked on at once; 5,000 series over four years are fewer."""


MOST_ORDERS = 1_000_000
"""Of one event; a town has fewer in a year."""


class Key(NamedTuple):
    """What a series counts: a category at a place; None stands for all of them."""

    category: str | None = None
    place: str | None = None


class Event(NamedTuple):
    """Orders of one day: a single one unless `orders` says how many."""

    day: date
    category: str | None = None
    place: str | None = None
    orders: int = 1


@dataclass(frozen=True, slots=True, repr=False)
class DailyCounts:
    """Counts a day of every series from `since` to `until`, both included; a day without an entry counted 0.

    `cells` holds, for each key, the days (0 is `since`) that have orders, with their number.
    """

    since: date
    until: date
    cells: dict[Key, dict[int, int]]

    def __repr__(self) -> str:
        return f"DailyCounts({self.since} to {self.until}, {len(self.cells)} series)"

    @property
    def keys(self) -> tuple[Key, ...]:
        """The series in a fixed order: by category, then by place."""
        return tuple(sorted(self.cells, key=lambda key: (key.category or "", key.place or "")))

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.until - self.since).days + 1

    def count(self, key: Key, first: date, last: date) -> int:
        """Orders of one series from `first` to `last`, both included."""
        low, high = (first - self.since).days, (last - self.since).days
        return sum(number for day, number in self.cells.get(key, {}).items() if low <= day <= high)

    def before(self, day: date) -> DailyCounts:
        """The same series, as they were known when `day` began."""
        if day > self.until:
            return self
        end = max((day - self.since).days, 1)
        cells = {key: {at: count for at, count in row.items() if at < end} for key, row in self.cells.items()}
        return DailyCounts(self.since, self.since + timedelta(days=end - 1), cells)

    def by_category(self) -> DailyCounts:
        """The places of a category added up."""
        return self._added(lambda key: Key(key.category))

    def by_place(self) -> DailyCounts:
        """The categories of a place added up."""
        return self._added(lambda key: Key(place=key.place))

    def total(self) -> DailyCounts:
        """One series, of everything."""
        return self._added(lambda key: Key())

    def matrix(self) -> Floats:
        """Counts of shape (series, days), series in the order of `keys`."""
        keys = self.keys
        if len(keys) * self.days > MOST_CELLS:
            allowed = MOST_CELLS // self.days
            problem = Problem(("series",), f"{len(keys)} series over {self.days} days; at most {allowed} are looked at")
            raise BadInput("too many series at once, add up places or look at fewer days", [problem])
        dense = np.zeros((len(keys), self.days))
        for row, key in enumerate(keys):
            cells = self.cells[key]
            dense[row, list(cells)] = list(cells.values())
        return dense

    def _added(self, under: Callable[[Key], Key]) -> DailyCounts:
        added: dict[Key, Counter[int]] = {}
        for key, cells in self.cells.items():
            added.setdefault(under(key), Counter()).update(cells)
        return DailyCounts(self.since, self.until, {key: dict(cells) for key, cells in added.items()})


def daily_counts(
    events: Iterable[Event],
    until: date,
    *,
    since: date | None = None,
    known: Iterable[Key] = (),
) -> DailyCounts:
    """Count events up to and including the day `until`; a datetime counts for its day.

    Events after `until` are not seen. `since` is the day on which recording began: the first event's unless given,
    and never more than 1,461 days back. `known` are keys that could have had orders and had none: they belong to what
    is watched. Raises BadInput where an event has fewer than 0 or more than a million orders, or `since` lies after
    `until`.

    >>> events = [Event(date(2026, 3, 2), "dust", "甲路"), Event(date(2026, 3, 4), "dust", "甲路", 2)]
    >>> daily_counts(events, date(2026, 3, 5)).matrix().tolist()
    [[1.0, 0.0, 2.0, 0.0]]
    """
    until = _day(until)
    seen = [event._replace(day=_day(event.day)) for event in events]
    wrong = next((event for event in seen if not 0 <= event.orders <= MOST_ORDERS), None)
    if wrong is not None:
        raise BadInput("counts", [Problem((str(wrong.day), "orders"), f"must be from 0 to {MOST_ORDERS:,}")])
    seen = [event for event in seen if event.day <= until]
    first = _first(seen, until, since)
    cells: dict[Key, Counter[int]] = {Key(*key): Counter() for key in known}
    for event in seen:
        if event.day >= first and event.orders:
            row = cells.setdefault(Key(event.category, event.place), Counter())
            row[(event.day - first).days] += event.orders
    return DailyCounts(first, until, {key: dict(row) for key, row in cells.items()})


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _first(seen: list[Event], until: date, since: date | None) -> date:
    if since is not None and _day(since) > until:
        raise BadInput("counts", [Problem(("since",), f"{since} lies after the last day, {until}")])
    first = _day(since) if since is not None else min((event.day for event in seen), default=until)
    longest = min(LONGEST, until.toordinal())
    return max(first, until - timedelta(days=longest - 1))
