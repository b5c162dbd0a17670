"""What someone sees of kept orders: lists without personal data, one order with it where the role has that right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.desk.access.rights import OF_ONE_UNIT, Right, may
from triage.desk.orders.books import Books
from triage.desk.orders.projection import case_of, plain_event
from triage.desk.orders.wording import redacted
from triage.desk.standing import Standing, standing
from triage.domain.errors import NotFound, Problem
from triage.domain.people import Actor
from triage.policy.scenarios.cases import ReadCase
from triage.records.entries import RECEIVED, Kept
from triage.records.ledger import entries_of
from triage.records.orders import OrderRow, get_order, holders_of, is_held_by

_FROM_THE_TEXT = ("evidence", "matters", "question")
"""Parts of a decision that quote the order."""


@dataclass(frozen=True)
class OrderSummary:
    """One line of a list: no personal data in it, whoever asks."""

    id: str
    policy: str
    received_at: datetime
    title: str
    text: str
    request_type: str
    urgency: str
    category: str | None
    status: str
    unit: str | None
    issue: str | None
    caller: str | None
    version: int
    due_next: datetime | None
    overdue: bool
    satisfaction: str | None


@dataclass(frozen=True)
class OrderView:
    """One order with its decision, its events and where it stands at `as_of`.

    `personal` says whether it is shown as it came; where not (the role, or an erased caller), text is redacted and
    `caller` has a token only.
    """

    id: str
    policy: str
    received_at: datetime
    title: str
    text: str
    address: str
    caller: Mapping[str, str | None]
    personal: bool
    request_type: str
    urgency: str
    category: str | None
    status: str
    unit: str | None
    units: tuple[str, ...]
    issue: str | None
    version: int
    due_next: datetime | None
    overdue: bool
    satisfaction: str | None
    decision: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    standing: Standing


def visible_or_raise(connection: Connection, order_id: str, by: Actor) -> OrderRow:
    """The row of an order; NotFound where there is none, and just the same where it is not this actor's."""
    order = get_order(connection, order_id)
    if order is None or not by.is_of(order.policy) or not _is_own(connection, order, by):
        raise NotFound("order", [Problem(("id",), "there is no such order")])
    return order


def summary(order: OrderRow, as_of: datetime) -> OrderSummary:
    """An order as a line of a list."""
    late = order.overdue_after is not None and order.overdue_after < as_of
    names = [name for name in OrderSummary.__dataclass_fields__ if name != "overdue"]
    return OrderSummary(**{name: getattr(order, name) for name in names}, overdue=late)


def show_order(order_id: str, books: Books, by: Actor, as_of: datetime) -> OrderView:
    """One order; a read of personal data is put into the audit log before it is answered."""
    with books.ledger.database.reading() as connection:
        order = visible_or_raise(connection, order_id, by)
        entries = entries_of(connection, order.id)
        units = holders_of(connection, order.id)
        personal = may(by.role, Right.READ_PERSONAL)
        originals = books.originals.open(connection, [kept.seq for kept in entries if kept.entry.seal])
    if personal:
        audit_read(books, by, "read order", order.id)
    return _view(order, entries, units, originals, books, as_of, personal=personal)


def show_standing(order_id: str, books: Books, by: Actor, as_of: datetime) -> Standing:
    """Where an order stands at a moment: what is owed, who is told, what may happen next."""
    with books.ledger.database.reading() as connection:
        order = visible_or_raise(connection, order_id, by)
        entries = entries_of(connection, order.id)
    return _standing(order, entries, books, as_of)


def audit_read(books: Books, by: Actor, action: str, target: str) -> None:
    """Put down that personal data was read."""
    with books.ledger.turn() as turn:
        turn.audit(by.id, by.role, action, target)


def _view(
    order: OrderRow,
    entries: Sequence[Kept],
    units: tuple[str, ...],
    originals: Mapping[int, Mapping[str, Any]],
    books: Books,
    as_of: datetime,
    *,
    personal: bool,
) -> OrderView:
    original = originals.get(order.seq)
    shown = personal and original is not None
    said: Mapping[str, Any] = original["order"] if original and shown else {"title": order.title, "text": order.text}
    caller = said.get("caller") or {}
    decision = original["decision"] if original else {}
    return OrderView(
        **{
            **asdict(summary(order, as_of)),
            "title": said["title"],
            "text": said["text"],
            "caller": {"token": order.caller, "name": caller.get("name"), "phone": caller.get("phone")},
        },
        address=said.get("address") or "",
        personal=shown,
        units=units,
        decision=decision if shown else _unquoted(decision),
        events=[_event(kept, originals, shown) for kept in entries if kept.entry.kind != RECEIVED],
        standing=_standing(order, entries, books, as_of),
    )


def _event(kept: Kept, originals: Mapping[int, Mapping[str, Any]], shown: bool) -> dict[str, Any]:
    said = originals.get(kept.seq, {}) if shown else {}
    recorded = {"recorded_at": kept.recorded_at, "recorder": kept.entry.recorder}
    return {**plain_event(kept), **said, **recorded}


def _unquoted(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision without what it quotes of the order."""
    kept = {name: value for name, value in decision.items() if name not in _FROM_THE_TEXT}
    empty: dict[str, Any] = {"evidence": {}, "matters": [], "question": None} if decision else {}
    if "territory" in kept:
        kept["territory"] = {**kept["territory"], "place": "", "evidence": ""}
    return {**redacted(kept), **empty}


def _standing(order: OrderRow, entries: Sequence[Kept], books: Books, as_of: datetime) -> Standing:
    town = books.town(order.policy, order.received_at)
    case = case_of(order, entries)
    return standing(order.id, ReadCase(case, order.category, as_of), town.pack, town.hours)


def _is_own(connection: Connection, order: OrderRow, by: Actor) -> bool:
    if by.role not in OF_ONE_UNIT:
        return True
    return by.unit is not None and is_held_by(connection, order.id, by.unit)
