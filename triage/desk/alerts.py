"""Alerts that stand at a moment: what is to be told, by which clause, and to whom, down to the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.access.rights import OF_ONE_UNIT
from triage.desk.orders.books import Books
from triage.desk.orders.views import audit_read
from triage.desk.people.resolving import Found, who
from triage.desk.people.views import persons_seen
from triage.domain.errors import Forbidden, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import AlertKind, Role
from triage.records.orders import AlertRow, OrderRow, alerts_at, orders_by_id
from triage.records.people import Person, roster_at

Place = tuple[datetime, str, int]
_Asked = tuple[str, str, str | None]


@dataclass(frozen=True)
class Wanted:
    """Which alerts: those that stand at `as_of`, the latest raised first; `before` is where the page before ended."""

    as_of: datetime
    policy: str | None = None
    kind: AlertKind | None = None
    unit: str | None = None
    persons: bool = True
    before: Place | None = None
    limit: int = 100


@dataclass(frozen=True)
class Told:
    """Whom a role means: the person's id, the name where the asker may see it, and why it is that person."""

    role: str
    person: str | None
    name: str | None
    on_duty: bool
    why: str


@dataclass(frozen=True)
class AlertView:
    """One alert of one order: `text` is the clause's own, `because` this order's reason; nothing personal of a caller.

    `persons` are those behind `notify` at `as_of`; null where they were not asked for.
    """

    order_id: str
    policy: str
    kind: str
    level: str | None
    clause: str
    text: str
    because: str
    notify: Sequence[str]
    persons: Sequence[Told] | None
    raised_at: datetime
    lifted_at: datetime | None
    issue: str | None
    unit: str | None


def list_alerts(wanted: Wanted, books: Books, by: Actor) -> tuple[list[AlertView], Place | None]:
    """One page of alerts, and where the next begins; a unit's key sees those of the orders it holds.

    Names that are shown are put into the audit log.
    """
    with books.ledger.database.reading() as connection:
        rows = alerts_at(
            connection,
            wanted.as_of,
            policy=wanted.policy,
            kind=None if wanted.kind is None else str(wanted.kind),
            unit=own_unit(by, wanted.unit),
            before=wanted.before,
            limit=wanted.limit,
        )
        orders = orders_by_id(connection, [row.order_id for row, _ in rows])
        told = _told(connection, [row for row, _ in rows], orders, books, by, wanted) if wanted.persons else None
    if told and any(one.name is not None for one in told.values()):
        audit_read(books, by, "read people's names", f"{wanted.policy or 'all policies'}/alerts")
    items = [_view(row, orders[row.order_id], told, books) for row, _ in rows]
    if len(rows) < wanted.limit:
        return items, None
    last, number = rows[-1]
    return items, (last.raised_at, last.order_id, number)


def own_unit(by: Actor, unit: str | None) -> str | None:
    """The unit whose orders are asked about: a unit's key asks about its own; Forbidden about another."""
    if by.role not in OF_ONE_UNIT:
        return unit
    if by.unit is None or unit not in (None, by.unit):
        raise Forbidden("not yours to see", [Problem(("unit",), "is not the unit of this key")])
    return by.unit


def _told(
    connection: Connection,
    rows: Sequence[AlertRow],
    orders: Mapping[str, OrderRow],
    books: Books,
    by: Actor,
    wanted: Wanted,
) -> dict[_Asked, Told]:
    """Everybody behind these alerts' roles; each question is asked once for the page."""
    asked = dict.fromkeys((row.policy, role, orders[row.order_id].unit) for row in rows for role in row.notify)
    found: dict[_Asked, Found] = {}
    names: dict[tuple[str, str], str | None] = {}
    for policy in dict.fromkeys(policy for policy, _, _ in asked):
        town = books.town(policy)
        roster = roster_at(connection, policy, books.now(), around=wanted.as_of)
        here = [one for one in asked if one[0] == policy]
        found |= {one: who(roster, Role(one[1]), wanted.as_of, town, one[2]) for one in here}
        people: dict[str, Person] = {p.id: p for one in here if (p := found[one].person) is not None}
        shown = persons_seen(connection, policy, people.values(), books, by, numbers=False)
        names |= {(policy, one.id): one.name for one in shown.values()}
    return {one: _one_told(one, answer, names) for one, answer in found.items()}


def _one_told(asked: _Asked, found: Found, names: Mapping[tuple[str, str], str | None]) -> Told:
    policy, role, _ = asked
    person = None if found.person is None else found.person.id
    return Told(role, person, None if person is None else names[policy, person], found.on_duty, found.why)


def _view(row: AlertRow, order: OrderRow, told: Mapping[_Asked, Told] | None, books: Books) -> AlertView:
    clause = books.town(row.policy, order.received_at).pack.clauses.get(row.clause)
    return AlertView(
        order_id=row.order_id,
        policy=row.policy,
        kind=row.kind,
        level=row.level,
        clause=row.clause,
        text="" if clause is None else clause.text,
        because=row.because,
        notify=row.notify,
        persons=None if told is None else [told[row.policy, role, order.unit] for role in row.notify],
        raised_at=row.raised_at,
        lifted_at=row.lifted_at,
        issue=order.issue,
        unit=order.unit,
    )
