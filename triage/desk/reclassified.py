"""Put a model's categories into the ledger, a batch at a time, and take a batch back; nothing is rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from triage.desk.orders.wording import without_personal
from triage.domain.errors import BadInput, NotFound, Problem
from triage.domain.people import Actor
from triage.records.entries import FEEDBACK, RECLASSIFICATION_UNDONE, RECLASSIFIED, Entry, Kept
from triage.records.ledger import Ledger, Turn, entries_after, entries_of_all
from triage.records.orders import CLOSED, OrderRow, orders_by_id
from triage.records.reclassified import is_settling, put_categories

CHANGED, KNOWN = "changed", "known"
UNDONE = "undone"
SETTLED, NEWER, IS_CLOSED, GONE = "settled_by_a_person", "changed_since", "closed", "gone"
"""Why an order is left as it is."""

LONGEST_WHY = 2_000
_AT_ONCE = 200
_PAGE = 1_000

Say = Callable[[int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """What changes together and can be taken back together: `model` is a name, `digest` that of its manifest."""

    id: str
    policy: str
    model: str
    version: str
    digest: str
    why: str
    closed_too: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One order's category as it was when it was read, "" for none, and the one that the model gives."""

    order_id: str
    before: str
    category: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a batch that was taken back: orders by the reason for which they stay as they are."""

    undone: int
    known: int
    kept: dict[str, list[str]]


def apply_changes(ledger: Ledger, batch: Batch, changes: Iterable[Change], by: Actor, say: Say) -> Counter[str]:
    """Give orders the categories of a batch, a few hundred at a time; how many were changed, were so already
    (`known`), or were left alone and why.

    Stopped, it is given once more and goes on. An order whose category is no longer what it was when the model read it
    stays as it is, and so does one on whose category a person has said a word. BadInput without a reason `why`.
    """
    _refuse_no_reason(batch.why)
    found: Counter[str] = Counter()
    for part in _parts(changes):
        with ledger.turn() as turn:
            found += _apply_part(turn, batch, part, by)
        say(found.total())
    return found


def undo_batch(ledger: Ledger, policy: str, batch_id: str, why: str, by: Actor, say: Say) -> Undone:
    """Give the orders of a batch their categories of before, unless something newer has changed them.

    NotFound where the ledger knows no such batch, BadInput without a reason `why`.
    """
    _refuse_no_reason(why)
    undone = known = 0
    kept: dict[str, list[str]] = {}
    for part in _parts(_entries_of_batch(ledger, policy, batch_id)):
        with ledger.turn() as turn:
            found = _undo_part(turn, part, batch_id, without_personal(why), by)
        for order_id, outcome in found.items():
            undone, known = undone + (outcome == UNDONE), known + (outcome == KNOWN)
            if outcome not in (UNDONE, KNOWN):
                kept.setdefault(outcome, []).append(order_id)
        say(undone)
    if not undone and not known and not kept:
        raise NotFound("batch", [Problem(("batch",), f"the ledger has none of id {batch_id[:80]!r} under {policy}")])
    return Undone(undone, known, kept)


def _apply_part(turn: Turn, batch: Batch, part: Sequence[Change], by: Actor) -> Counter[str]:
    ids = [change.order_id for change in part]
    orders, entries = orders_by_id(turn.connection, ids), entries_of_all(turn.connection, ids)
    found: Counter[str] = Counter()
    put: dict[str, str | None] = {}
    for change in part:
        event_id = f"{batch.id}/{change.order_id}"
        outcome = _outcome(orders.get(change.order_id), entries[change.order_id], batch, change, event_id)
        found[outcome] += 1
        if outcome == CHANGED:
            fields = {
                "category": change.category,
                "before": change.before or None,
                "confidence": change.confidence,
                "model": batch.model,
                "version": batch.version,
                "digest": batch.digest,
                "batch": batch.id,
                "why": without_personal(batch.why),
            }
            turn.add(_entry(turn, batch.policy, RECLASSIFIED, fields, by, change.order_id, event_id))
            put[change.order_id] = change.category
    _put(turn, put, by, "reclassify", batch.id)
    return found


def _outcome(order: OrderRow | None, entries: Sequence[Kept], batch: Batch, change: Change, event_id: str) -> str:
    if order is None or order.policy != batch.policy:
        return GONE
    if any(kept.entry.event_id == event_id for kept in entries):
        return KNOWN
    if _is_settled(entries):
        return SETTLED
    if (order.category or "") != change.before:
        return NEWER
    return IS_CLOSED if order.status == CLOSED and not batch.closed_too else CHANGED


def _undo_part(turn: Turn, part: Sequence[Kept], batch_id: str, why: str, by: Actor) -> dict[str, str]:
    ids = [str(kept.entry.order_id) for kept in part]
    orders, entries = orders_by_id(turn.connection, ids), entries_of_all(turn.connection, ids)
    found: dict[str, str] = {}
    put: dict[str, str | None] = {}
    for kept in part:
        order_id, told = str(kept.entry.order_id), kept.entry.fields
        event_id = f"{kept.entry.event_id}/undone"
        later = [one for one in entries[order_id] if one.seq > kept.seq]
        if any(one.entry.event_id == event_id for one in later):
            found[order_id] = KNOWN
        elif _is_settled(later):
            found[order_id] = SETTLED
        elif order_id not in orders or orders[order_id].category != told["category"]:
            found[order_id] = NEWER
        else:
            fields = {"category": told["before"], "before": told["category"], "batch": batch_id, "why": why}
            turn.add(_entry(turn, kept.entry.policy, RECLASSIFICATION_UNDONE, fields, by, order_id, event_id))
            put[order_id] = told["before"]
            found[order_id] = UNDONE
    _put(turn, put, by, "undo reclassification", batch_id)
    return found


def _put(turn: Turn, put: dict[str, str | None], by: Actor, action: str, batch_id: str) -> None:
    if put:
        put_categories(turn.connection, put)
        turn.audit(by.id, by.role, action, f"{batch_id}: {len(put)} orders")


def _entry(
    turn: Turn, policy: str, kind: str, fields: Mapping[str, object], by: Actor, order_id: str, event_id: str
) -> Entry:
    return Entry(policy, kind, turn.now, fields, by.id, order_id=order_id, event_id=event_id)


def _is_settled(entries: Iterable[Kept]) -> bool:
    return any(kept.entry.kind == FEEDBACK and is_settling(kept.entry.fields) for kept in entries)


def _entries_of_batch(ledger: Ledger, policy: str, batch_id: str) -> Iterator[Kept]:
    """What a batch changed, in order, page by page: nothing is held open between two pages."""
    after = 0
    while True:
        with ledger.database.reading() as connection:
            page = entries_after(connection, policy, [RECLASSIFIED], after, _PAGE)
        if not page:
            return
        yield from (kept for kept in page if kept.entry.fields["batch"] == batch_id)
        after = page[-1].seq


def _parts(every: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(every)
    while part := list(islice(waiting, _AT_ONCE)):
        yield part


def _refuse_no_reason(why: str) -> None:
    if not 0 < len(why.strip()) <= LONGEST_WHY:
        raise BadInput("reclassify", [Problem(("why",), f"is needed: 1 to {LONGEST_WHY} characters")])
