"""Where orders stand: one row each, drawn up anew after each event, and the lists that are asked of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, exists, func, insert, select, update

from triage.records.search import places_of, put_words
from triage.records.tables import ALERTS, HOLDERS, ORDERS

CLOSED = "closed"
STATUSES = ("to_dispatch", "dispatched", "accepted", "returning", "replied", CLOSED)
"""待派单、已派单、处置中、退单待审、已回复、已办结."""
OPEN = "open"
"""Stands for every status but the last."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists show it: without personal data. `derived` and `stated` are what the judge asks besides events.

    `seq` is the place of its first entry in the ledger, `version` the number of entries about it.
    """

    id: str
    seq: int
    policy: str
    received_at: datetime
    digest: str
    title: str
    text: str
    request_type: str
    urgency: str
    category: str | None
    caller: str | None
    issue: str | None
    derived: Mapping[str, Any]
    stated: Mapping[str, Any]
    version: int = 1
    status: str = ""
    unit: str | None = None
    overdue_after: datetime | None = None
    due_next: datetime | None = None
    satisfaction: str | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert of an order, from when to when."""

    order_id: str
    policy: str
    kind: str
    clause: str
    level: str | None
    notify: Sequence[str]
    because: str
    raised_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of how an order stands: `units` has the leading unit first."""

    status: str
    units: tuple[str, ...]
    overdue_after: datetime | None
    due_next: datetime | None
    satisfaction: str | None
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders a list shows, the latest first: `unit` leads them or assists, `overdue` as of `as_of`, and
    `before` is the place in the ledger that the page before ended with."""

    as_of: datetime
    policy: str | None = None
    status: str | None = None
    unit: str | None = None
    overdue: bool | None = None
    issue: str | None = None
    caller: str | None = None
    words: str = ""
    before: int | None = None
    limit: int = 50


_NAMES = tuple(field.name for field in fields(OrderRow))
_ADD, _ADD_HOLDERS, _ADD_ALERTS = insert(ORDERS), insert(HOLDERS), insert(ALERTS)
_STANDING = ("version", "status", "unit", "overdue_after", "due_next", "satisfaction")
_NOTE = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("wanted"))
    .values({name: bindparam(name) for name in (*_STANDING, "is_open")})
)
_NO_HOLDERS = delete(HOLDERS).where(HOLDERS.c.order_id == bindparam("wanted"))
_NO_ALERTS = delete(ALERTS).where(ALERTS.c.order_id == bindparam("wanted"))
_GET = select(ORDERS).where(ORDERS.c.id == bindparam("wanted"))


def add_order(connection: Connection, order: OrderRow, standing: Standing) -> OrderRow:
    """Put down the row of a new order, as it stands."""
    order = replace(order, **_noted(1, standing))
    connection.execute(_ADD, {name: getattr(order, name) for name in _NAMES} | _openness(standing))
    put_words(connection, order.seq, f"{order.title}\n{order.text}")
    _add_around(connection, order, standing)
    return order


def get_order(connection: Connection, order_id: str) -> OrderRow | None:
    """The row of an order, or None."""
    row = connection.execute(_GET, {"wanted": order_id}).one_or_none()
    return None if row is None else _order(row)


def put_standing(connection: Connection, order: OrderRow, version: int, standing: Standing) -> OrderRow:
    """Note how an order stands now, in place of what was noted before."""
    order = replace(order, **_noted(version, standing))
    connection.execute(_NOTE, {**_noted(version, standing), **_openness(standing), "wanted": order.id})
    connection.execute(_NO_HOLDERS, {"wanted": order.id})
    connection.execute(_NO_ALERTS, {"wanted": order.id})
    _add_around(connection, order, standing)
    return order


def _noted(version: int, standing: Standing) -> dict[str, Any]:
    return {
        "version": version,
        "status": standing.status,
        "unit": standing.units[0] if standing.units else None,
        "overdue_after": standing.overdue_after,
        "due_next": standing.due_next,
        "satisfaction": standing.satisfaction,
    }


def _openness(standing: Standing) -> dict[str, bool]:
    """By it open orders, of which there are few, are found in the order of their places."""
    return {"is_open": standing.status != CLOSED}


def _add_around(connection: Connection, order: OrderRow, standing: Standing) -> None:
    """The units that have it, and its alerts."""
    held = [
        {"order_id": order.id, "unit": unit, "seq": order.seq, "is_open": order.status != CLOSED, "leads": place == 0}
        for place, unit in enumerate(dict.fromkeys(standing.units))
    ]
    if held:
        connection.execute(_ADD_HOLDERS, held)
    if standing.alerts:
        numbered = [{**asdict(alert), "number": number} for number, alert in enumerate(standing.alerts)]
        connection.execute(_ADD_ALERTS, numbered)


def list_orders(connection: Connection, wanted: Wanted) -> list[OrderRow]:
    """One page of orders, the latest first."""
    query, place = _filtered(connection, wanted)
    if wanted.before is not None:
        query = query.where(place < wanted.before)
    return [_order(row) for row in connection.execute(query.order_by(place.desc()).limit(wanted.limit))]


