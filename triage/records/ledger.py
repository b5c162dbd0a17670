"""The ledger: entries are added under one lock, numbered without gaps and chained; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection, insert, select, update

from triage.records.chain import START, Link, faults, link_hash
from triage.records.columns import stamp
from triage.records.database import Database
from triage.records.entries import Entry, Kept, content_of, kept_from, link_from
from triage.records.tables import AUDIT, ENTRIES, HEAD

_PAGE = 1_000
_ENTRIES_HEAD, _AUDIT_HEAD = 1, 2


class Turn:
    """One writer's turn: what is added in it is kept together or not at all."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def add(self, entry: Entry) -> Kept:
        """Put an entry down; its place."""
        seq, previous = _head(self.connection, _ENTRIES_HEAD)
        link = link_hash(previous, seq + 1, content_of(entry, self.now))
        row = {name: getattr(entry, name) for name in Entry.__slots__}
        self.connection.execute(insert(ENTRIES), {**row, "seq": seq + 1, "recorded_at": self.now, "hash": link})
        _move_head(self.connection, _ENTRIES_HEAD, seq + 1, link)
        return Kept(seq + 1, self.now, entry)

    def audit(self, who: str, role: str, action: str, target: str) -> None:
        """Put down who did what to what."""
        seq, previous = _head(self.connection, _AUDIT_HEAD)
        link = link_hash(previous, seq + 1, _audited(self.now, who, role, action, target))
        row = {"seq": seq + 1, "at": self.now, "who": who, "role": role, "action": action, "target": target}
        self.connection.execute(insert(AUDIT), {**row, "hash": link})
        _move_head(self.connection, _AUDIT_HEAD, seq + 1, link)


class Ledger:
    """Reads and writes the ledger of one database; `now` tells the time at which something is put down."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.database = database
        self._now = now
        self._lock = Lock()  # threads of one process queue here: a database's own lock is waited for by polling

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """The only writer until the block ends; an error in it leaves nothing behind."""
        with self._lock, self.database.writing() as connection:
            yield Turn(connection, self._now())

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
        return None

    def _links(self) -> Iterator[Link]:
        with self.database.reading() as connection:
            rows = connection.execution_options(yield_per=_PAGE).execute(select(ENTRIES).order_by(ENTRIES.c.seq))
            yield from map(link_from, rows)

    def _audit_links(self) -> Iterator[Link]:
        with self.database.reading() as connection:
            rows = connection.execution_options(yield_per=_PAGE).execute(select(AUDIT).order_by(AUDIT.c.seq))
            for row in rows:
                yield Link(row.seq, _audited(row.at, row.who, row.role, row.action, row.target), row.hash)


def entries_after(connection: Connection, policy: str, kinds: Collection[str], seq: int) -> Iterator[Kept]:
    """A policy's entries of these kinds with a higher place, in order."""
    wanted = (
        select(ENTRIES)
        .where(ENTRIES.c.policy == policy, ENTRIES.c.kind.in_(kinds), ENTRIES.c.seq > seq)
        .order_by(ENTRIES.c.seq)
    )
    yield from map(kept_from, connection.execution_options(yield_per=_PAGE).execute(wanted))


def entries_of(connection: Connection, order_id: str) -> list[Kept]:
    """Everything put down about an order, in order."""
    wanted = select(ENTRIES).where(ENTRIES.c.order_id == order_id).order_by(ENTRIES.c.seq)
    return [kept_from(row) for row in connection.execute(wanted)]


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
    row = connection.execute(select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.id == which)).one_or_none()
    return (0, START) if row is None else (int(row.seq), str(row.hash))


def _move_head(connection: Connection, which: int, seq: int, link: str) -> None:
    connection.execute(update(HEAD).where(HEAD.c.id == which).values(seq=seq, hash=link))
