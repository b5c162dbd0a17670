"""What was suggested when an order came, beside what became of it: the rows behind "where does the model err"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.domain.vocabulary import EventKind
from triage.policy.judging.history import known_at
from triage.policy.scoring.work import units_of
from triage.records.activity import entries_of_kind, rows_of
from triage.records.entries import RECEIVED, Kept
from triage.records.ledger import entries_of_all
from triage.records.orders import OrderRow


@dataclass(frozen=True, slots=True)
class Suggested:
    """One order: the category that was read of it with its probability, the one it has now, and the units.

    `units` were put forward, best first; `first` is the unit first dispatched to, `last` the one that had it in the
    end, `returned` whether a unit asked to hand it back.
    """

    order_id: str
    category: str | None
    chance: float
    category_now: str | None
    units: tuple[str, ...]
    first: str | None
    last: str | None
    returned: bool


def suggested_orders(books: Books, policy: str) -> list[Suggested]:
    """What was suggested of a policy's orders, in the order of the ledger."""
    return list(_suggested_orders(books, policy))


def _suggested_orders(books: Books, policy: str) -> Iterator[Suggested]:
    with books.ledger.database.reading() as connection:
        received = entries_of_kind(connection, policy, RECEIVED)
        ids = [str(kept.entry.order_id) for kept in received]
        rows, entries = rows_of(connection, ids), entries_of_all(connection, ids)
    for kept, name in zip(received, ids, strict=True):
        yield _suggested(kept, rows[name], entries[name], books)


def _suggested(kept: Kept, row: OrderRow, entries: list[Kept], books: Books) -> Suggested:
    fields = kept.entry.fields
    seen = known_at(row.received_at, tuple(events_of(entries)), books.now())
    sent = [event for event in seen if event.kind is EventKind.DISPATCHED]
    return Suggested(
        order_id=row.id,
        category=fields["category"],
        chance=dict(fields["likely"]).get(fields["category"], 1.0),
        category_now=row.category,
        units=tuple(fields["derived"].get("candidate_units", ())),
        first=sent[0].get("unit") if sent else None,
        last=units_of(seen)[0],
        returned=any(event.kind is EventKind.RETURN_REQUESTED for event in seen),
    )
