"""Which orders belong to which issue, now and at any time before: nothing is rewritten, every deed is kept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Literal

import numpy as np
import numpy.typing as npt

from triage.domain.errors import BadInput, Problem
from triage.similar.packed import Later, Reading, State, moments, runs, texts

ALWAYS, NEVER = float("-inf"), float("inf")
AUTOMATIC = ""
"""Who did what the grouping did by itself."""

_PREFIX = "i-"
_LARGEST = 1e12  # seconds; no time of a calendar is further from 1970


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happened to issues after they were founded.

    merged: `issue` took in `other`, which is only another name of it from then on. split: `orders` left `issue` and
    became `other`. `by` is who did it, empty where a new order brought two issues together.
    """

    at: datetime
    kind: Literal["merged", "split"]
    issue: str
    other: str
    orders: tuple[str, ...] = ()
    by: str = AUTOMATIC


class Issues:
    """Issues by number from 1 (0 is none) and orders by number from 0, as they arrived.

    An issue is known by an id made of the order that founded it, so that the same orders give the same ids in every
    run. Of two that are merged the one founded first gives its id; the other id still leads there.
    """

    def __init__(self) -> None:
        self.ids: list[str] = [""]
        self.orders: list[str] = []
        self.received: list[float] = []  # seconds since 1970
        self.deeds: list[Deed] = []
        self.root: npt.NDArray[np.int32] = np.zeros(1024, dtype=np.int32)
        self._of_order: list[int] = []  # the issue an order was put into, before any merger
        self._moved: dict[int, list[tuple[float, int]]] = {}  # since when it is in another, for orders that were split
        self._into: dict[int, tuple[int, float]] = {}  # the issue that took one in, and when
        self._parts: dict[int, list[int]] = {}
        self._members: dict[int, list[int]] = {}  # by when they were received
        self._latest: dict[int, float] = {}  # the latest deed
        self._apart: set[tuple[int, int]] = set()
        self._splits: list[tuple[int, int]] = []
        self._number_of_order: dict[str, int] = {}
        self._number_of_issue: dict[str, int] = {}

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._number_of_order

    def number(self, order_id: str) -> int:
        """The number of an order; KeyError where it is not known."""
        return self._number_of_order[order_id]

    def joined(self, order: int) -> str:
        """The id of the issue that an order was put into when it came, whatever happened to that issue since."""
        return self.ids[self._of_order[order]]

    def get(self, issue_id: str) -> int | None:
        """The issue of that id, or the one that took it in."""
        number = self._number_of_issue.get(issue_id)
        return None if number is None else int(self.root[number])

    def get_or_raise(self, issue_id: str) -> int:
        """The same; BadInput where there is none."""
        number = self.get(issue_id)
        if number is None:
            raise BadInput("issues", [Problem(("issue",), f"{issue_id[:80]!r} is not known")])
        return number

    def now(self) -> list[int]:
        """Every issue there is now, in the order in which they were founded."""
        return sorted(self._members)

    def members(self, issue: int) -> Sequence[int]:
        """The orders of an issue as it is now, by when they were received."""
        return self._members[issue]

    def issue_of(self, order: int) -> int:
        """The issue an order is in now."""
        return int(self.root[self._assigned(order, NEVER)])

    def add(self, order_id: str, received: float, issue: int = 0) -> tuple[int, int]:
        """Put a new order into an issue, or let it found one; the numbers of the order and of its issue."""
        order = len(self.orders)
        self.orders.append(order_id)
        self.received.append(received)
        self._number_of_order[order_id] = order
        issue = issue or self._found(order_id)
        self._of_order.append(issue)
        insort(self._members[issue], order, key=self._arrival)
        return order, issue

    def kept_apart(self, one: int, other: int) -> bool:
        """Whether a person said that these two are not the same."""
        return (min(one, other), max(one, other)) in self._apart

    def merge(self, one: int, other: int, at: datetime, by: str = AUTOMATIC) -> int:
        """Make two issues one; the number of the one that was founded first, which stays."""
        kept, gone = min(one, other), max(one, other)
        self.deeds.append(Deed(at, "merged", self.ids[kept], self.ids[gone], by=by))
        self._take_into(kept, gone, at.timestamp())
        return kept

    def _take_into(self, kept: int, gone: int, moment: float) -> None:
        self._into[gone] = (kept, moment)
        self._latest[kept] = max(moment, self._latest.get(kept, ALWAYS), self._latest.pop(gone, ALWAYS))
        parts = self._parts.pop(gone)
        self._parts[kept] += parts
        self.root[parts] = kept
        self._join_members(kept, gone)
        named = [(a, b) for a, b in self._apart if gone in (a, b)]
        self._apart -= set(named)
        self._apart |= {_ordered(kept, a if b == gone else b) for a, b in named} - {(kept, kept)}

    def split(self, issue: int, order_ids: Iterable[str], at: datetime, by: str) -> int:
        """Let some orders of an issue become one of their own, never to be joined again by itself; its number."""
        orders = self._to_split(issue, order_ids)
        founder = min(orders)
        nth = len(self._splits)  # the same order may be split off twice at one moment
        new = self._found(f"{self.orders[founder]} split at {at.astimezone(UTC).isoformat()} {nth}")
        self._take_out(issue, new, orders, at.timestamp())
        named = tuple(self.orders[order] for order in sorted(orders))
        self.deeds.append(Deed(at, "split", self.ids[issue], self.ids[new], named, by))
        return new

    def _take_out(self, issue: int, new: int, orders: set[int], moment: float) -> None:
        for order in orders:
            self._moved.setdefault(order, []).append((moment, new))
            insort(self._members[new], order, key=self._arrival)
        self._members[issue] = [order for order in self._members[issue] if order not in orders]
        self._latest[issue] = max(moment, self._latest.get(issue, ALWAYS))
        self._latest[new] = moment
        self._apart.add(_ordered(issue, new))
        self._splits.append((issue, new))

    def issue_at(self, order: int, moment: float) -> int:
        """The issue an order was in as things stood at a moment."""
        return self._root_at(self._assigned(order, moment), moment)

    def at(self, order: int, moment: float, since: float = ALWAYS) -> list[int]:
        """The orders received from `since` to `moment` that were in one issue with `order` as things stood then.

        By when they were received. Orders, mergers and splits of after `moment` are not seen.
        """
        issue = self.issue_of(order)
        if moment >= self._latest.get(issue, ALWAYS):
            members = self._members[issue]
            return members[self._span(members, since, moment)]
        return self._as_it_was(order, issue, since, moment)

    def latest(self, order: int, moment: float, since: float, most: int) -> tuple[int, list[int]]:
        """How many `at` would give, and the latest `most` of them: the cost does not grow with the issue."""
        issue = self.issue_of(order)
        if moment >= self._latest.get(issue, ALWAYS):
            members = self._members[issue]
            span = self._span(members, since, moment)
            count = max(0, span.stop - span.start)
            return count, members[max(span.start, span.stop - most) : span.stop]
        found = self._as_it_was(order, issue, since, moment)
        return len(found), found[-most:]

    def state(self) -> State:
        """Everything, as arrays: `ids` (uint64, of issues from 1), `orders` (texts) with `received` (seconds, float64)
        and `joined` (int32, the issue each was put into), and of the deeds `deeds` (int32, shape (deeds, 2): issue and
        other), `deed_at` (times), `deed_orders` (numbers, none in a merger) and `deed_by` (texts)."""
        return self.frozen()()

    def frozen(self) -> Later:
        """Gives `state` as of now."""
        known = (self._number_of_issue, self._number_of_order)  # these only ever grow
        return partial(_state, self.ids[1:], self.orders[:], self.received[:], self._of_order[:], self.deeds[:], *known)

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault where it is none, and then nothing has changed."""
        again = Issues()
        again._fill(Reading("issues", state))
        vars(self).update(vars(again))

    def _fill(self, read: Reading) -> None:
        ids = read.numbers("ids", np.uint64, (None,), 0, 2**60 - 1)
        self.ids += [f"{_PREFIX}{one:015x}" for one in ids.tolist()]
        self._number_of_issue = {one: number for number, one in enumerate(self.ids) if number}
        self.orders = read.texts("orders")
        self._number_of_order = {one: number for number, one in enumerate(self.orders)}
        read.different("ids", self.ids)
        read.different("orders", self.orders)
        self._fill_members(read)
        self._do_again(read)

    def _fill_members(self, read: Reading) -> None:
        """Every order is in the issue that it joined, before any deed."""
        issues, count = len(self.ids), len(self.orders)
        received = read.numbers("received", np.float64, (count,), -_LARGEST, _LARGEST)
        joined = read.numbers("joined", np.int32, (count,), 1, issues - 1)
        self.received, self._of_order = received.tolist(), joined.tolist()
        while len(self.root) < issues:
            self.root = np.concatenate([self.root, np.zeros(len(self.root), dtype=np.int32)])
        self.root[:issues] = np.arange(issues, dtype=np.int32)
        self._parts = {number: [number] for number in range(1, issues)}
        self._members = {number: [] for number in range(1, issues)}
        for order in np.lexsort((np.arange(count), received)).tolist():
            self._members[self._of_order[order]].append(order)

    def _do_again(self, read: Reading) -> None:
        """Do all deeds to all orders: what came after a deed was put where the deed had left things."""
        pairs = read.numbers("deeds", np.int32, (None, 2), 1, len(self.ids) - 1).tolist()
        times, by = read.moments("deed_at", len(pairs)), read.texts("deed_by", len(pairs))
        named = read.runs("deed_orders", len(pairs), 0, len(self.orders) - 1)
        read.nothing_else()
        for at, who, orders, (issue, other) in zip(times, by, named, pairs, strict=True):
            there = issue in self._members and other in self._members and issue < other
            read.must(there, "each deed must be about two issues that there were")
            if orders:
                read.must(set(orders) <= set(self._members[issue]), "a split must be of orders of its issue")
                self._take_out(issue, other, set(orders), at.timestamp())
            else:
                self._take_into(issue, other, at.timestamp())
            ids = tuple(self.orders[order] for order in orders)
            self.deeds.append(Deed(at, "split" if ids else "merged", self.ids[issue], self.ids[other], ids, who))

    def _as_it_was(self, order: int, issue: int, since: float, moment: float) -> list[int]:
        then = self.issue_at(order, moment)
        found = [
            other
            for members in (self._members[one] for one in self._related(issue))
            for other in members[self._span(members, since, moment)]
            if self.issue_at(other, moment) == then
        ]
        return sorted(found, key=self._arrival)

    def _found(self, founder: str) -> int:
        number = len(self.ids)
        issue_id = _issue_id(founder)
        self.ids.append(issue_id)
        self._number_of_issue[issue_id] = number
        if number >= len(self.root):
            self.root = np.concatenate([self.root, np.zeros(len(self.root), dtype=np.int32)])
        self.root[number] = number
        self._parts[number] = [number]
        self._members[number] = []
        return number

    def _join_members(self, kept: int, gone: int) -> None:
        """The fewer are put among the more, so that a giant issue does not cost its size each time."""
        fewer, more = sorted((self._members[kept], self._members.pop(gone)), key=len)
        for order in fewer:
            insort(more, order, key=self._arrival)
        self._members[kept] = more

    def _to_split(self, issue: int, order_ids: Iterable[str]) -> set[int]:
        named = list(dict.fromkeys(order_ids))
        inside = {self.orders[order]: order for order in self._members[issue]}
        problems = [
            Problem(("orders", at), f"{name[:80]!r} is not in issue {self.ids[issue]}")
            for at, name in enumerate(named)
            if name not in inside
        ]
        if not problems and not 0 < len(named) < len(inside):
            problems.append(Problem(("orders",), f"{len(named)} of {len(inside)}: name some of them, not none or all"))
        if problems:
            raise BadInput("split", problems)
        return {inside[name] for name in named}

    def _assigned(self, order: int, moment: float) -> int:
        """The issue an order was put into last, at that moment."""
        moves = self._moved.get(order, ())
        return next((issue for at, issue in reversed(moves) if at <= moment), self._of_order[order])

    def _root_at(self, issue: int, moment: float) -> int:
        while issue in self._into and self._into[issue][1] <= moment:
            issue = self._into[issue][0]
        return issue

    def _related(self, issue: int) -> list[int]:
        """The issue, and those that now hold what a person split off it or what it was split off."""
        found, new = {issue}, [issue]
        while new:
            one = new.pop()
            pairs = [{int(self.root[a]), int(self.root[b])} for a, b in self._splits]
            others = set().union(*(pair for pair in pairs if one in pair)) - found
            found |= others
            new += others
        return sorted(found)

    def _arrival(self, order: int) -> tuple[float, int]:
        return self.received[order], order

    def _span(self, members: list[int], since: float, moment: float) -> slice:
        first = bisect_left(members, since, key=self.received.__getitem__)
        return slice(first, bisect_right(members, moment, key=self.received.__getitem__))


def _state(
    ids: list[str],
    orders: list[str],
    received: list[float],
    joined: list[int],
    deeds: list[Deed],
    issue_numbers: Mapping[str, int],
    order_numbers: Mapping[str, int],
) -> State:
    pairs = [(issue_numbers[deed.issue], issue_numbers[deed.other]) for deed in deeds]
    return {
        "ids": np.array([int(one.removeprefix(_PREFIX), 16) for one in ids], dtype=np.uint64),
        **texts("orders", orders),
        "received": np.array(received, dtype=np.float64),
        "joined": np.array(joined, dtype=np.int32),
        "deeds": np.array(pairs, dtype=np.int32).reshape(-1, 2),
        **moments("deed_at", [deed.at for deed in deeds]),
        **runs("deed_orders", [[order_numbers[one] for one in deed.orders] for deed in deeds]),
        **texts("deed_by", [deed.by for deed in deeds]),
    }


def _ordered(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _issue_id(founder: str) -> str:
    """An id of 60 bits: among a million issues two share one with a chance of one in two million."""
    return _PREFIX + blake2b(founder.encode(errors="surrogatepass"), digest_size=8).hexdigest()[:15]
