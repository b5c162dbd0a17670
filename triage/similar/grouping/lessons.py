"""What dispatchers teach by merging and splitting issues: pairs of orders that are one matter, or are not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from itertools import combinations, product
from typing import NamedTuple

from triage.similar.grouping.issues import ALWAYS, Deed, Issues

SIDE = 6
"""So many orders stand for a side: a deed teaches at most 66 pairs, however large the issues."""

MOST_DEEDS = 2_000
"""The latest deeds of persons that are learnt from."""


class Lesson(NamedTuple):
    """Two orders by id, the earlier first: the same matter or not; the names are the columns of a file of pairs.

    A deed of n pairs weighs √n in all: more than one pair, less than n that know nothing of each other.
    """

    id_a: str
    id_b: str
    same: bool
    weight: float


def lessons(issues: Issues, most_deeds: int = MOST_DEEDS) -> list[Lesson]:
    """What persons' deeds say of pairs of orders, in the order of the deeds; the same issues give the same lessons.

    All orders of two issues that a person merged are the same; those that a person split off are not the same as those
    that stayed. A side is the orders received by then; of many, some from the first to the last. Mergers that the
    grouping did by itself teach nothing. What a person says later of a pair replaces what was said of it before.

    >>> from datetime import UTC, datetime
    >>> issues, at = Issues(), datetime(2026, 3, 2, tzinfo=UTC)
    >>> for name in ("a", "b", "c"):
    ...     _ = issues.add(name, at.timestamp())
    >>> _ = issues.merge(1, 2, at, by="张")
    >>> [(one.id_a, one.id_b, one.same) for one in lessons(issues)]
    [('a', 'b', True)]
    """
    learnt_from = [number for number, deed in enumerate(issues.deeds) if deed.by][-most_deeds:]
    replay = _Replay(issues)
    for number, deed in enumerate(issues.deeds):
        replay.follow(deed, bool(learnt_from) and number >= learnt_from[0])
    return list(replay.taught.values())


class _Replay:
    """The issues as they were before each deed, and what was taught by then; orders and pairs by number."""

    def __init__(self, issues: Issues) -> None:
        self.taught: dict[tuple[int, int], Lesson] = {}
        self._pairs_of: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        self._issues = issues
        self._inside: defaultdict[str, list[int]] = defaultdict(list)  # by when they were received
        named = {name for deed in issues.deeds for name in (deed.issue, deed.other)}
        for order in sorted(range(len(issues.orders)), key=self._when) if named else ():
            arrived_in = issues.ids[issues.issue_at(order, ALWAYS)]
            if arrived_in in named:
                self._inside[arrived_in].append(order)

    def follow(self, deed: Deed, teaches: bool) -> None:
        """Do the deed again, and where it `teaches` note what it says."""
        if deed.kind == "merged":
            one, other = self._inside.pop(deed.issue, []), self._inside.pop(deed.other, [])
        else:
            gone = {self._issues.number(name) for name in deed.orders}
            one, other = (
                [order for order in self._inside[deed.issue] if order not in gone],
                sorted(gone, key=self._when),
            )
        if teaches and deed.by:
            self._teach(deed, one, other)
        if deed.kind == "merged":
            self._inside[deed.issue] = self._joined(one, other)
        else:
            self._inside[deed.issue] = one
            self._inside[deed.other] = self._joined(self._inside[deed.other], other)

    def _teach(self, deed: Deed, one: list[int], other: list[int]) -> None:
        self._forget_between(one, other)
        sampled, others = self._sample(deed, one), self._sample(deed, other)
        same = deed.kind == "merged"
        found = combinations([*sampled, *others], 2) if same else product(sampled, others)
        pairs = sorted({(min(pair), max(pair)) for pair in found})
        for pair in pairs:
            first, second = (self._issues.orders[order] for order in pair)
            self.taught.pop(pair, None)
            self.taught[pair] = Lesson(first, second, same, round(len(pairs) ** -0.5, 4))
            for order in pair:
                self._pairs_of[order].add(pair)

    def _forget_between(self, one: list[int], other: list[int]) -> None:
        fewer, more = sorted((one, other), key=len)
        for order in fewer:
            for pair in list(self._pairs_of.get(order, ())):
                partner = sum(pair) - order
                if self._is_in(more, partner):
                    del self.taught[pair]
                    self._pairs_of[order].discard(pair)
                    self._pairs_of[partner].discard(pair)

    def _sample(self, deed: Deed, side: list[int]) -> list[int]:
        """At most SIDE orders of a side, from the first to the last that was received by then."""
        there = bisect_right(side, deed.at.timestamp(), key=self._issues.received.__getitem__)
        most = min(there, SIDE)
        return [side[at * (there - 1) // max(most - 1, 1)] for at in range(most)]

    def _joined(self, one: list[int], other: list[int]) -> list[int]:
        """The fewer put among the more, so that a giant issue does not cost its size each time."""
        fewer, more = sorted((one, other), key=len)
        for order in fewer:
            insort(more, order, key=self._when)
        return more

    def _is_in(self, side: list[int], order: int) -> bool:
        at = bisect_left(side, self._when(order), key=self._when)
        return at < len(side) and side[at] == order

    def _when(self, order: int) -> tuple[float, int]:
        return self._issues.received[order], order
