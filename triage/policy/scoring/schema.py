"""What the `scoring` section of a pack may say; a score is data, and the software only adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from triage.policy.pack.shapes import ClauseRef, Slug, Strict, listed
from triage.policy.scoring.period import PeriodKind
from triage.policy.scoring.rates import Count, Percent, Rate

Positive = Annotated[Decimal, Field(gt=0)]
Periods = Annotated[tuple[PeriodKind, ...], BeforeValidator(listed), Field(min_length=1)]


def exactly_one(part: Strict, names: tuple[str, ...]) -> None:
    """Refuse a mapping that gives none or several of these keys."""
    if sum(getattr(part, name) is not None for name in names) != 1:
        raise ValueError(f"give exactly one of {', '.join(names)}")


class _Part(Strict):
    """One line of the table of scores; worked out only for the periods named, a month where none is."""

    id: Slug
    clause: ClauseRef
    name: str
    points: Positive | None = None
    periods: Periods = ("month",)


class RatePart(_Part):
    """A rate times the points; which rate may hang on a parameter."""

    way: Literal["rate"]
    points_parameter: str | None = None
    of: Rate | None = None
    of_parameter: str | None = None
    choices: dict[str, Rate] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> RatePart:
        exactly_one(self, ("points", "points_parameter"))
        exactly_one(self, ("of", "of_parameter"))
        if (self.of_parameter is None) != (not self.choices):
            raise ValueError("choices are given with of_parameter, and only with it")
        return self


class VolumePart(_Part):
    """The largest volume has the points, the least its share of them, the others in between by their volume."""

    way: Literal["volume"]
    points: Positive
    lowest_share: Annotated[Decimal, Field(ge=0, le=1)]


class PlacesPart(_Part):
    """Points for the first places by volume: the largest, the second …"""

    way: Literal["places"]
    points: None = None
    places: Annotated[tuple[Positive, ...], Field(min_length=1)]


class ThresholdPart(_Part):
    """Full points from so many per cent on; each point of a per cent below takes some, down to nothing."""

    way: Literal["threshold"]
    points: Positive
    of: Rate
    full_from: Percent
    per_point: Positive


class Deduction(Strict):
    """What each order counted takes away."""

    of: Count
    takes: Positive | None = None
    takes_parameter: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Deduction:
        exactly_one(self, ("takes", "takes_parameter"))
        return self


class Item(Strict):
    """What a person enters by hand, each time; `adds_between` leaves the points to the person, within bounds."""

    id: Slug
    name: str
    adds: Positive | None = None
    adds_parameter: str | None = None
    adds_between: tuple[Positive, Positive] | None = None
    takes: Positive | None = None
    takes_parameter: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Item:
        exactly_one(self, ("adds", "adds_parameter", "adds_between", "takes", "takes_parameter"))
        if self.adds_between is not None and self.adds_between[0] >= self.adds_between[1]:
            raise ValueError("adds_between must rise")
        return self


class TallyPart(_Part):
    """Points added and taken away one by one.

    `starts: full`: the points are had, lost bit by bit, never below nothing. `starts: zero`: it begins with nothing
    and ends, where points are given, between plus and minus these. `excused_by`: excuses that take an order out.
    """

    way: Literal["tally"]
    starts: Literal["full", "zero"] = "full"
    deductions: tuple[Deduction, ...] = ()
    items: tuple[Item, ...] = ()
    excused_by: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> TallyPart:
        if self.starts == "full" and self.points is None:
            raise ValueError("a tally that starts full needs points")
        if not self.deductions and not self.items:
            raise ValueError("a tally needs deductions or items")
        return self


AnyPart = Annotated[RatePart | VolumePart | PlacesPart | ThresholdPart | TallyPart, Field(discriminator="way")]


class Excuse(Strict):
    """What a person enters for an order that a rule does not hold for, such as a broken line."""

    id: Slug
    name: str


class Target(Strict):
    """A rate that must be reached; it gives no points."""

    id: Slug
    clause: ClauseRef
    name: str
    of: Rate
    at_least: Percent | None = None
    at_least_parameter: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Target:
        exactly_one(self, ("at_least", "at_least_parameter"))
        return self


class Ranking(Strict):
    """Units in the order of their totals; the last so many are named in one kind of period."""

    clause: ClauseRef
    periods: Periods = ("month",)
    last: Annotated[int, Field(ge=1)] | None = None
    last_in: PeriodKind | None = None

    @model_validator(mode="after")
    def _fits(self) -> Ranking:
        if (self.last is None) != (self.last_in is None):
            raise ValueError("last and last_in are given together")
        return self


class Scoring(Strict):
    """How a pack scores its units; `full` is what the points of the parts add up to."""

    full: Positive | None = None
    parts: tuple[AnyPart, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    targets: tuple[Target, ...] = ()
    ranking: Ranking | None = None

    def items(self) -> dict[str, Item]:
        """What may be entered by hand, by id."""
        return {item.id: item for part in self.parts if isinstance(part, TallyPart) for item in part.items}
