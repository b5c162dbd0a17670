"""What is sent and answered around feedback."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from triage.desk.feedback import Feedback

Word = Annotated[str | None, Field(max_length=100)]


class FeedbackIn(BaseModel):
    """What the dispatcher chose instead, and why; only what differs from the suggestion is said, or `accepted`."""

    model_config = {"extra": "forbid"}

    id: Annotated[str | None, Field(min_length=1, max_length=100, description="sent twice it is kept once")] = None
    category: Word = None
    units: Annotated[
        list[Annotated[str, Field(max_length=100)]] | None, Field(max_length=20, description="the leading one first")
    ] = None
    request_type: Word = None
    urgency: Word = None
    mode: Word = None
    decider: Word = None
    issue: Word = None
    accepted: bool = False
    why: Annotated[str, Field(max_length=2_000)] = ""

    def feedback(self) -> Feedback:
        """As the desk knows it."""
        told = self.model_dump(exclude={"id", "units"})
        return Feedback(**told, units=None if self.units is None else tuple(self.units))


class FeedbackRead(BaseModel):
    """The feedback as it is kept, beside what had been suggested, with the order's version after it."""

    order_id: str
    id: str
    at: datetime
    recorder: str
    fields: dict[str, Any]
    version: int
