"""Who wants to be told of alerts, and the messages to them: rows that outlive the process that sends them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from triage.records.webhook_tables import DELIVERIES, WEBHOOKS

State = Literal["waiting", "delivered", "dead"]
_PART = 500


@dataclass(frozen=True, slots=True)
class Webhook:
    """Somebody to be told: `kinds` of alerts (all where None) of a policy (of all where None).

    Alerts were looked for up to `seen_seq` in the ledger and `seen_until` in time. `secret` is sealed.
    """

    id: str
    policy: str | None
    url: str
    kinds: tuple[str, ...] | None
    secret: bytes | None
    created_at: datetime
    created_by: str
    seen_seq: int
    seen_until: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one webhook. `tries` were made; the next is due at `due_at`, and `status` and `fault` say how the
    last one ended. A claimed one is on its way until `claimed_until`."""

    webhook: str
    number: int
    alert: str
    body: str
    state: State
    tries: int
    due_at: datetime | None
    claimed_until: datetime | None
    created_at: datetime
    finished_at: datetime | None
    status: int | None
    fault: str | None


_WEBHOOK = tuple(field.name for field in fields(Webhook))
_DELIVERY = tuple(field.name for field in fields(Delivery))


def add_webhook(connection: Connection, webhook: Webhook) -> None:
    """Put a webhook down."""
    connection.execute(insert(WEBHOOKS), {name: getattr(webhook, name) for name in _WEBHOOK})


def webhooks(connection: Connection) -> list[Webhook]:
    """All webhooks that were not removed, the oldest first."""
    wanted = select(WEBHOOKS).where(WEBHOOKS.c.removed_at.is_(None)).order_by(WEBHOOKS.c.created_at, WEBHOOKS.c.id)
    return [_webhook(row) for row in connection.execute(wanted)]


def remove_webhook(connection: Connection, webhook: str, now: datetime) -> None:
    """Send nothing more to a webhook and forget its secret; its messages stay told."""
    row = WEBHOOKS.c.id == webhook
    connection.execute(update(WEBHOOKS).where(row).values(removed_at=now, secret=None))
    waiting = (DELIVERIES.c.webhook == webhook) & (DELIVERIES.c.state == "waiting")
    ended: dict[str, Any] = {"state": "dead", "due_at": None, "finished_at": now, "fault": "the webhook was removed"}
    connection.execute(update(DELIVERIES).where(waiting).values(**ended))


def note_seen(connection: Connection, webhook: str, seq: int, until: datetime) -> None:
    """Alerts were looked for up to here."""
    connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == webhook).values(seen_seq=seq, seen_until=until))


def known_alerts(connection: Connection, webhook: str, alerts: Collection[str]) -> set[str]:
    """Which of these alerts a webhook has a message for already."""
    wanted = sorted(alerts)
    found: set[str] = set()
    for start in range(0, len(wanted), _PART):
        part = DELIVERIES.c.alert.in_(wanted[start : start + _PART])
        found |= set(
            connection.execute(select(DELIVERIES.c.alert).where(DELIVERIES.c.webhook == webhook, part)).scalars()
        )
    return found


def add_deliveries(connection: Connection, webhook: str, messages: Iterable[tuple[str, str]], now: datetime) -> int:
    """Put messages down (the alert's key and the body), due at once; how many there are."""
    highest = select(func.max(DELIVERIES.c.number)).where(DELIVERIES.c.webhook == webhook)
    number = int(connection.execute(highest).scalar() or 0)
    new: dict[str, Any] = {"webhook": webhook, "state": "waiting", "tries": 0, "due_at": now, "created_at": now}
    rows = [
        {**new, "number": place, "alert": alert, "body": body}
        for place, (alert, body) in enumerate(messages, start=number + 1)
    ]
    if rows:
        connection.execute(insert(DELIVERIES), rows)
    return len(rows)


