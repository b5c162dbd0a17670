"""What a caller of the service may ask, checked in one place for the API, the command line and the batch job."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from triage.domain.errors import BadInput, Problem
from triage.domain.orders import Caller, Order
from triage.domain.vocabulary import RequestType
from triage.policy.calendar.workdays import parse_time
from triage.policy.vocabulary import FactValue, check_facts

# A text longer than this is no complaint; what is shorter is read by its head and its tail.
LONGEST_TEXT = 1_000_000


def _moment(value: Any) -> datetime:
    return parse_time(value)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    Field(description="ISO 8601; without an offset it is Asia/Shanghai", examples=["2026-03-02T09:00"]),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CallerIn(_Part):
    """Who called. Used to tell callers apart, never echoed."""

    name: str = Field(default="", max_length=200, repr=False)
    phone: str = Field(default="", max_length=50, repr=False)


class OrderIn(_Part):
    """One order as it came down from the district."""

    id: str | None = Field(default=None, max_length=100)
    received_at: Moment
    title: str = Field(default="", max_length=2_000)
    text: str = Field(max_length=LONGEST_TEXT, examples=["小区门口烧烤店每天半夜油烟很大，熏得睡不着"])
    caller: CallerIn | None = None
    address: str = Field(default="", max_length=500)
    request_type: RequestType | None = None

    def to_order(self) -> Order:
        """The order as the domain knows it."""
        caller = Caller(self.caller.name, self.caller.phone) if self.caller else Caller()
        return Order(
            received_at=self.received_at,
            text=self.text,
            title=self.title,
            id=self.id,
            address=self.address,
            caller=caller,
            request_type=self.request_type,
        )


class DecisionRequest(_Part):
    """A question about one order. `as_of` is the time to judge at; unless given, the moment the order came in."""

    policy: str = Field(max_length=100, examples=["nanmatou"])
    as_of: Moment | None = None
    order: OrderIn
    facts: dict[str, Any] = Field(default={}, description="facts stated by a person or the upstream platform")

    @model_validator(mode="after")
    def _known_facts(self) -> Self:
        # BadInput passes through pydantic untouched, with every fault named.
        check_facts(self.facts)
        return self

    @property
    def stated(self) -> dict[str, FactValue]:
        """The stated facts, checked."""
        return check_facts(self.facts)

    @property
    def at(self) -> datetime:
        """The time to judge at."""
        return self.as_of or self.order.received_at


def check_request(data: Any) -> DecisionRequest:
    """A request from plain data; BadInput names every fault by its place."""
    try:
        return DecisionRequest.model_validate(data)
    except ValidationError as error:
        problems = [
            Problem(tuple(fault["loc"]), fault["msg"].removeprefix("Value error, "))
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise BadInput("request", problems) from None
