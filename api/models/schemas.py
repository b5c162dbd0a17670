"""Models and promotions as they are read over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from triage.desk.learning.champion import LONGEST_WHY


class PromotionIn(BaseModel):
    """Which version is to answer from now on (the only one of its name, unless given), and why: needed where it does
    not answer already."""

    model_config = ConfigDict(extra="forbid")

    version: str | None = Field(default=None, min_length=1, max_length=100)
    why: str = Field(default="", max_length=LONGEST_WHY)


class TaskRead(BaseModel):
    """What a model answers of one kind: how many labels, and from which certainty it may decide alone."""

    labels: int
    promised_precision: float | None


class ReasonRead(BaseModel):
    """What the gate has against a model."""

    id: str
    because: str
    figures: dict[str, Any]


class ModelRead(BaseModel):
    """A model; `serving` is the one that answers. `gate` is what speaks against it: nothing where it passed, null where
    the gate never saw it."""

    name: str
    version: str
    digest: str
    serving: bool
    promises: bool
    tasks: dict[str, TaskRead]
    gate: list[ReasonRead] | None


class PromotionRead(BaseModel):
    """One line of the history: the model that answered from then on, who let it and why, on which figures.

    `undoes` is the place of the promotion that was rolled back.
    """

    seq: int
    at: datetime
    name: str
    version: str
    digest: str
    by: str
    why: str
    measured: dict[str, Any]
    undoes: int | None


class ModelPage(BaseModel):
    """All models at hand, and all promotions, the latest first; `faults` say why a promoted one does not answer."""

    items: list[ModelRead]
    history: list[PromotionRead]
    faults: list[str]
    cursor: str | None = None
