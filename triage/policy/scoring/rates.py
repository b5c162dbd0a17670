"""Which figures a pack's scoring may ask for, and how an answer of a caller counts in them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from triage.domain.vocabulary import Outcome, Satisfaction
from triage.policy.pack.shapes import Strict

RateId = Literal[
    "timely",
    "contacted",
    "first_unit_contacted",
    "responded",
    "outcome",
    "satisfaction",
    "satisfied_of_transferred",
]
CountId = Literal[
    "signed_late",
    "returned_late",
    "finished_late",
    "unfinished_late",
    "extension_late",
    "answered_late",
    "sent_back",
    "repeated",
    "overdue_after_extension",
]
_CREDITED: dict[str, tuple[str, ...]] = {
    "outcome": tuple(Outcome),
    "satisfaction": tuple(Satisfaction),
    "satisfied_of_transferred": tuple(Satisfaction),
}
_NEED_PARAMETER = ("responded", "repeated")

Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Rate(Strict):
    """A share of orders. `shared`: assisting units answer for it as the lead does (主协办同责).

    `credits`: what an answer of the caller counts, in per cent; an answer that is not named counts nothing.
    """

    measure: RateId
    shared: bool = False
    credits: dict[str, Percent] = Field(default_factory=dict)
    parameter: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Rate:
        known = _CREDITED.get(self.measure, ())
        if bool(known) != bool(self.credits):
            raise ValueError(f"credits belong to {', '.join(_CREDITED)}, and must be given there")
        for name in self.credits:
            if name not in known:
                raise ValueError(f"credit {name!r} is not one of {', '.join(known)}")
        _check_parameter(self.measure, self.parameter)
        return self


class Count(Strict):
    """Orders in which something went wrong; `at_most`: so many requests of an extension are allowed."""

    measure: CountId
    shared: Literal[False] = False
    parameter: str | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Count:
        if self.at_most is not None and self.measure != "extension_late":
            raise ValueError("at_most belongs to extension_late")
        _check_parameter(self.measure, self.parameter)
        return self


def _check_parameter(measure: str, parameter: str | None) -> None:
    if (measure in _NEED_PARAMETER) != (parameter is not None):
        raise ValueError(f"parameter belongs to {', '.join(_NEED_PARAMETER)}, and must be given there")
