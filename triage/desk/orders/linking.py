"""What one process remembers of a policy's orders, kept in step with the ledger that all processes write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from threading import RLock, Thread
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from triage import __version__
from triage.desk.orders.snapshots import FORMAT, Snapshots
from triage.desk.orders.wording import without_personal
from triage.domain.orders import Caller, Order
from triage.records.columns import canonical
from triage.records.entries import CALLER_ERASED, ISSUE_SPLIT, ISSUES_MERGED, RECEIVED, Kept
from triage.records.ledger import entries_after
from triage.records.marks import mark_at
from triage.records.originals import Originals
from triage.similar.grouping.grouping import Placed
from triage.similar.grouping.lessons import Lesson, lessons
from triage.similar.memory import Categories, Memory, ReadOrder, Recalled

_REPLAYED = (RECEIVED, ISSUES_MERGED, ISSUE_SPLIT, CALLER_ERASED)
_AT_ONCE = 500
_READ = TypeAdapter(ReadOrder)
_SHARE = 40
"""One in so many of the orders may have to be read again after a restart."""


class Linking:
    """A memory that follows the ledger: orders are taken in by their place there, so that all processes that write to
    one ledger find the same issues. What was read of an order is sealed with it, so that those who follow need not read
    it again: it holds for whoever reads with the same (`read_with`: the pack's places, and the like).

    What was found when an order came is put down with it and not looked for again, so that ids stay across restarts,
    versions and weights. With `snapshots` it begins from the latest one and keeps one every so many orders; what it
    keeps is what the ledger has. Safe for several threads.
    """

    def __init__(
        self,
        policy: str,
        new_memory: Callable[[], Memory],
        originals: Originals,
        read_with: Mapping[str, str],
        snapshots: Snapshots | None = None,
    ) -> None:
        self._policy = policy
        self._new_memory = new_memory
        self._originals = originals
        self._read_with = {**read_with, "version": __version__, "format": str(FORMAT)}
        self._snapshots = snapshots
        self._lock = RLock()
        self._memory: Memory | None = None
        self._seq = 0
        self._head = -1  # of the ledger, when all of it was taken in
        self._latest: str | None = None  # the order that the entry there is about
        self._begun = False
        self._ahead = False  # of the ledger, by what is being put down
        self._unkept = 0  # entries taken in since the snapshot
        self._overdue = False
        self._kept_at = 0
        self._erased_at = 0
        self._forgotten = 0
        self._writing: Thread | None = None

    def recall(
        self, order: Order, as_of: datetime, *, categories: Categories = (), bodies: Sequence[str] = ()
    ) -> Recalled:
        """What is known about an order; nothing is changed."""
        with self._lock:
            return self._known().recall(order, as_of, categories=_put_down(categories), bodies=_named(bodies))

    def read(self, order: Order, *, categories: Categories, bodies: Sequence[str]) -> ReadOrder:
        """All that an order's own words say, before its turn to be put down: nobody waits for it."""
        memory = self._memory
        if memory is None:
            with self._lock:
                memory = self._known()
        return memory.read(order, categories=_put_down(categories), bodies=_named(bodies))

    def written(self, read: ReadOrder) -> bytes:
        """What was read of an order, as JSON to be sealed with it."""
        return b'{"with":%b,"order":%b}' % (canonical(self._read_with).encode(), _READ.dump_json(read))

    def remember(self, read: ReadOrder, as_of: datetime) -> tuple[Recalled, Placed]:
        """Take in an order that is being put down, after `follow`; where it was placed. If it is not put down after
        all, `forget`."""
        with self._lock:
            memory = self._known()
            before = len(memory.linker.grouping.issues.deeds)
            self._ahead, self._latest = True, read.id
            return memory.take_in(read, as_of), memory.placed(read.id, before)

    def merge(self, one: str, other: str, at: datetime, by: str) -> str:
        """Make two issues one because a person says so; the id that stays."""
        with self._lock:
            self._ahead, self._latest = True, None
            return self._known().linker.grouping.merge(one, other, at, by)

    def split(self, issue: str, orders: Sequence[str], at: datetime, by: str) -> str:
        """Make some orders of an issue one of their own because a person says so; the new id."""
        with self._lock:
            self._ahead, self._latest = True, None
            return self._known().linker.grouping.split(issue, orders, at, by)

    def issue_id(self, issue: str) -> str | None:
        """The id by which an issue goes now, or None where there is none."""
        with self._lock:
            issues = self._known().linker.grouping.issues
            number = issues.get(issue)
            return None if number is None else issues.ids[number]

    def issues_at(self, order_ids: Iterable[str], moment: datetime) -> dict[str, list[str]]:
        """The issues that these orders were in as things stood at a moment, each with all its orders of by then."""
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

    def follow(
        self, connection: Connection, say: Callable[[int], None] = lambda done: None, *, head: int | None = None
    ) -> None:
        """Take in what was put down since, by this process or another; `say` gets the number taken in so far. A writer
        knows the ledger's `head`: where it is still that of before, nothing was."""
        with self._lock:
            if not self._begun:
                self._begin(connection)
            self._known()
            if head is None or head != self._head:
                self._catch_up(connection, say)
                self._head = -1 if head is None else head
            if self._snapshots is not None and self._is_due(self._snapshots):
                self._write(connection, self._snapshots, self._kept_at + 1)

    def reached(self, seq: int) -> None:
        """Everything up to this place, the ledger's head, is taken in."""
        with self._lock:
            self._seq, self._ahead = max(self._seq, seq), False
            self._head = seq
            self._unkept += 1

    def forget(self) -> None:
        """Begin again from the ledger: what was taken in last was not kept there."""
        with self._lock:
            self._forgotten += 1
            self._memory, self._seq, self._head, self._latest = None, 0, -1, None
            self._begun, self._ahead, self._unkept, self._overdue = False, False, 0, False

    def keep(self, connection: Connection) -> None:
        """Have what is remembered in a snapshot, as before the process ends; it is written when this returns."""
        with self._lock:
            if self._snapshots is not None and self._begun:
                self.follow(connection)
                self._await_writing()
                if self._unkept:
                    self._write(connection, self._snapshots, self._seq)
                self._await_writing()

    def _begin(self, connection: Connection) -> None:
        """From the latest snapshot that fits the ledger."""
        self.forget()
        self._begun = True
        if self._snapshots is not None:
            self._seq = self._kept_at = self._snapshots.take_up(self._policy, self._known(), connection)

    def _catch_up(self, connection: Connection, say: Callable[[int], None]) -> None:
        done = 0
        while part := entries_after(connection, self._policy, _REPLAYED, self._seq, _AT_ONCE):
            self._take_in(connection, part)
            done += len(part)
            say(done)

    def _is_due(self, snapshots: Snapshots) -> bool:
        """Of many orders one is due after more, so that writing costs a small share of taking them in."""
        if self._writing is not None and self._writing.is_alive():
            return False
        orders = len(self._known().linker.grouping.issues.orders)
        return self._overdue or self._unkept >= max(snapshots.every, orders // _SHARE)

    def _write(self, connection: Connection, snapshots: Snapshots, enough: int) -> None:
        """Begin to write a snapshot, unless there is one already that stands for this place or a later one."""
        mark = mark_at(connection, self._policy, self._seq)
        if self._ahead or mark is None or mark.order_id != self._latest:
            return  # something is just being put down, or was given up: it is written another time
        memory, self._unkept, self._overdue = self._known(), 0, False
        self._kept_at = snapshots.reached(self._policy, memory, connection)
        if self._kept_at >= enough:
            return
        header, forgotten = snapshots.header(self._policy, memory, mark), self._forgotten

        def is_wanted() -> bool:
            return self._forgotten == forgotten and self._erased_at <= mark.seq

        self._kept_at = mark.seq
        self._writing = Thread(target=snapshots.keep, args=(header, memory.frozen(), is_wanted), name="snapshot")
        self._writing.start()

    def _await_writing(self) -> None:
        if self._writing is not None:
            self._writing.join()

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
                self._erase(kept)
            else:
                grouping.split(fields["issue"], fields["orders"], at, kept.entry.recorder)
            self._seq, self._latest = kept.seq, kept.entry.order_id
            self._unkept += 1

    def _erase(self, kept: Kept) -> None:
        """No snapshot may know a caller longer than the ledger does; the next one is due at once."""
        self._known().forget_callers(kept.entry.fields["orders"])
        self._erased_at = kept.seq
        if self._snapshots is not None:
            self._snapshots.drop_older(self._policy, kept.seq)
            self._overdue = True

    def _put(self, kept: Kept, original: Mapping[str, Any] | None) -> None:
        fields = kept.entry.fields
        merged = tuple((one, other) for one, other in fields["merged"])
        self._known().put(
            self._read_before(original) or self._read_again(kept, original), Placed(fields["joined"], merged)
        )

    def _read_before(self, original: Mapping[str, Any] | None) -> ReadOrder | None:
        found = None if original is None else original.get("read")
        if found is None or found["with"] != self._read_with:
            return None
        return _READ.validate_json(canonical(found["order"]))

    def _read_again(self, kept: Kept, original: Mapping[str, Any] | None) -> ReadOrder:
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
        likely = [(name, chance) for name, chance in fields["likely"]]
        return self._known().read(order, categories=likely, bodies=fields["bodies"])


def _put_down(categories: Categories) -> Categories:
    """As the ledger has them: whoever reads them there must find the same."""
    return [(name, round(float(chance), 4)) for name, chance in categories]


def _named(bodies: Sequence[str]) -> list[str]:
    return [without_personal(body) for body in bodies]
