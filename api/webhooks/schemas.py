"""What is sent and answered around webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from triage.desk.webhooks.registering import WebhookView
from triage.domain.vocabulary import AlertKind
from triage.records.webhooks import State


class WebhookIn(BaseModel):
    """Who is to be told: `kinds` of alerts (all unless given) of a policy (the key's own unless given)."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    url: Annotated[str, Field(max_length=500, examples=["https://oa.example.cn/hooks/triage"])]
    secret: Annotated[SecretStr, Field(min_length=16, max_length=200, description="what messages are signed with")]
    kinds: Annotated[list[AlertKind], Field(min_length=1)] | None = None
    policy: Annotated[str, Field(max_length=100)] | None = None


class WebhookPage(BaseModel):
    """All webhooks; `cursor` is always null."""

    items: list[WebhookView]
    cursor: str | None = None


class DeliveryRead(BaseModel):
    """One message: `state` waiting, delivered or dead; how the last of its `tries` ended, and when the next is due."""

    number: int
    id: str
    state: State
    tries: int
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    status: int | None
    fault: str | None
    body: dict[str, Any]


class DeliveryPage(BaseModel):
    """One page of messages, the latest first; `cursor` begins the next page and is null on the last."""

    items: list[DeliveryRead]
    cursor: str | None
