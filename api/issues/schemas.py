"""What is sent and answered around issues."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from triage.desk.issues.deeds import MOST_SPLIT
from triage.desk.issues.views import IssueSummary

Id = Annotated[str, Field(min_length=1, max_length=100)]
Why = Annotated[str, Field(min_length=1, max_length=2_000, description="why; names and numbers in it are not kept")]


class IssuePage(BaseModel):
    """One page of issues, hottest first; `cursor` begins the next page and is null on the last."""

    items: list[IssueSummary]
    cursor: str | None


class MergeIn(BaseModel):
    """The issue that is the same matter, and why."""

    model_config = {"extra": "forbid"}

    other: Id
    why: Why


class SplitIn(BaseModel):
    """The orders that are another matter, and why."""

    model_config = {"extra": "forbid"}

    orders: Annotated[list[Id], Field(min_length=1, max_length=MOST_SPLIT)]
    why: Why


class ChangedRead(BaseModel):
    """The issue that stays, and the one that went into it or came out of it."""

    issue: str
    other: str
