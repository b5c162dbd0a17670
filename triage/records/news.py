"""What is new since a place in the ledger and a moment: entries about orders, and alerts that were raised or lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from triage.records.entries import Kept, kept_from
from triage.records.orders import AlertRow
from triage.records.tables import ALERTS, ENTRIES, ORDERS

_PART = 500
_LATEST = select(func.max(ENTRIES.c.seq))


@dataclass(frozen=True, slots=True)
class Since:
    """Entries about orders after a place, in order; up to `reached` was looked, and `more` tells of further ones."""

    entries: tuple[Kept, ...]
    reached: int
    more: bool


def entries_since(connection: Connection, seq: int, policy: str | None = None, limit: int = 1_000) -> Since:
    """Entries about orders with a higher place; of one policy, or of all."""
    latest = latest_seq(connection)  # before the entries: on PostgreSQL each statement sees its own state of things
    if latest <= seq:
        return Since((), seq, more=False)
    wanted = select(ENTRIES).where(ENTRIES.c.seq > seq, ENTRIES.c.seq <= latest, ENTRIES.c.order_id.is_not(None))
    if policy is not None:
        wanted = wanted.where(ENTRIES.c.policy == policy)
    found = tuple(kept_from(row) for row in connection.execute(wanted.order_by(ENTRIES.c.seq).limit(limit)))
    if len(found) == limit:
        return Since(found, found[-1].seq, more=True)
    # What others wrote is passed too, or it would be looked through again and again.
    return Since(found, latest, more=False)


def latest_seq(connection: Connection) -> int:
    """The place of the latest entry, 0 where there is none."""
    return int(connection.execute(_LATEST).scalar() or 0)


def recorded_at(connection: Connection, seq: int) -> datetime | None:
    """When the entry at a place was put down; None where there is none."""
    return connection.execute(select(ENTRIES.c.recorded_at).where(ENTRIES.c.seq == seq)).scalar_one_or_none()


def alerts_turned(
    connection: Connection, after: datetime, until: datetime, policy: str | None = None, *, lifted: bool = True
) -> list[AlertRow]:
    """Alerts raised (or `lifted`) after one moment and up to another."""
    found = []
    for one in [policy] if policy is not None else _policies(connection):  # the indexes begin with the policy
        of = ALERTS.c.policy == one
        raised = _alerts(connection, of & (ALERTS.c.raised_at > after) & (ALERTS.c.raised_at <= until))
        over = _alerts(connection, of & (ALERTS.c.lifted_at > after) & (ALERTS.c.lifted_at <= until)) if lifted else []
        found += [*raised, *(alert for alert in over if not after < alert.raised_at <= until)]
    return found


def alerts_of_orders(connection: Connection, order_ids: Collection[str], until: datetime) -> list[AlertRow]:
    """All alerts of these orders raised up to a moment."""
    wanted = sorted(order_ids)
    found: list[AlertRow] = []
    for start in range(0, len(wanted), _PART):
        part = ALERTS.c.order_id.in_(wanted[start : start + _PART])
        found += _alerts(connection, part & (ALERTS.c.raised_at <= until))
    return found


def _policies(connection: Connection) -> list[str]:
    """The policies that have orders: a step of the index for each."""
    found: list[str] = []
    while True:
        following = select(func.min(ORDERS.c.policy)).where(ORDERS.c.policy > (found[-1] if found else ""))
        policy = connection.execute(following).scalar()
        if policy is None:
            return found
        found.append(policy)


def _alerts(connection: Connection, condition: ColumnElement[bool]) -> list[AlertRow]:
    rows = connection.execute(select(ALERTS).where(condition).order_by(ALERTS.c.raised_at, ALERTS.c.order_id))
    return [AlertRow(**{field.name: getattr(row, field.name) for field in fields(AlertRow)}) for row in rows]
