"""Attachments as the database keeps them: rows, sealed parts, and the check that they are what the chain says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from triage.records.attachment_tables import ATTACHMENT_PARTS, ATTACHMENTS
from triage.records.database import Database
from triage.records.entries import ATTACHED
from triage.records.tables import ENTRIES, KEYS


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One attachment: the place of its entry, its number in the order, what it is of the reply and of what kind of
    file, its bytes before sealing, and in how many parts they are kept; `bound_to` is what those belong to."""

    seq: int
    order_id: str
    number: int
    element: str
    kind: str
    size: int
    parts: int
    digest: str
    bound_to: str
    key_id: int


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment with when and by whom it was put down; `key` is None where it was destroyed."""

    row: AttachmentRow
    at: datetime
    recorder: str
    key: bytes | None


_NAMES = tuple(field.name for field in fields(AttachmentRow))


def add_attachment(connection: Connection, row: AttachmentRow, parts: Iterable[bytes]) -> None:
    """Put down an attachment with its sealed parts, one after the other: none is held longer than it takes."""
    connection.execute(insert(ATTACHMENTS), asdict(row))
    for part, sealed in enumerate(parts):
        connection.execute(insert(ATTACHMENT_PARTS), {"seq": row.seq, "part": part, "sealed": sealed})


def attachments_of(connection: Connection, order_id: str) -> list[Attached]:
    """All attachments of an order, by number."""
    query = _query().where(ATTACHMENTS.c.order_id == order_id).order_by(ATTACHMENTS.c.number)
    return [_attached(row) for row in connection.execute(query)]


def get_attachment(connection: Connection, order_id: str, number: int) -> Attached | None:
    """One attachment of an order, or None."""
    query = _query().where(ATTACHMENTS.c.order_id == order_id, ATTACHMENTS.c.number == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else _attached(row)


def get_part(connection: Connection, seq: int, part: int) -> bytes | None:
    """One sealed part of an attachment, or None."""
    query = select(ATTACHMENT_PARTS.c.sealed).where(ATTACHMENT_PARTS.c.seq == seq, ATTACHMENT_PARTS.c.part == part)
    sealed: bytes | None = connection.execute(query).scalar()
    return sealed


def exchanged_attachment(database: Database) -> str | None:
    """The first attachment that is missing or not what its entry says was sealed; None where all are as they were."""
    with database.reading() as connection:
        query = select(ENTRIES.c.seq, ENTRIES.c.fields).where(ENTRIES.c.kind == ATTACHED).order_by(ENTRIES.c.seq)
        told = [(row.seq, row.fields["parts"], row.fields["sealed"]) for row in connection.execute(query)]
    for seq, parts, sealed in told:
        found = hashlib.sha256()
        for part in _parts(database, seq, parts):
            found.update(part)
        if found.hexdigest() != sealed:
            return f"ledger: the attachment of entry {seq} is missing or was exchanged"
    return None


def _parts(database: Database, seq: int, parts: int) -> Iterator[bytes]:
    """The parts there are; each is read by itself, so that nothing large is held in memory or open."""
    for part in range(parts):
        with database.reading() as connection:
            sealed = get_part(connection, seq, part)
        if sealed is not None:
            yield sealed
    with database.reading() as connection:
        kept = select(func.count()).select_from(ATTACHMENT_PARTS).where(ATTACHMENT_PARTS.c.seq == seq)
        if connection.execute(kept).scalar_one() != parts:
            yield b"more, or fewer"


def _query() -> Select[Any]:
    return (
        select(ATTACHMENTS, ENTRIES.c.recorded_at, ENTRIES.c.recorder, KEYS.c.wrapped)
        .join(ENTRIES, ENTRIES.c.seq == ATTACHMENTS.c.seq)
        .join(KEYS, KEYS.c.id == ATTACHMENTS.c.key_id)
    )


def _attached(row: Row[Any]) -> Attached:
    kept = AttachmentRow(**{name: getattr(row, name) for name in _NAMES})
    return Attached(kept, row.recorded_at, row.recorder, row.wrapped)