def due_webhooks(connection: Connection, now: datetime) -> list[str]:
    """Webhooks with a message that is due and none on its way."""
    open_ = (DELIVERIES.c.state == "waiting") & (DELIVERIES.c.due_at <= now)
    due = connection.execute(select(DELIVERIES.c.webhook).where(open_).distinct()).scalars().all()
    busy = select(DELIVERIES.c.webhook).where(DELIVERIES.c.state == "waiting", DELIVERIES.c.claimed_until > now)
    return sorted(set(due) - set(connection.execute(busy).scalars()))


def claim(connection: Connection, webhook: str, now: datetime, lease: timedelta) -> Delivery | None:
    """Take the message of a webhook that has been due longest: nobody else does until the lease is over."""
    open_ = (DELIVERIES.c.webhook == webhook) & (DELIVERIES.c.state == "waiting") & (DELIVERIES.c.due_at <= now)
    wanted = select(DELIVERIES).where(open_).order_by(DELIVERIES.c.due_at, DELIVERIES.c.number).limit(1)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    taken = {"claimed_until": now + lease, "tries": row.tries + 1}
    connection.execute(update(DELIVERIES).where(_is(row.webhook, row.number)).values(**taken))
    return get_delivery(connection, row.webhook, row.number)


def settle(
    connection: Connection,
    delivery: Delivery,
    state: State,
    now: datetime,
    *,
    due_at: datetime | None = None,
    status: int | None = None,
    fault: str | None = None,
) -> None:
    """Note how a try ended; one that another has taken in the meantime, or that was ended, is left alone."""
    mine = _is(delivery.webhook, delivery.number) & (DELIVERIES.c.claimed_until == delivery.claimed_until)
    told: dict[str, Any] = {"state": state, "due_at": due_at, "status": status, "fault": fault, "claimed_until": None}
    told["finished_at"] = None if state == "waiting" else now
    stands = DELIVERIES.c.state == "waiting"
    connection.execute(update(DELIVERIES).where(mine, stands).values(**told))


def send_again(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """A dead message is due once more, with all its tries before it."""
    told: dict[str, Any] = {"state": "waiting", "tries": 0, "due_at": now, "claimed_until": None, "finished_at": None}
    connection.execute(update(DELIVERIES).where(_is(delivery.webhook, delivery.number)).values(**told))


def get_delivery(connection: Connection, webhook: str, number: int) -> Delivery | None:
    """One message, or None."""
    row = connection.execute(select(DELIVERIES).where(_is(webhook, number))).one_or_none()
    return None if row is None else _delivery(row)


def deliveries(
    connection: Connection, webhook: str, state: State | None = None, before: int | None = None, limit: int = 100
) -> list[Delivery]:
    """Messages of a webhook, the latest first; one page."""
    wanted = select(DELIVERIES).where(DELIVERIES.c.webhook == webhook)
    if state is not None:
        wanted = wanted.where(DELIVERIES.c.state == state)
    if before is not None:
        wanted = wanted.where(DELIVERIES.c.number < before)
    return [_delivery(row) for row in connection.execute(wanted.order_by(DELIVERIES.c.number.desc()).limit(limit))]


def count_states(connection: Connection) -> dict[tuple[str, str], int]:
    """How many messages each webhook has in each state."""
    counted = select(DELIVERIES.c.webhook, DELIVERIES.c.state, func.count().label("many"))
    rows = connection.execute(counted.group_by(DELIVERIES.c.webhook, DELIVERIES.c.state))
    return {(row.webhook, row.state): row.many for row in rows}


def _is(webhook: str, number: int) -> Any:
    return (DELIVERIES.c.webhook == webhook) & (DELIVERIES.c.number == number)


def _webhook(row: Row[Any]) -> Webhook:
    told = {name: getattr(row, name) for name in _WEBHOOK}
    return Webhook(**{**told, "kinds": None if row.kinds is None else tuple(row.kinds)})


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _DELIVERY})
