"""What a live desk is told as it happens: orders received, events recorded, alerts raised and lifted. Ids, kinds and
stages only: whoever wants to know more asks for the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from triage.desk.access.rights import OF_ONE_UNIT, Right, may
from triage.desk.orders.books import Books
from triage.domain.people import Actor
from triage.domain.vocabulary import EventKind
from triage.records.entries import RECEIVED, Kept
from triage.records.news import alerts_of_orders, alerts_turned, entries_since, latest_seq, recorded_at
from triage.records.orders import AlertRow, OrderRow, is_held_by, orders_by_id

What = Literal["order", "event", "alert_raised", "alert_lifted", "reset"]
_PAGE = 500
_MOST_BEHIND = 10_000
_LONGEST_AWAY = timedelta(days=1)
_REMEMBERED = 5_000
_TURNS_EVERY = timedelta(seconds=10)  # so often it is looked which alerts time alone has turned
_KINDS = frozenset(EventKind)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that is told; `seq` is the place in the ledger to go on from, where it has one."""

    what: What
    data: Mapping[str, Any]
    seq: int | None = None


class LiveView:
    """What one actor is told, from a place in the ledger on; not to be shared between streams.

    Who comes back after more than a day or 10,000 entries is told `reset` instead: the lists are to be read anew. An
    alert may be told twice to who comes back, since it has no place in the ledger; its data is the same then.
    """

    def __init__(self, books: Books, by: Actor, after: int | None = None) -> None:
        self._books = books
        self._by = by
        self._after = after
        self._told: dict[tuple[object, ...], None] = {}
        self._until: datetime | None = None
        self.seq = 0

    def news(self) -> list[Happening]:
        """What happened since the last call; one page. What time alone turned is told within ten seconds."""
        now = self._books.now()
        with self._books.ledger.database.reading() as connection:
            if self._until is None:
                return self._begin(connection, now)
            if latest_seq(connection) == self.seq and now - self._until < _TURNS_EVERY:
                return []  # as nearly always: one question to the database
            since = entries_since(connection, self.seq, self._by.policy, _PAGE)
            orders = self._visible(connection, {str(kept.entry.order_id) for kept in since.entries})
            found = [*_entries(since.entries, orders), *self._alerts(connection, since.entries, now)]
        self.seq = since.reached
        self._until = max(now, self._until)
        return found

    def _begin(self, connection: Connection, now: datetime) -> list[Happening]:
        """From the place that was asked for, or from now on."""
        head = latest_seq(connection)
        came = None if self._after is None or self._after > head else recorded_at(connection, self._after)
        lost = self._after is not None
        if came is not None and head - (self._after or 0) <= _MOST_BEHIND and now - came <= _LONGEST_AWAY:
            self.seq, self._until, lost = self._after or 0, came, False
        else:
            self.seq, self._until = head, now
        return [Happening("reset", {"seq": head}, head)] if lost and self._after != head else []

    def _visible(self, connection: Connection, order_ids: set[str]) -> dict[str, OrderRow]:
        found = orders_by_id(connection, order_ids) if order_ids else {}
        if self._by.role in OF_ONE_UNIT:
            unit = self._by.unit
            return {key: one for key, one in found.items() if unit is not None and is_held_by(connection, key, unit)}
        return found

    def _alerts(self, connection: Connection, entries: Sequence[Kept], now: datetime) -> Iterator[Happening]:
        """Turns of alerts by time, and those of orders that something happened to, from when it happened."""
        if not may(self._by.role, Right.READ_ALERTS):
            return
        assert self._until is not None
        begun: dict[str, datetime] = {}
        for kept in entries:
            key = str(kept.entry.order_id)
            begun[key] = min(kept.entry.at, begun.get(key, kept.entry.at))
        found = alerts_turned(connection, self._until, now, self._by.policy)
        found += alerts_of_orders(connection, begun, now)
        orders = self._visible(connection, {alert.order_id for alert in found})
        for alert in found:
            if alert.order_id in orders:
                since = min(begun.get(alert.order_id, now), self._until)
                yield from self._turns(alert, orders[alert.order_id], since, now)

    def _turns(self, alert: AlertRow, order: OrderRow, since: datetime, now: datetime) -> Iterator[Happening]:
        turns: tuple[tuple[What, datetime | None], ...] = (
            ("alert_raised", alert.raised_at),
            ("alert_lifted", alert.lifted_at),
        )
        for what, at in turns:
            if at is not None and since <= at <= now and self._is_new(what, alert, at):
                yield Happening(what, _alert(alert, order))

    def _is_new(self, what: What, alert: AlertRow, at: datetime) -> bool:
        key = (what, alert.order_id, alert.kind, alert.clause, alert.level, at)
        if key in self._told:
            return False
        self._told[key] = None
        if len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        return True


def _entries(entries: Sequence[Kept], orders: Mapping[str, OrderRow]) -> Iterator[Happening]:
    for kept in entries:
        order = orders.get(str(kept.entry.order_id))
        if order is None or kept.entry.kind not in _KINDS:
            continue
        data = {
            "order_id": order.id,
            "policy": order.policy,
            "kind": kept.entry.kind,
            "at": kept.entry.at.isoformat(),
            "status": order.status,
            "unit": order.unit,
            "issue": order.issue,
            "version": order.version,
        }
        yield Happening("order" if kept.entry.kind == RECEIVED else "event", data, kept.seq)


def _alert(alert: AlertRow, order: OrderRow) -> dict[str, Any]:
    return {
        "order_id": alert.order_id,
        "policy": alert.policy,
        "kind": alert.kind,
        "level": alert.level,
        "clause": alert.clause,
        "notify": list(alert.notify),
        "raised_at": alert.raised_at.isoformat(),
        "lifted_at": None if alert.lifted_at is None else alert.lifted_at.isoformat(),
        "unit": order.unit,
        "issue": order.issue,
    }
