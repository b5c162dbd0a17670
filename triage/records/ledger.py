"""The ledger: entries are added under one lock, numbered without gaps and chained; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, insert, select, update

from triage.records.attachments import exchanged_attachment
from triage.records.chain import START, Link, faults, link_hash
from triage.records.columns import stamp
from triage.records.database import Database
from triage.records.entries import Entry, Kept, content_of, kept_from, link_from
from triage.records.originals import seal_of
from triage.records.tables import AUDIT, ENTRIES, HEAD, ORIGINALS

_PAGE = 1_000
_ENTRIES_HEAD, _AUDIT_HEAD = 1, 2
_WHICH = HEAD.c.id == bindparam("which")
# Statements of every write are put together once: SQLAlchemy takes longer for that than SQLite for running them.
_READ_HEAD = select(HEAD.c.seq, HEAD.c.hash).where(_WHICH)
_MOVE_HEAD = update(HEAD).where(_WHICH).values(seq=bindparam("seq"), hash=bindparam("hash"))
_ADD_ENTRY, _ADD_AUDIT = insert(ENTRIES), insert(AUDIT)
_AFTER = (
    select(ENTRIES)
    .where(
        ENTRIES.c.policy == bindparam("policy"),
        ENTRIES.c.kind.in_(bindparam("kinds", expanding=True)),
        ENTRIES.c.seq > bindparam("after"),
    )
    .order_by(ENTRIES.c.seq)
    .limit(bindparam("most"))
)
_OF_ORDER = select(ENTRIES).where(ENTRIES.c.order_id == bindparam("wanted")).order_by(ENTRIES.c.seq)


class Turn:
    """One writer's turn: what is added in it is kept together or not at all."""

    def __init__(self, connection: Connection, now: datetime, undoing: list[Callable[[], None]]) -> None:
        self.connection = connection
        self.now = now
        self._undoing = undoing
        self._heads: dict[int, tuple[int, str]] = {}

    @property
    def head(self) -> int:
        """The place of the latest entry, 0 where there is none."""
        return self._head(_ENTRIES_HEAD)[0]

    def add(self, entry: Entry) -> Kept:
        """Put an entry down; its place."""
        seq, previous = self._head(_ENTRIES_HEAD)
        link = link_hash(previous, seq + 1, content_of(entry, self.now))
        row = {name: getattr(entry, name) for name in Entry.__slots__}
        self.connection.execute(_ADD_ENTRY, {**row, "seq": seq + 1, "recorded_at": self.now, "hash": link})
        self._move_head(_ENTRIES_HEAD, seq + 1, link)
        return Kept(seq + 1, self.now, entry)

    def undo(self, what: Callable[[], None]) -> None:
        """What is to be done if this turn is not kept after all, before anybody else has theirs."""
        self._undoing.append(what)

    def audit(self, who: str, role: str, action: str, target: str) -> None:
        """Put down who did what to what."""
        seq, previous = self._head(_AUDIT_HEAD)
        link = link_hash(previous, seq + 1, _audited(self.now, who, role, action, target))
        row = {"seq": seq + 1, "at": self.now, "who": who, "role": role, "action": action, "target": target}
        self.connection.execute(_ADD_AUDIT, {**row, "hash": link})
        self._move_head(_AUDIT_HEAD, seq + 1, link)

    def _head(self, which: int) -> tuple[int, str]:
        if which not in self._heads:
            self._heads[which] = _head(self.connection, which)
        return self._heads[which]

    def _move_head(self, which: int, seq: int, link: str) -> None:
        self.connection.execute(_MOVE_HEAD, {"which": which, "seq": seq, "hash": link})
        self._heads[which] = seq, link


