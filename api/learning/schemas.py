"""What is answered around learning."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class Choice(BaseModel):
    """A category that may be the right one."""

    id: str
    name: str
    confidence: float


class QuestionRead(BaseModel):
    """An order whose answer would teach much, and why; answered with POST /v1/orders/{id}/feedback."""

    order_id: str
    received_at: datetime
    issue: str | None
    between: list[Choice]
    alike: int
    because: str


class QuestionList(BaseModel):
    """The questions, the most telling first; there is no further page."""

    items: list[QuestionRead]
    cursor: None = None


class DoubtRead(BaseModel):
    """A label that is probably a slip, and the likelier one; put right with POST /v1/orders/{id}/feedback."""

    order_id: str
    task: str
    given: Choice
    likelier: Choice
    because: str


class DoubtList(BaseModel):
    """The labels of the latest list that nobody has looked at yet, the most doubtful first; no further page."""

    listed_at: datetime | None
    items: list[DoubtRead]
    cursor: None = None
