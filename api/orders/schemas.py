"""What is sent and answered around orders that are kept."""

from __future__ import annotations

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
