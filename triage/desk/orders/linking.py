"""What one process remembers of a policy's orders, kept in step with the ledger that all processes write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from threading import RLock
from typing import Any

from sqlalchemy import Connection

from triage.domain.orders import Caller, Order
from triage.records.entries import CALLER_ERASED, ISSUE_SPLIT, ISSUES_MERGED, RECEIVED, Kept
from triage.records.ledger import entries_after
from triage.records.originals import Originals
from triage.similar.grouping.grouping import Placed
from triage.similar.grouping.lessons import Lesson, lessons
from triage.similar.memory import Categories, Memory, Recalled

_REPLAYED = (RECEIVED, ISSUES_MERGED, ISSUE_SPLIT, CALLER_ERASED)
_AT_ONCE = 500


class Linking:
    """A memory that follows the ledger: orders are taken in by their place there, so that all processes that write to
    one ledger find the same issues.

    What was found when an order came is put down with it and not looked for again, so that ids stay across restarts,
    versions and weights. Safe for several threads.
    """

    def __init__(self, policy: str, new_memory: Callable[[], Memory], originals: Originals) -> None:
        self._policy = policy
        self._new_memory = new_memory
        self._originals = originals
        self._lock = RLock()
        self._memory: Memory | None = None
        self._seq = 0

    def recall(
        self, order: Order, as_of: datetime, *, categories: Categories = (), bodies: Sequence[str] = ()
    ) -> Recalled:
        """What is known about an order; nothing is changed."""
        with self._lock:
            return self._known().recall(order, as_of, categories=categories, bodies=bodies)

    def remember(
        self, order: Order, as_of: datetime, *, categories: Categories, bodies: Sequence[str]
    ) -> tuple[Recalled, Placed]:
        """Take in an order that is being put down, after `follow`; where it was placed. If it is not put down after
        all, `forget`."""
        with self._lock:
            memory = self._known()
            before = len(memory.linker.grouping.issues.deeds)
            recalled = memory.remember(order, as_of, categories=categories, bodies=bodies)
            return recalled, memory.placed(str(order.id), before)

    def merge(self, one: str, other: str, at: datetime, by: str) -> str:
        """Make two issues one because a person says so; the id that stays."""
        with self._lock:
            return self._known().linker.grouping.merge(one, other, at, by)

    def split(self, issue: str, orders: Sequence[str], at: datetime, by: str) -> str:
        """Make some orders of an issue one of their own because a person says so; the new id."""
        with self._lock:
            return self._known().linker.grouping.split(issue, orders, at, by)

    def issue_id(self, issue: str) -> str | None:
        """The id by which an issue goes now, or None where there is none."""
        with self._lock:
            issues = self._known().linker.grouping.issues
            number = issues.get(issue)
            return None if number is None else issues.ids[number]

    def issues_at(self, order_ids: Iterable[str], moment: datetime) -> dict[str, list[str]]:
        """The issues that these orders were in as things stood at a moment, each with its orders received by then."""
        with self._lock:
            issues, at = self._known().linker.grouping.issues, moment.timestamp()
            found: dict[str, list[str]] = {}
            for number in (issues.number(order_id) for order_id in order_ids if order_id in issues):
                issue = issues.ids[issues.issue_at(number, at)]
                if issue not in found:
                    found[issue] = [issues.orders[other] for other in issues.at(number, at)]
            return found

    def lessons(self) -> list[Lesson]:
        """What persons' mergers and splits say of pairs of orders: what the pair model is tuned with."""
        with self._lock:
            return lessons(self._known().linker.grouping.issues)

    def follow(self, connection: Connection, say: Callable[[int], None] = lambda done: None) -> None:
        """Take in what was put down since, by this process or another; `say` gets the number taken in so far."""
        with self._lock:
            done = 0
            while part := entries_after(connection, self._policy, _REPLAYED, self._seq, _AT_ONCE):
                self._take_in(connection, part)
                done += len(part)
                say(done)

    def reached(self, seq: int) -> None:
        """Everything up to this place is taken in."""
        with self._lock:
            self._seq = max(self._seq, seq)

    def forget(self) -> None:
        """Begin again from the ledger: what was taken in last was not kept there."""
        with self._lock:
            self._memory, self._seq = None, 0

    def _known(self) -> Memory:
        if self._memory is None:
            self._memory = self._new_memory()
        return self._memory

    def _take_in(self, connection: Connection, part: list[Kept]) -> None:
        originals = self._originals.open(connection, [kept.seq for kept in part if kept.entry.kind == RECEIVED])
        for kept in part:
            fields, at = kept.entry.fields, kept.entry.at
            grouping = self._known().linker.grouping
            if kept.entry.kind == RECEIVED:
                self._put(kept, originals.get(kept.seq))
            elif kept.entry.kind == ISSUES_MERGED:
                grouping.merge(fields["issue"], fields["other"], at, kept.entry.recorder)
            elif kept.entry.kind == CALLER_ERASED:
                self._known().forget_callers(fields["orders"])
            else:
                grouping.split(fields["issue"], fields["orders"], at, kept.entry.recorder)
            self._seq = kept.seq

    def _put(self, kept: Kept, original: dict[str, Any] | None) -> None:
        """An order whose original was destroyed is remembered by its redacted words and without its caller."""
        fields = kept.entry.fields
        said: Mapping[str, Any] = fields if original is None else original["order"]
        caller = said.get("caller") or {}
        order = Order(
            received_at=kept.entry.at,
            text=str(said.get("text") or ""),
            title=str(said.get("title") or ""),
            id=kept.entry.order_id,
            address=str(said.get("address") or ""),
            caller=Caller(caller.get("name", ""), caller.get("phone", "")),
        )
        merged = tuple((one, other) for one, other in fields["merged"])
        self._known().put(
            order,
            Placed(fields["joined"], merged),
            categories=[(name, chance) for name, chance in fields["likely"]],
            bodies=fields["bodies"],
        )
