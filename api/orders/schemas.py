"""What is sent and answered around orders that are kept."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from triage.desk.orders.views import OrderSummary


class OrderPage(BaseModel):
    """One page of orders, the latest first; `cursor` begins the next page and is null on the last."""

    items: list[OrderSummary]
    cursor: str | None


class RecordedRead(BaseModel):
    """What was put down: ids in the order sent, those known before, and the order as it stands."""

    order_id: str
    version: int
    status: str
    ids: list[str]
    known: list[str]


class FeedbackIn(BaseModel):
    """What the dispatcher chose instead, and why; only what differs from the suggestion needs to be said."""

    model_config = {"extra": "forbid"}

    category: str | None = None
    units: list[str] | None = None
    request_type: str | None = None
    urgency: str | None = None
    mode: str | None = None
    decider: str | None = None
    issue: str | None = None
    accepted: bool = False
    why: str = ""


class FeedbackRead(BaseModel):
    """The feedback as it is kept."""

    order_id: str
    id: str
    fields: dict[str, Any]
