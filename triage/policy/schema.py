"""What a policy pack may say. Each class is one kind of YAML mapping; unknown keys are refused.

Pydantic checks the shape and reports every fault with its place; `load.py` turns places into line numbers and
`lint.py` checks what one mapping alone cannot know.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from triage.domain.clauses import ClauseKind
from triage.domain.vocabulary import DispatchMode, EventKind, ObligationId, Role
from triage.policy.conditions import Condition

ALWAYS = Condition("true")


def _condition(value: object) -> Condition:
    if not isinstance(value, str):
        raise ValueError(f"a condition is a CEL text, not {value!r}")
    return Condition(value)


def _listed(value: object) -> object:
    return [value] if isinstance(value, (str, dict)) else value


When = Annotated[Condition, PlainValidator(_condition)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
ClauseRef = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*:[a-z0-9][a-z0-9./-]*$")]
Names = tuple[str, ...]


class Strict(BaseModel):
    """Base of all parts of a pack: frozen, and no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


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

    lead: Annotated[tuple[Slug, ...], BeforeValidator(_listed), Field(min_length=1)]
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
    kind: ClauseKind
    text: str


class DispatchRule(Strict):
    """One line of the order of precedence: the first whose `when` holds decides."""

    clause: ClauseRef
    when: When = ALWAYS
    mode: DispatchMode
    decider: Role
    because: str


class EventPattern(Strict):
    """Which events count: the kind, and values their fields must have."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: EventKind

    @property
    def fields(self) -> dict[str, Any]:
        return self.model_extra or {}


class Tries(Strict):
    """So many calls that did not reach the caller, each so many hours after the last counted one, stand for one
    that did; they count even late where the first of them was in time."""

    of: EventPattern
    count: Annotated[int, Field(ge=1)]
    hours_apart: Annotated[float, Field(ge=0)]


class Limit(Strict):
    """How long a clock runs: exactly one of hours, working days, a parameter, or the working day before another."""

    when: When = ALWAYS
    hours: Annotated[float, Field(gt=0)] | None = None
    workdays: Annotated[int, Field(ge=1, le=1000)] | None = None
    workdays_parameter: str | None = None
    workday_before: ObligationId | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Limit:
        ways = (self.hours, self.workdays, self.workdays_parameter, self.workday_before)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of hours, workdays, workdays_parameter, workday_before")
        return self


Patterns = Annotated[tuple[EventPattern, ...], BeforeValidator(_listed)]


class Clock(Strict):
    """One clock: from which event it runs, how long, and what meets it.

    `until_then`: as long as the starting event has not happened, this earlier one starts it provisionally.
    `extended_by`: an event whose `until` replaces the due time. `lapses`: an offer, not a duty.
    """

    id: ObligationId
    clause: ClauseRef
    actor: Role
    when: When = ALWAYS
    starts: Annotated[Patterns, Field(min_length=1)]
    until_then: EventPattern | None = None
    within: Annotated[tuple[Limit, ...], BeforeValidator(_listed)] = ()
    extended_by: EventKind | None = None
    met_by: Patterns = ()
    or_tries: Tries | None = None
    lapses: bool = False

    @model_validator(mode="after")
    def _always_some_limit(self) -> Clock:
        if self.within and self.within[-1].when is not ALWAYS:
            raise ValueError("the last limit under within must have no when, so that one always applies")
        return self


class PackFile(Strict):
    """A whole pack file."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    name: str
    version: str
    valid_from: date | None = None
    kind: Literal["sub_district", "county_city"]
    source: Source
    adopts: tuple[ClauseRef, ...] = ()
    office_hours: OfficeHoursPart
    parameters: dict[str, Parameter] = {}
    leaders: tuple[Leader, ...]
    units: tuple[Unit, ...]
    duties: dict[str, Duty]
    territory: TerritoryPart = TerritoryPart()
    words: Names = ()
    clauses: dict[str, ClausePart]
    dispatch: tuple[DispatchRule, ...]
    clocks: tuple[Clock, ...] = ()
