"""What the district acknowledged of a batch: put down order by order, and what it did not take comes again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from triage.desk.orders.books import Books
from triage.desk.orders.wording import storable, without_personal
from triage.desk.results.handing_over import batch_or_raise
from triage.domain.errors import BadInput, Conflict, Problem
from triage.domain.people import Actor
from triage.records.columns import canonical, stamp
from triage.records.entries import RESULT_SENT, Entry
from triage.records.ledger import Turn
from triage.records.orders import orders_by_id
from triage.records.results import (
    Batch,
    Item,
    ReceiptRow,
    count_entry,
    drop_changes,
    get_receipt,
    hand_changes,
    items_of,
    put_receipt,
    put_sent,
)

_MOST_FAULTS = 100


@dataclass(frozen=True)
class Receipt:
    """What the district sent back: its own number, when, the orders it took, and those it did not, with the reason."""

    number: str
    at: datetime
    accepted: tuple[str, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Acknowledged:
    """What a receipt came to; `open` are the orders of the batch of which the district has said nothing yet, `is_new`
    is false where the receipt was kept before."""

    batch: int
    number: str
    accepted: int
    rejected: int
    open: int
    is_new: bool


def record_receipt(batch: int, receipt: Receipt, books: Books, by: Actor) -> Acknowledged:
    """Put a receipt down, one entry an order; the same again changes nothing.

    NotFound where the batch is none of this actor's, BadInput with every fault (an order that is not in the batch or
    is named twice), Conflict where the number is kept with something else, or an order was answered before.
    """
    receipt = replace(receipt, number=storable(receipt.number))
    digest = _digest(receipt, books)
    with books.ledger.turn() as turn:
        handed = batch_or_raise(turn.connection, batch, by)
        items = {item.order_id: item for item in items_of(turn.connection, batch)}
        if _is_kept(turn, batch, receipt, digest):
            return _acknowledged(batch, receipt, items, is_new=False)
        _refuse_faults(receipt, items, batch)
        answered = _answered(receipt, items, books, turn)
        row = ReceiptRow(batch, receipt.number, receipt.at, digest, turn.now, by.id)
        _put_down(turn, handed, row, answered, by)
    return _acknowledged(batch, receipt, {**items, **{item.order_id: item for item in answered}}, is_new=True)


def _put_down(turn: Turn, batch: Batch, receipt: ReceiptRow, answered: list[Item], by: Actor) -> None:
    for item in answered:
        turn.add(_entry(batch, receipt, item, by))
    taken = [item for item in answered if item.accepted]
    put_receipt(turn.connection, receipt, answered)
    put_sent(turn.connection, batch.number, receipt.number, taken)
    drop_changes(turn.connection, [(item.order_id, item.seq) for item in taken])
    not_taken = [(item.order_id, item.seq) for item in answered if not item.accepted]
    hand_changes(turn.connection, not_taken, handed_over=False)
    count_entry(turn.connection, [item.order_id for item in answered])
    turn.audit(by.id, by.role, "record receipt", f"{batch.number}/{receipt.number}")


def _entry(batch: Batch, receipt: ReceiptRow, item: Item, by: Actor) -> Entry:
    told = {"batch": batch.number, "receipt": receipt.number, "accepted": item.accepted, "digest": item.digest}
    return Entry(
        policy=batch.policy,
        kind=RESULT_SENT,
        at=receipt.at,
        fields={**told, "reason": item.reason},
        recorder=by.id,
        order_id=item.order_id,
    )


def _answered(receipt: Receipt, items: Mapping[str, Item], books: Books, turn: Turn) -> list[Item]:
    """The items that a receipt speaks of, with what it says; reasons without anything personal."""
    accepted, rejected = frozenset(receipt.accepted), dict(receipt.rejected)
    orders = orders_by_id(turn.connection, rejected)
    originals = books.originals.open(turn.connection, [order.seq for order in orders.values()])
    callers = {name: (originals.get(order.seq) or {}).get("order", {}).get("caller") for name, order in orders.items()}
    answered = []
    for item in items.values():
        if item.order_id in rejected:
            reason = without_personal(rejected[item.order_id], callers.get(item.order_id))
            answered.append(replace(item, receipt=receipt.number, accepted=False, reason=reason))
        elif item.order_id in accepted:
            answered.append(replace(item, receipt=receipt.number, accepted=True))
    return answered


def _is_kept(turn: Turn, batch: int, receipt: Receipt, digest: str) -> bool:
    known = get_receipt(turn.connection, batch, receipt.number)
    if known is not None and known.digest != digest:
        fault = "is kept with something else; what the district said is not rewritten"
        raise Conflict("receipt", [Problem(("number",), fault)])
    return known is not None


def _refuse_faults(receipt: Receipt, items: Mapping[str, Item], batch: int) -> None:
    faults = list(_faults(receipt, items, batch))
    more = len(faults) - _MOST_FAULTS
    told = faults[:_MOST_FAULTS] + ([Problem((), f"and {more} more")] if more > 0 else [])
    if told:
        raise BadInput("receipt", told)
    before = [
        Problem(loc, f"{name[:80]!r} was answered before") for loc, name in _named(receipt) if items[name].receipt
    ]
    if before:
        raise Conflict("receipt", before[:_MOST_FAULTS])


def _faults(receipt: Receipt, items: Mapping[str, Item], batch: int) -> Iterator[Problem]:
    if not receipt.accepted and not receipt.rejected:
        yield Problem((), "speaks of no order")
    named = Counter(name for _, name in _named(receipt))
    for loc, name in _named(receipt):
        if name not in items:
            yield Problem(loc, f"{name[:80]!r} is not in batch {batch}")
        elif named[name] > 1:
            yield Problem(loc, f"{name[:80]!r} is named {named[name]} times")


def _named(receipt: Receipt) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for index, name in enumerate(receipt.accepted):
        yield ("accepted", index), name
    for index, (name, _) in enumerate(receipt.rejected):
        yield ("rejected", index, "id"), name


def _digest(receipt: Receipt, books: Books) -> str:
    """By what a receipt is known again, in whatever order it names the orders; keyed, since reasons may be personal."""
    said = [receipt.number, stamp(receipt.at), sorted(receipt.accepted), sorted(map(list, receipt.rejected))]
    return books.vault.digest(canonical(said).encode("utf-8", "surrogatepass"))


def _acknowledged(batch: int, receipt: Receipt, items: Mapping[str, Item], *, is_new: bool) -> Acknowledged:
    return Acknowledged(
        batch=batch,
        number=receipt.number,
        accepted=len(receipt.accepted),
        rejected=len(receipt.rejected),
        open=sum(item.receipt is None for item in items.values()),
        is_new=is_new,
    )
