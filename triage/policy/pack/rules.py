"""The rules of a pack: who decides, what is owed, who is told, what is refused, what must hold before closing.

Each class is one kind of YAML mapping and stands under the section of the same name in `RULES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from triage.domain.errors import hint
from triage.domain.events import Event
from triage.domain.vocabulary import (
    REPLY_ELEMENTS,
    AlertKind,
    DispatchMode,
    EventKind,
    ObligationId,
    Outcome,
    ReplyFact,
    Role,
    Satisfaction,
)
from triage.policy.events import FIELDS
from triage.policy.pack.shapes import ALWAYS, ClauseRef, Sentence, Strict, When, listed
from triage.policy.vocabulary import FACTS


class DispatchRule(Strict):
    """One line of the order of precedence: the first whose `when` holds decides."""

    clause: ClauseRef
    when: When = ALWAYS
    mode: DispatchMode
    decider: Role
    because: str


WORDS: Mapping[str, tuple[str, ...]] = {
    "by": tuple(Role),
    "outcome": tuple(Outcome),
    "satisfaction": tuple(Satisfaction),
    "fact": tuple(ReplyFact),
}
"""The words that some fields of events may have: any other would never match."""


class EventPattern(Strict):
    """Which events count: the kind, and values their fields must have."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: EventKind

    @model_validator(mode="after")
    def _fields_that_events_have(self) -> EventPattern:
        for name, value in self.fields.items():
            if name not in FIELDS:
                raise ValueError(f"events have no field {name!r}; {hint(name, sorted(FIELDS))}")
            words = WORDS.get(name)
            if words is not None and value not in words:
                raise ValueError(f"{name} is never {value!r}; it is one of {', '.join(words)}")
        return self

    @cached_property
    def fields(self) -> dict[str, Any]:
        return self.model_extra or {}

    def matches(self, event: Event) -> bool:
        """Whether the event is of this kind and has these values."""
        if event.kind is not self.kind:
            return False
        return all(event.fields.get(name) == value for name, value in self.fields.items())


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


Patterns = Annotated[tuple[EventPattern, ...], BeforeValidator(listed)]


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
    within: Annotated[tuple[Limit, ...], BeforeValidator(listed)] = ()
    extended_by: EventKind | None = None
    met_by: Patterns = ()
    or_tries: Tries | None = None
    lapses: bool = False

    @model_validator(mode="after")
    def _always_some_limit(self) -> Clock:
        if self.within and self.within[-1].when is not ALWAYS:
            raise ValueError("the last limit under within must have no when, so that one always applies")
        return self


def _known(names: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} cannot stand here; {hint(name, sorted(known))}")
    return names


Roles = Annotated[tuple[Role, ...], BeforeValidator(listed), Field(min_length=1)]
Elements = Annotated[tuple[str, ...], AfterValidator(lambda names: _known(names, frozenset(REPLY_ELEMENTS)))]
Fields = Annotated[tuple[str, ...], AfterValidator(lambda names: _known(names, FIELDS))]
FieldValues = Annotated[
    dict[str, tuple[Any, ...]],
    AfterValidator(lambda fields: {name: fields[name] for name in _known(tuple(fields), FIELDS)}),
]
CountedFact = Annotated[str, AfterValidator(lambda name: _known((name,), _COUNTS)[0])]
_COUNTS = frozenset(fact.name for fact in FACTS.values() if fact.type == "count")


class AtLeast(Strict):
    """A count that must reach a parameter; without the parameter the alert `missing_parameter` is raised instead."""

    fact: CountedFact
    parameter: str


class AlertRule(Strict):
    """Who is told of what while `when` holds. Rules of one clause, kind and level are told as one alert."""

    clause: ClauseRef
    kind: AlertKind
    level: str | None = None
    notify: Roles
    when: When = ALWAYS
    at_least: AtLeast | None = None
    because: Sentence

    @model_validator(mode="after")
    def _asks_something(self) -> AlertRule:
        if self.when is ALWAYS and self.at_least is None:
            raise ValueError("give when or at_least: an alert that is always raised tells nobody anything")
        return self


class Step(Strict):
    """One rung of an escalation."""

    at: Annotated[int, Field(ge=1)]
    kind: AlertKind
    notify: Roles
    because: Sentence


class Escalation(Strict):
    """A count that is told to more people the higher it is: the highest step reached stands for those below it."""

    clause: ClauseRef
    fact: CountedFact
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascending(self) -> Escalation:
        for below, above in pairwise(self.steps):
            if above.at <= below.at:
                raise ValueError(f"thresholds must rise from step to step, but {above.at} follows {below.at}")
        return self


class Reminder(Strict):
    """So many office hours (a parameter) before an obligation is due, someone is reminded of it."""

    clause: ClauseRef
    obligation: ObligationId
    parameter: str
    notify: Roles
    because: Sentence


class Refusal(Strict):
    """An event that is refused: where `when` holds and, of those given, every further condition.

    `lacks`: one of these fields is missing. `none_of`: a field has another value than these, or none. `after`: it comes
    after the due time of that obligation. `until_beyond`: its `until` lies more than so many working days after the
    dispatch.
    """

    clause: ClauseRef
    event: EventPattern
    when: When = ALWAYS
    lacks: Fields = ()
    none_of: FieldValues = Field(default_factory=dict)
    after: ObligationId | None = None
    until_beyond: Annotated[int, Field(ge=1, le=1000)] | None = None
    because: Sentence


class Approval(Strict):
    """Who answers a request: the first whose `when` holds counts. Nobody else may, and there must be a request."""

    clause: ClauseRef
    request: Literal["return", "extension"]
    when: When = ALWAYS
    by: Roles
    because: Sentence


class ClosingRule(Strict):
    """Why an order may not be closed: `when` holds and, where `lacks` is given, the last reply lacks one of these."""

    clause: ClauseRef
    when: When = ALWAYS
    lacks: Elements = ()
    because: Sentence

    @model_validator(mode="after")
    def _asks_something(self) -> ClosingRule:
        if self.when is ALWAYS and not self.lacks:
            raise ValueError("give when or lacks: otherwise no order could ever be closed")
        return self


class Rules(Strict):
    """The sections that hold rules; every rule names its clause."""

    dispatch: tuple[DispatchRule, ...] = ()
    clocks: tuple[Clock, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    approvals: tuple[Approval, ...] = ()
    closing: tuple[ClosingRule, ...] = ()


SECTIONS: tuple[str, ...] = tuple(Rules.model_fields)