def orders_received(connection: Connection, policy: str, since: datetime, until: datetime) -> list[OrderRow]:
    """A policy's orders received from `since` up to but not including `until`, in the order of time."""
    query = (
        select(ORDERS)
        .where(ORDERS.c.policy == policy, ORDERS.c.received_at >= since, ORDERS.c.received_at < until)
        .order_by(ORDERS.c.received_at, ORDERS.c.seq)
    )
    return [_order(row) for row in connection.execute(query)]


def orders_by_id(connection: Connection, order_ids: Iterable[str]) -> dict[str, OrderRow]:
    """Rows of orders by id; unknown ids are left out."""
    rows = connection.execute(select(ORDERS).where(ORDERS.c.id.in_(sorted(set(order_ids)))))
    return {row.id: _order(row) for row in rows}


def move_issue(connection: Connection, kept: str, gone: str) -> None:
    """Orders of an issue that another took in belong to that one."""
    connection.execute(update(ORDERS).where(ORDERS.c.issue == gone).values(issue=kept))


def put_issue(connection: Connection, order_ids: Collection[str], issue: str) -> None:
    """These orders belong to an issue from now on."""
    connection.execute(update(ORDERS).where(ORDERS.c.id.in_(sorted(order_ids))).values(issue=issue))


def is_held_by(connection: Connection, order_id: str, unit: str) -> bool:
    """Whether a unit leads or assists in an order now."""
    held = select(HOLDERS.c.unit).where(HOLDERS.c.order_id == order_id, HOLDERS.c.unit == unit)
    return connection.execute(held).first() is not None


def holders_of(connection: Connection, order_id: str) -> tuple[str, ...]:
    """The units that have an order now, the leading one first."""
    wanted = (
        select(HOLDERS.c.unit).where(HOLDERS.c.order_id == order_id).order_by(HOLDERS.c.leads.desc(), HOLDERS.c.unit)
    )
    return tuple(connection.execute(wanted).scalars())


def alerts_at(
    connection: Connection,
    as_of: datetime,
    *,
    policy: str | None = None,
    kind: str | None = None,
    unit: str | None = None,
    before: tuple[datetime, str, int] | None = None,
    limit: int = 100,
) -> list[tuple[AlertRow, int]]:
    """The alerts that stand at a moment with their numbers, the latest raised first; one page."""
    query = select(ALERTS).where(
        ALERTS.c.raised_at <= as_of, (ALERTS.c.lifted_at.is_(None)) | (ALERTS.c.lifted_at > as_of)
    )
    if policy is not None:
        query = query.where(ALERTS.c.policy == policy)
    if kind is not None:
        query = query.where(ALERTS.c.kind == kind)
    if unit is not None:
        query = query.where(
            exists().where(HOLDERS.c.order_id == ALERTS.c.order_id, HOLDERS.c.unit == unit).correlate(ALERTS)
        )
    if before is not None:
        at, order_id, number = before
        query = query.where(
            (ALERTS.c.raised_at < at)
            | ((ALERTS.c.raised_at == at) & (ALERTS.c.order_id < order_id))
            | ((ALERTS.c.raised_at == at) & (ALERTS.c.order_id == order_id) & (ALERTS.c.number < number))
        )
    query = query.order_by(ALERTS.c.raised_at.desc(), ALERTS.c.order_id.desc(), ALERTS.c.number.desc()).limit(limit)
    return [(_alert(row), row.number) for row in connection.execute(query)]


def count_orders(connection: Connection) -> int:
    """How many orders there are."""
    return int(connection.execute(select(func.count()).select_from(ORDERS)).scalar_one())


def _filtered(connection: Connection, wanted: Wanted) -> tuple[Select[Any], ColumnElement[int]]:
    """The orders wanted, and the column to page by: that of the table whose index narrows most."""
    query, columns = select(ORDERS), ORDERS.c
    place: ColumnElement[int] = columns.seq
    of_open = wanted.status not in (None, CLOSED)
    if wanted.unit is not None:
        query = query.join(HOLDERS, HOLDERS.c.order_id == columns.id).where(HOLDERS.c.unit == wanted.unit)
        query, place = query.where(HOLDERS.c.is_open) if of_open else query, HOLDERS.c.seq
    if wanted.words and (of_open or wanted.unit is not None):
        # Added 0 keeps SQLite from beginning with every order that has the words: the open ones are far fewer.
        query = query.where((columns.seq + 0).in_(places_of(connection, wanted.words)))
    elif wanted.words:
        found = places_of(connection, wanted.words).subquery()
        query, place = query.join(found, found.c.seq == columns.seq), found.c.seq
    for name in ("policy", "issue", "caller"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(columns[name] == value)
    if wanted.status == OPEN:
        query = query.where(columns.is_open)
    elif wanted.status is not None:
        query = query.where(columns.status == wanted.status)
    if wanted.overdue is not None:
        late = columns.overdue_after < wanted.as_of
        in_time = columns.overdue_after.is_(None) | (columns.overdue_after >= wanted.as_of)
        query = query.where(late if wanted.overdue else in_time)
    return query, place


def _order(row: Row[Any]) -> OrderRow:
    return OrderRow(**{name: getattr(row, name) for name in _NAMES})


def _alert(row: Row[Any]) -> AlertRow:
    return AlertRow(**{field.name: getattr(row, field.name) for field in fields(AlertRow)})
