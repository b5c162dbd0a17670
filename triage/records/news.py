"""What is new since a place in the ledger and a moment: entries about orders, and alerts that were raised or lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, ColumnElement, select

from triage.records.entries import Kept, kept_from
from triage.records.orders import AlertRow
from triage.records.tables import ALERTS, ENTRIES

_PART = 500


def entries_since(connection: Connection, seq: int, policy: str | None = None, limit: int = 1_000) -> list[Kept]:
    """Entries about orders with a higher place, in order; of one policy, or of all."""
    wanted = select(ENTRIES).where(ENTRIES.c.seq > seq, ENTRIES.c.order_id.is_not(None))
    if policy is not None:
        wanted = wanted.where(ENTRIES.c.policy == policy)
    return [kept_from(row) for row in connection.execute(wanted.order_by(ENTRIES.c.seq).limit(limit))]


def recorded_at(connection: Connection, seq: int) -> datetime | None:
    """When the entry at a place was put down; None where there is none."""
    return connection.execute(select(ENTRIES.c.recorded_at).where(ENTRIES.c.seq == seq)).scalar_one_or_none()


def alerts_turned(
    connection: Connection, after: datetime, until: datetime, policy: str | None = None, *, lifted: bool = True
) -> list[AlertRow]:
    """Alerts raised (or `lifted`) after one moment and up to another."""
    turned = (ALERTS.c.raised_at > after) & (ALERTS.c.raised_at <= until)
    found = _alerts(connection, _of(policy, turned))
    if lifted:
        over = (ALERTS.c.lifted_at > after) & (ALERTS.c.lifted_at <= until)
        found += [alert for alert in _alerts(connection, _of(policy, over)) if alert not in found]
    return found


def alerts_of_orders(connection: Connection, order_ids: Collection[str], until: datetime) -> list[AlertRow]:
    """All alerts of these orders raised up to a moment."""
    wanted = sorted(order_ids)
    found: list[AlertRow] = []
    for start in range(0, len(wanted), _PART):
        part = ALERTS.c.order_id.in_(wanted[start : start + _PART])
        found += _alerts(connection, part & (ALERTS.c.raised_at <= until))
    return found


def _of(policy: str | None, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition if policy is None else condition & (ALERTS.c.policy == policy)


def _alerts(connection: Connection, condition: ColumnElement[bool]) -> list[AlertRow]:
    rows = connection.execute(select(ALERTS).where(condition).order_by(ALERTS.c.raised_at, ALERTS.c.order_id))
    return [AlertRow(**{field.name: getattr(row, field.name) for field in fields(AlertRow)}) for row in rows]
