"""A model as it is read over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class TaskRead(BaseModel):
    """What a model answers of one kind: how many labels, and from which certainty it may decide alone."""

    labels: int
    promised_precision: float | None


class ModelRead(BaseModel):
    """A model; `serving` is the one that answers."""

    name: str
    version: str
    serving: bool
    promises: bool
    tasks: dict[str, TaskRead]


class ModelPage(BaseModel):
    """All models."""

    items: list[ModelRead]
    cursor: str | None = None
