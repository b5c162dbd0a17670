"""What an order has attached, and the content of one attachment: audited, to those alone who may read what is
personal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.desk.access.rights import Right, may
from triage.desk.attachments.attaching import bound
from triage.desk.attachments.kinds import KINDS
from triage.desk.orders.books import Books
from triage.desk.orders.views import audit_read, visible_or_raise
from triage.desk.orders.wording import storable
from triage.domain.errors import Forbidden, NotFound, Problem
from triage.domain.people import Actor
from triage.records.attachments import Attached, AttachmentRow, attachments_of, get_attachment, get_part
from triage.records.vault import CannotOpen


class ContentErased(NotFound):
    """An attachment whose content nobody can read any more: its caller was erased."""


@dataclass(frozen=True)
class AttachmentView:
    """One attachment as a list shows it: `name` is None for who may not read what is personal, and where it was
    erased; then `readable` is false."""

    number: int
    element: str
    kind: str
    media_type: str
    size: int
    name: str | None
    readable: bool
    added_at: datetime
    added_by: str


@dataclass(frozen=True)
class AttachmentList:
    """All attachments of an order, by number, and the order's version."""

    items: tuple[AttachmentView, ...]
    version: int


@dataclass(frozen=True)
class Content:
    """An attachment with its bytes, opened part by part as they are asked for."""

    view: AttachmentView
    parts: Iterator[bytes]


def list_attachments(order_id: str, books: Books, by: Actor) -> AttachmentList:
    """What an order has attached; names, where they are shown, are put into the audit log as read.

    NotFound where the actor may not see the order.
    """
    personal = may(by.role, Right.READ_PERSONAL)
    with books.ledger.database.reading() as connection:
        order = visible_or_raise(connection, storable(order_id), by)
        found = attachments_of(connection, order.id)
        names = books.originals.open(connection, [one.row.seq for one in found]) if personal else {}
    if names:
        audit_read(books, by, "list attachments", order.id)
    items = tuple(_view(one, names.get(one.row.seq, {}).get("name")) for one in found)
    return AttachmentList(items, order.version)


def open_attachment(order_id: str, number: int, books: Books, by: Actor) -> Content:
    """One attachment with its content, put into the audit log before a byte is answered.

    NotFound where the actor may not see the order or it has no such attachment, ContentErased where its caller was
    erased, Forbidden where the role may not read what is personal, CannotOpen where it was changed.
    """
    with books.ledger.database.reading() as connection:
        order = visible_or_raise(connection, storable(order_id), by)
        found = get_attachment(connection, order.id, number)
        if found is None:
            raise NotFound("attachment", [Problem(("number",), "the order has no such attachment")])
        if not may(by.role, Right.READ_PERSONAL):
            raise Forbidden("not yours to read", [Problem(("role",), f"{by.role} has no right to read_personal")])
        named = books.originals.open(connection, [found.row.seq]).get(found.row.seq)
    if found.key is None or named is None:
        raise ContentErased(
            "attachment", [Problem(("number",), "the order's caller was erased, and its files with it")]
        )
    first = _part(books, found.row, found.key, 0)
    audit_read(books, by, "read attachment", f"{order.id}/{number}")
    return Content(_view(found, named["name"]), _parts(books, found.row, found.key, first))


def _parts(books: Books, row: AttachmentRow, key: bytes, first: bytes) -> Iterator[bytes]:
    """The content part by part; nothing is held open while whoever asked takes their time."""
    yield first
    for part in range(1, row.parts):
        yield _part(books, row, key, part)


def _part(books: Books, row: AttachmentRow, key: bytes, part: int) -> bytes:
    with books.ledger.database.reading() as connection:
        sealed = get_part(connection, row.seq, part)
    if sealed is None:
        raise CannotOpen(f"attachment of entry {row.seq}: part {part} of {row.parts} is missing")
    return books.vault.open(key, sealed, bound(row.order_id, row.bound_to, part))


def _view(one: Attached, name: str | None) -> AttachmentView:
    row = one.row
    return AttachmentView(
        number=row.number,
        element=row.element,
        kind=row.kind,
        media_type=KINDS[row.kind].media_type,
        size=row.size,
        name=name,
        readable=one.key is not None,
        added_at=one.at,
        added_by=one.recorder,
    )
