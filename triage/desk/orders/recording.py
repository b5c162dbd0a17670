"""Record what happened to an order: each event is admitted by the policy and put down, and the order's row follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from triage.desk.access.events import refuse_foreign
from triage.desk.orders.books import Books
from triage.desk.orders.projection import case_of
from triage.desk.orders.views import visible_or_raise
from triage.desk.orders.wording import redacted
from triage.domain.decisions import Reason
from triage.domain.errors import BadInput, Conflict, Problem, Refused
from triage.domain.events import Event
from triage.domain.people import Actor
from triage.domain.vocabulary import EventKind
from triage.policy.events import parse_events
from triage.policy.judging.admission import refusals
from triage.policy.judging.facts import Case
from triage.records.entries import Entry
from triage.records.ledger import Turn, entries_of
from triage.records.orders import OrderRow

MOST_EVENTS = 500


@dataclass(frozen=True)
class Recorded:
    """What was put down: the order as it stands now, the ids of the events in the order they were sent, and which of
    them were known before."""

    order: OrderRow
    ids: tuple[str, ...]
    known: tuple[str, ...]


def record(
    order_id: str,
    raw: Sequence[Any],
    books: Books,
    by: Actor,
    *,
    if_version: int | None = None,
    happened: bool = False,
) -> Recorded:
    """Put events down, all of them or, where one is refused, none. An event whose id is known changes nothing.

    What has `happened` elsewhere already, as a backlog tells, is not asked whether it may.

    NotFound where the actor may not see the order, BadInput for events of no shape, Refused with the clauses where the
    policy forbids one, Conflict where `if_version` is no longer the order's version.
    """
    if not 0 < len(raw) <= MOST_EVENTS:
        raise BadInput("events", [Problem(("events",), f"must be 1 to {MOST_EVENTS}, not {len(raw)}")])
    events = parse_events(raw)
    with books.ledger.turn() as turn:
        order = visible_or_raise(turn.connection, order_id, by)
        if if_version is not None and if_version != order.version:
            raise Conflict("order", [Problem(("version",), f"is {order.version} by now, not {if_version}")])
        return _put_down(order, raw, events, books, turn, by, admit=not happened)


def _put_down(
    order: OrderRow, raw: Sequence[Any], events: Sequence[Event], books: Books, turn: Turn, by: Actor, *, admit: bool
) -> Recorded:
    entries = entries_of(turn.connection, order.id)
    case = case_of(order, entries)
    town = books.town(order.policy, order.received_at)
    known = {kept.entry.event_id for kept in entries}
    original = books.originals.open(turn.connection, [order.seq]).get(order.seq)
    caller = original["order"]["caller"] if original else None
    ids, old, count = [], [], len(entries)
    for index, (item, event) in enumerate(zip(raw, events, strict=True)):
        if event.id is not None and event.id in known:
            ids.append(event.id)
            old.append(event.id)
            continue
        refuse_foreign(town.pack, event, by, index)
        if admit:
            _admit(refusals(town.pack, case, event, town.hours), index)
        count += 1
        event = replace(event, id=event.id or f"{order.seq}-{count}")
        _add(order, item, event, books, turn, by, caller)
        known.add(event.id)
        ids.append(str(event.id))
        case = _after(case, event)
    return Recorded(books.restate(turn.connection, order), tuple(ids), tuple(old))


def _add(
    order: OrderRow,
    item: Mapping[str, Any],
    event: Event,
    books: Books,
    turn: Turn,
    by: Actor,
    caller: Mapping[str, str] | None,
) -> None:
    told = {name: value for name, value in item.items() if name not in ("at", "kind", "id")}
    fields = redacted(told, caller)
    sealed = books.originals.seal_more(turn.connection, told, order.id) if fields != told else None
    entry = Entry(
        policy=order.policy,
        kind=str(event.kind),
        at=event.at,
        fields=fields,
        recorder=by.id,
        order_id=order.id,
        event_id=event.id,
        seal=None if sealed is None else sealed.hash,
    )
    kept = turn.add(entry)
    if sealed is not None:
        books.originals.keep(turn.connection, kept.seq, sealed)


def _after(case: Case, event: Event) -> Case:
    return case if event.kind is EventKind.RECEIVED else replace(case, events=(*case.events, event))


def _admit(reasons: Sequence[Reason], index: int) -> None:
    if reasons:
        problems = [Problem(("events", index), reason.because, reason.clause) for reason in reasons]
        raise Refused("the policy forbids this event", problems)
