"""What the month is made of: an order comes in, or something happens to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order comes in. `body` is that of `POST /v1/orders`; the rest says how it was made and is sent to nobody.

    `category` is what the sentences are about, `concern` the matter (orders of one matter share it), `by_app` whether
    it came by application, `course` what will happen to it.
    """

    at: datetime
    order_id: str
    body: Mapping[str, Any] = field(repr=False)  # a name and a number stand in it, invented or not
    category: str
    concern: str
    by_app: bool
    course: str


@dataclass(frozen=True, slots=True)
class OrderEvents:
    """Events of one instant happen to an order; `events` are the body of `POST /v1/orders/{id}/events`."""

    at: datetime
    order_id: str
    events: tuple[Mapping[str, Any], ...]

    @property
    def body(self) -> Mapping[str, Any]:
        """The order's id and its events, as plain data."""
        return {"order_id": self.order_id, "events": list(self.events)}


Happening = NewOrder | OrderEvents