class Ledger:
    """Reads and writes the ledger of one database; `now` tells the time at which something is put down."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.database = database
        self._now = now
        self._lock = Lock()  # threads of one process queue here: a database's own lock is waited for by polling

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """The only writer until the block ends; an error in it leaves nothing behind."""
        undoing: list[Callable[[], None]] = []
        with self._lock:
            try:
                with self.database.writing() as connection:
                    yield Turn(connection, self._now(), undoing)
            except BaseException:
                for undo in undoing:
                    undo()
                raise

    def head(self) -> int:
        """The place of the latest entry, 0 where there is none."""
        with self.database.reading() as connection:
            return _head(connection, _ENTRIES_HEAD)[0]

    def broken_link(self) -> str | None:
        """The first broken link of the entries or of the audit log, or None where both chains hold."""
        for name, head, links in (
            ("ledger", _ENTRIES_HEAD, self._links()),
            ("audit log", _AUDIT_HEAD, self._audit_links()),
        ):
            with self.database.reading() as connection:
                last = _head(connection, head)
            fault = next(faults(_until_head(links, last)), None)
            if fault is not None:
                return f"{name}: {fault}"
        return self._exchanged_original() or exchanged_attachment(self.database)

    def _exchanged_original(self) -> str | None:
        """The first original that is not what its entry says was sealed."""
        both = (
            select(ENTRIES.c.seq, ENTRIES.c.seal, ORIGINALS.c.sealed)
            .join(ORIGINALS, ORIGINALS.c.seq == ENTRIES.c.seq, isouter=True)
            .where(ENTRIES.c.seal.is_not(None))
        )
        for row in self._rows(both, ENTRIES.c.seq):
            if row.sealed is None:
                return f"ledger: the original of entry {row.seq} is missing"
            if seal_of(row.sealed) != row.seal:
                return f"ledger: the original of entry {row.seq} was exchanged"
        return None

    def _links(self) -> Iterator[Link]:
        yield from map(link_from, self._rows(select(ENTRIES), ENTRIES.c.seq))

    def _audit_links(self) -> Iterator[Link]:
        for row in self._rows(select(AUDIT), AUDIT.c.seq):
            yield Link(row.seq, _audited(row.at, row.who, row.role, row.action, row.target), row.hash)

    def _rows(self, query: Select[Any], seq: Column[int]) -> Iterator[Row[Any]]:
        """All rows in the order of their places, page by page: nothing is held open between two pages."""
        after = 0
        while True:
            with self.database.reading() as connection:
                page = connection.execute(query.where(seq > after).order_by(seq).limit(_PAGE)).all()
            if not page:
                return
            yield from page
            after = page[-1].seq


def entries_after(
    connection: Connection, policy: str, kinds: Collection[str], seq: int, limit: int = _PAGE
) -> list[Kept]:
    """The first entries of a policy and of these kinds with a higher place, in order."""
    asked = {"policy": policy, "kinds": list(kinds), "after": seq, "most": limit}
    return [kept_from(row) for row in connection.execute(_AFTER, asked)]


def entries_of(connection: Connection, order_id: str) -> list[Kept]:
    """Everything put down about an order, in order."""
    return [kept_from(row) for row in connection.execute(_OF_ORDER, {"wanted": order_id})]


def entries_of_all(connection: Connection, order_ids: Collection[str]) -> dict[str, list[Kept]]:
    """The same of several orders, by id; each has a list."""
    found: dict[str, list[Kept]] = {order_id: [] for order_id in order_ids}
    wanted = sorted(found)
    for start in range(0, len(wanted), _PAGE):
        part = wanted[start : start + _PAGE]
        rows = connection.execute(select(ENTRIES).where(ENTRIES.c.order_id.in_(part)).order_by(ENTRIES.c.seq))
        for kept in map(kept_from, rows):
            found[str(kept.entry.order_id)].append(kept)
    return found


def _until_head(links: Iterator[Link], last: tuple[int, str]) -> Iterator[Link]:
    """The links up to the head as it was read; what was cut off at the end shows as missing, what comes later is not
    looked at. The head itself follows as one more link, so that its hash must be that of the last."""
    seq, known = last
    found = 0
    for link in links:
        if link.seq > seq:
            break
        found = link.seq
        yield Link(link.seq, link.content, known) if link.seq == seq else link
    if found < seq:
        yield Link(seq + 1, (), "")


def _audited(at: datetime, who: str, role: str, action: str, target: str) -> list[str]:
    return [stamp(at), who, role, action, target]


def _head(connection: Connection, which: int) -> tuple[int, str]:
    row = connection.execute(_READ_HEAD, {"which": which}).one_or_none()
    return (0, START) if row is None else (int(row.seq), str(row.hash))
