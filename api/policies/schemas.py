"""A pack as it is read over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class DutyRead(BaseModel):
    """A category a unit has a duty for, with the entry of the duty list."""

    category: str
    name: str
    role: str
    entry: str


class UnitRead(BaseModel):
    id: str
    name: str
    leader: str
    duties: list[DutyRead]


class ParameterRead(BaseModel):
    """A number the sources leave open; null until the town gives it."""

    value: int | float | str | None
    unit: str
    note: str


class ClauseRead(BaseModel):
    id: str
    kind: str
    kinds: list[str]
    text: str
    reason: str


class PolicyRead(BaseModel):
    id: str
    name: str
    version: str
    units: list[UnitRead]
    parameters: dict[str, ParameterRead]
    clauses: list[ClauseRead]
