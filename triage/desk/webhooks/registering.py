"""Register webhooks, list them with their messages, and send a dead message once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.webhooks.addresses import Reach
from triage.domain.errors import BadInput, Conflict, NotFound, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import AlertKind
from triage.records.news import latest_seq
from triage.records.webhooks import (
    Delivery,
    State,
    Webhook,
    add_webhook,
    count_states,
    deliveries,
    get_delivery,
    remove_webhook,
    send_again,
    webhooks,
)

MOST_WEBHOOKS = 50


@dataclass(frozen=True)
class WebhookView:
    """A webhook as an admin sees it, with how many messages wait and how many are dead; never its secret."""

    id: str
    policy: str | None
    url: str
    kinds: tuple[str, ...] | None
    created_at: datetime
    created_by: str
    waiting: int
    dead: int


def register(
    url: str,
    secret: str,
    books: Books,
    by: Actor,
    reach: Reach,
    *,
    kinds: Sequence[AlertKind] | None = None,
    policy: str | None = None,
) -> WebhookView:
    """Tell a URL of alerts from now on. BadInput where it may not be told, Conflict where it is registered already."""
    reach.check(url)
    if policy is not None:
        books.town(policy)
    wanted = None if kinds is None else tuple(sorted({str(kind) for kind in kinds}))
    with books.ledger.turn() as turn:
        known = webhooks(turn.connection)
        if any((one.url, one.policy) == (url, policy) for one in known):
            raise Conflict(
                "webhook", [Problem(("url",), "is registered already for this policy; delete that one first")]
            )
        if len(known) >= MOST_WEBHOOKS:
            raise BadInput(
                "webhook", [Problem((), f"there are {MOST_WEBHOOKS} webhooks already, the most there may be")]
            )
        new_id = f"wh-{token_hex(8)}"
        webhook = Webhook(
            id=new_id,
            policy=policy,
            url=url,
            kinds=wanted,
            secret=books.vault.seal_own(secret.encode(), secret_of(new_id)),
            created_at=turn.now,
            created_by=by.id,
            seen_seq=latest_seq(turn.connection),
            seen_until=turn.now,
        )
        add_webhook(turn.connection, webhook)
        turn.audit(by.id, by.role, "register webhook", new_id)
    return _view(webhook, {})


def list_webhooks(books: Books, by: Actor) -> list[WebhookView]:
    """The webhooks of the actor's policy, or all for who is of none."""
    with books.ledger.database.reading() as connection:
        counted = count_states(connection)
        return [_view(one, counted) for one in webhooks(connection) if _is_own(one, by)]


def remove(webhook: str, books: Books, by: Actor) -> None:
    """Send nothing more to a webhook; NotFound where there is none."""
    with books.ledger.turn() as turn:
        _own_or_raise(turn.connection, webhook, by)
        remove_webhook(turn.connection, webhook, turn.now)
        turn.audit(by.id, by.role, "remove webhook", webhook)


def list_deliveries(
    webhook: str, books: Books, by: Actor, *, state: State | None = None, before: int | None = None, limit: int = 100
) -> list[Delivery]:
    """Messages of a webhook, the latest first; NotFound where there is no such webhook."""
    with books.ledger.database.reading() as connection:
        _own_or_raise(connection, webhook, by)
        return deliveries(connection, webhook, state, before, limit)


def resend(webhook: str, number: int, books: Books, by: Actor) -> Delivery:
    """Send a dead message once more, under its old id. Conflict for one that was taken or still waits."""
    with books.ledger.turn() as turn:
        _own_or_raise(turn.connection, webhook, by)
        delivery = get_delivery(turn.connection, webhook, number)
        if delivery is None:
            raise NotFound("delivery", [Problem(("number",), "there is no such delivery")])
        if delivery.state != "dead":
            raise Conflict("delivery", [Problem(("state",), f"is {delivery.state}; only a dead one is sent again")])
        send_again(turn.connection, delivery, turn.now)
        turn.audit(by.id, by.role, "resend delivery", f"{webhook}/{number}")
        found = get_delivery(turn.connection, webhook, number)
    assert found is not None
    return found


def secret_of(webhook: str) -> str:
    """What the sealed secret belongs to."""
    return f"webhook {webhook}"


def _own_or_raise(connection: Connection, webhook: str, by: Actor) -> Webhook:
    found = next((one for one in webhooks(connection) if one.id == webhook and _is_own(one, by)), None)
    if found is None:
        raise NotFound("webhook", [Problem(("id",), "there is no such webhook")])
    return found


def _is_own(webhook: Webhook, by: Actor) -> bool:
    return by.policy is None or webhook.policy == by.policy


def _view(webhook: Webhook, counted: dict[tuple[str, str], int]) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        policy=webhook.policy,
        url=webhook.url,
        kinds=webhook.kinds,
        created_at=webhook.created_at,
        created_by=webhook.created_by,
        waiting=counted.get((webhook.id, "waiting"), 0),
        dead=counted.get((webhook.id, "dead"), 0),
    )
