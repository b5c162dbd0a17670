"""What a policy pack may say. Each class is one kind of YAML mapping; unknown keys are refused.

Pydantic checks the shape and reports every fault with its place; `load.py` turns places into line numbers and
`lint.py` checks what one mapping alone cannot know.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from triage.domain.clauses import ClauseKind
from triage.policy.bulletins.schema import BulletinPart
from triage.policy.pack.rules import Rules
from triage.policy.pack.shapes import ClauseRef, Names, Slug, Strict, listed
from triage.policy.scoring.schema import Scoring


class Source(Strict):
    title: str
    number: str | None = None
    issued: str | None = None


class OfficeHoursPart(Strict):
    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> OfficeHoursPart:
        if self.start >= self.end:
            raise ValueError(f"start {self.start} must be before end {self.end}")
        return self


class Parameter(Strict):
    """A number the sources leave open; `null` until the town gives it."""

    value: int | float | str | None = None
    unit: str = ""
    note: str = ""


class Leader(Strict):
    id: Slug
    title: str
    role: Literal["main_leader", "deputy_leader", "centre_leader", "duty_leader"]


class Unit(Strict):
    id: Slug
    name: str
    leader: Slug


class Duty(Strict):
    """Who has the statutory duty for a category; several leads where the boundary really is unclear."""

    lead: Annotated[tuple[Slug, ...], BeforeValidator(listed), Field(min_length=1)]
    assist: tuple[Slug, ...] = ()
    entry: str


class Gazetteer(Strict):
    names: Names = ()
    roads: Names = ()
    compounds: Names = ()
    committees: Names = ()
    landmarks: Names = ()


class TerritoryPart(Strict):
    inside: Gazetteer = Gazetteer()
    outside: Gazetteer = Gazetteer()


class ClausePart(Strict):
    """One principle: how the software honours it (in one way or several), and why it cannot where it cannot.

    `through`: the clause whose rules enforce this one too, where a document says the same thing twice.
    """

    kind: Annotated[tuple[ClauseKind, ...], BeforeValidator(listed), Field(min_length=1)]
    text: str
    reason: str = ""
    through: ClauseRef | None = None

    @model_validator(mode="after")
    def _stated_with_a_reason(self) -> ClausePart:
        if (ClauseKind.STATED in self.kind) != bool(self.reason):
            raise ValueError("a clause is stated exactly where a reason says why software cannot enforce it")
        return self


class Override(Rules):
    """What a higher authority rules instead: its rules stand in place of the pack's own of that clause."""

    clause: ClauseRef
    source: Source
    text: str


class PackFile(Rules):
    """A whole pack file."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    name: str
    version: str
    valid_from: date | None = None
    kind: Literal["sub_district", "county_city"]
    source: Source
    adopts: tuple[ClauseRef, ...] = ()
    office_hours: OfficeHoursPart
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    leaders: tuple[Leader, ...]
    units: tuple[Unit, ...]
    duties: dict[str, Duty]
    territory: TerritoryPart = TerritoryPart()
    words: Names = ()
    clauses: dict[str, ClausePart]
    overrides: tuple[Override, ...] = ()
    scoring: Scoring | None = None
    bulletins: tuple[BulletinPart, ...] = ()
