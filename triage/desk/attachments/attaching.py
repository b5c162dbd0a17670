"""Attach a file to an order: sealed under its caller's key, and put down in the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from triage.desk.attachments.incoming import Incoming, Seal
from triage.desk.attachments.kinds import ELEMENTS, KINDS, misfit
from triage.desk.attachments.names import safe_name
from triage.desk.orders.books import Books
from triage.desk.orders.views import visible_or_raise
from triage.desk.orders.wording import storable
from triage.domain.errors import BadInput, Conflict, Problem
from triage.domain.people import Actor
from triage.records.attachments import AttachmentRow, add_attachment, attachments_of
from triage.records.entries import ATTACHED, Entry
from triage.records.ledger import Turn
from triage.records.orders import OrderRow
from triage.records.originals import key_of
from triage.records.vault import Vault

MOST = 100
LONGEST_NAME = 1_000
_RANDOM = 16


@dataclass(frozen=True)
class Upload:
    """A file on its way to an order: what it is bound to, the key it is sealed with, and where its bytes go."""

    order_id: str
    bound_to: str
    key_id: int
    file: Incoming


@dataclass(frozen=True)
class AttachmentKept:
    """The number of an attachment in its order; `is_new` is false where the same content was attached before."""

    number: int
    is_new: bool


def begin_upload(
    order_id: str, limit: int, books: Books, by: Actor, random: Callable[[int], bytes] = secrets.token_bytes
) -> Upload:
    """Make ready to take in a file of at most `limit` bytes.

    NotFound where the actor may not see the order; Conflict where its caller was erased.
    """
    with books.ledger.database.reading() as connection:
        order = visible_or_raise(connection, storable(order_id), by)
        key = key_of(connection, order.id)
    if key is None:
        raise _erased()
    bound_to = random(_RANDOM).hex()
    seal = _sealing(books.vault, key.wrapped, order.id, bound_to)
    return Upload(order.id, bound_to, key.id, Incoming(seal, limit))


def attach(upload: Upload, name: str, element: str, books: Books, by: Actor) -> AttachmentKept:
    """Put a file down that was taken in whole; the same content again changes nothing, whatever it is called.

    BadInput with every fault: a kind of file that is not taken, an element that is none or does not fit the kind.
    NotFound and Conflict as at the beginning: much may have happened while the file came in.
    """
    file = upload.file
    _refuse_faults(file, name, element)
    digest = books.vault.digest(file.digest + upload.order_id.encode())
    with books.ledger.turn() as turn:
        order = visible_or_raise(turn.connection, upload.order_id, by)
        kept = [one.row for one in attachments_of(turn.connection, order.id)]
        known = next((row.number for row in kept if row.digest == digest), None)
        if known is not None:
            return AttachmentKept(known, is_new=False)
        _refuse_late(turn, upload, kept)
        number = len(kept) + 1
        _put_down(turn, order, upload, name, element, number, digest, books, by)
        books.restate(turn.connection, order)
        turn.audit(by.id, by.role, "attach", f"{order.id}/{number}")
    return AttachmentKept(number, is_new=True)


def bound(order_id: str, bound_to: str, part: int) -> str:
    """What a sealed part belongs to: elsewhere, or in another place of the file, it does not open."""
    return f"{order_id} attachment {bound_to} {part}"


def _sealing(vault: Vault, wrapped: bytes, order_id: str, bound_to: str) -> Seal:
    return lambda part, content: vault.seal(wrapped, content, bound(order_id, bound_to, part))


def _put_down(
    turn: Turn,
    order: OrderRow,
    upload: Upload,
    name: str,
    element: str,
    number: int,
    digest: str,
    books: Books,
    by: Actor,
) -> None:
    file, kind = upload.file, str(upload.file.kind)
    called = books.originals.seal_more(turn.connection, {"name": safe_name(name, kind)}, order.id)
    if called is None:
        raise _erased()
    told = {"number": number, "element": element, "kind": kind, "size": file.size}
    entry = Entry(
        policy=order.policy,
        kind=ATTACHED,
        at=turn.now,
        fields={**told, "parts": file.count, "sealed": file.sealed, "digest": digest, "bound_to": upload.bound_to},
        recorder=by.id,
        order_id=order.id,
        seal=called.hash,
    )
    seq = turn.add(entry).seq
    books.originals.keep(turn.connection, seq, called)
    row = AttachmentRow(
        seq=seq,
        order_id=order.id,
        number=number,
        element=element,
        kind=kind,
        size=file.size,
        parts=file.count,
        digest=digest,
        bound_to=upload.bound_to,
        key_id=upload.key_id,
    )
    add_attachment(turn.connection, row, file.parts())


def _refuse_late(turn: Turn, upload: Upload, kept: Sequence[AttachmentRow]) -> None:
    """What may have come in between: the caller was erased, or others filled the order up."""
    key = key_of(turn.connection, upload.order_id)
    if key is None or key.id != upload.key_id:
        raise _erased()
    if len(kept) >= MOST:
        raise Conflict("attachment", [Problem((), f"an order has at most {MOST} attachments")])


def _refuse_faults(file: Incoming, name: str, element: str) -> None:
    problems = list(_faults(file, name, element))
    if problems:
        raise BadInput("attachment", problems)


def _faults(file: Incoming, name: str, element: str) -> Iterator[Problem]:
    kind = file.kind
    if not file.size:
        yield Problem(("file",), "is empty")
    elif kind is None:
        yield Problem(("file",), f"is of no kind that is taken, by its content: {', '.join(KINDS)}")
    if len(name) > LONGEST_NAME:
        yield Problem(("file",), f"has a name of {len(name)} characters; {LONGEST_NAME} are allowed")
    if element not in ELEMENTS:
        yield Problem(("element",), f"is one of {', '.join(ELEMENTS)}, not {element[:80]!r}")
    elif kind is not None and (fault := misfit(element, kind)) is not None:
        yield Problem(("element",), fault)


def _erased() -> Conflict:
    return Conflict("attachment", [Problem(("id",), "the order's caller was erased: nothing more can be sealed")])
