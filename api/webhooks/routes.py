"""/v1/webhooks: who is told of alerts, and what became of the messages."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `webhook_routes`.
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.access.gate import Gate, own_policy
from api.cursors import cursor_of, read_cursor
from api.errors import PROBLEM
from api.webhooks.schemas import DeliveryPage, DeliveryRead, WebhookIn, WebhookPage
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.webhooks.addresses import Reach
from triage.desk.webhooks.registering import WebhookView, list_deliveries, list_webhooks, register, remove, resend
from triage.domain.people import Actor
from triage.records.webhooks import Delivery, State

WebhookId = Annotated[str, Path(max_length=60)]
_MOST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=_MOST)]


def webhook_routes(books: Books, gate: Gate, reach: Reach) -> APIRouter:
    """The routes, around the books; `reach` says where a webhook may point."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=PROBLEM)
    admin = Annotated[Actor, Depends(gate.needs(Right.EDIT_WEBHOOKS))]

    @router.post("", status_code=201)
    def new(body: WebhookIn, by: admin) -> WebhookView:
        """Tell a URL of alerts from now on."""
        policy = own_policy(by, body.policy)
        return register(body.url, body.secret.get_secret_value(), books, by, reach, kinds=body.kinds, policy=policy)

    @router.get("")
    def all_of_them(by: admin) -> WebhookPage:
        """All webhooks, without their secrets."""
        return WebhookPage(items=list_webhooks(books, by))

    @router.delete("/{webhook}", status_code=204)
    def gone(webhook: WebhookId, by: admin) -> None:
        """Send nothing more to a webhook, and forget its secret."""
        remove(webhook, books, by)

    @router.get("/{webhook}/deliveries")
    def messages(
        webhook: WebhookId,
        by: admin,
        state: State | None = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> DeliveryPage:
        """What was sent, what waits, and what nobody took."""
        before = None if cursor is None else min(max(read_cursor(cursor, (int,))[0], 0), _MOST)
        found = list_deliveries(webhook, books, by, state=state, before=before, limit=limit)
        more = cursor_of(found[-1].number) if len(found) == limit else None
        return DeliveryPage(items=[_read(one) for one in found], cursor=more)

    @router.post("/{webhook}/deliveries/{number}/resend")
    def once_more(webhook: WebhookId, number: Number, by: admin) -> DeliveryRead:
        """Send a dead message once more, under its old id."""
        return _read(resend(webhook, number, books, by))

    return router


def _read(delivery: Delivery) -> DeliveryRead:
    names = set(DeliveryRead.model_fields) - {"id", "body"}
    told = {name: getattr(delivery, name) for name in names}
    return DeliveryRead(**told, id=f"alert_{delivery.alert}", body=json.loads(delivery.body))
