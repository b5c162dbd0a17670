"""Which alerts a webhook has not been told of yet: those that came with an entry, and those that time alone raised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.records.columns import canonical, stamp
from triage.records.news import alerts_of_orders, alerts_turned, entries_since
from triage.records.orders import AlertRow, OrderRow, orders_by_id
from triage.records.webhooks import Webhook, add_deliveries, known_alerts, note_seen, webhooks


def tick(books: Books, now: datetime) -> bool:
    """Put messages down for all that was raised up to `now` and not told yet; whether there is more to look at.

    Message and place looked up to are kept together: whatever kills the process, no alert is left out and none has two
    messages. An alert that was raised before the webhook was registered is not told.
    """
    with books.ledger.database.reading() as connection:
        if not any(_news(connection, hook, now) for hook in webhooks(connection)):
            return False
    more = False
    with books.ledger.turn() as turn:
        for hook in webhooks(turn.connection):
            news = _news(turn.connection, hook, now)
            _put_down(turn.connection, hook, news.alerts, now)
            note_seen(turn.connection, hook.id, hook.seen_seq + news.passed, max(now, hook.seen_until))
            more = more or news.more
    return more


def key_of(alert: AlertRow) -> str:
    """What tells one alert from every other: what was raised for which order, by which clause, and when.

    The number of its row does not: rows are drawn up anew with each event.
    """
    told = [alert.order_id, alert.kind, alert.clause, alert.level, stamp(alert.raised_at)]
    return hashlib.sha256(canonical(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def body_of(alert: AlertRow, order: OrderRow) -> str:
    """What a webhook is told: what, for which order, by which clause, and which roles; nobody's personal data."""
    told = {
        "order_id": alert.order_id,
        "policy": alert.policy,
        "kind": alert.kind,
        "level": alert.level,
        "clause": alert.clause,
        "because": alert.because,
        "notify": list(alert.notify),
        "unit": order.unit,
        "issue": order.issue,
        "raised_at": alert.raised_at.isoformat(),
        "lifted_at": None if alert.lifted_at is None else alert.lifted_at.isoformat(),
    }
    return canonical({"type": "alert.raised", "timestamp": alert.raised_at.isoformat(), "data": told})


@dataclass(frozen=True, slots=True)
class _News:
    """How many places of the ledger were passed, whether there are more, and the alerts found."""

    passed: int
    more: bool
    alerts: tuple[AlertRow, ...]

    def __bool__(self) -> bool:
        return self.passed > 0 or bool(self.alerts)


def _news(connection: Connection, hook: Webhook, now: datetime) -> _News:
    """Alerts of orders that something happened to (an event put down late may raise one in the past), and those whose
    time has come."""
    since = entries_since(connection, hook.seen_seq, hook.policy)
    touched = {str(kept.entry.order_id) for kept in since.entries}
    found = alerts_of_orders(connection, touched, now)
    found += alerts_turned(connection, hook.seen_until, now, hook.policy, lifted=False)
    return _News(since.reached - hook.seen_seq, since.more, tuple(one for one in found if _concerns(hook, one)))


def _concerns(hook: Webhook, alert: AlertRow) -> bool:
    return (
        alert.raised_at >= hook.created_at
        and (hook.policy is None or alert.policy == hook.policy)
        and (hook.kinds is None or alert.kind in hook.kinds)
    )


def _put_down(connection: Connection, hook: Webhook, alerts: Iterable[AlertRow], now: datetime) -> None:
    new = {key_of(alert): alert for alert in alerts}
    for known in known_alerts(connection, hook.id, new):
        del new[known]
    orders = orders_by_id(connection, [alert.order_id for alert in new.values()])
    messages = [(key, body_of(alert, orders[alert.order_id])) for key, alert in new.items()]
    add_deliveries(connection, hook.id, messages, now)
