"""What the district's receipt looks like when it is handed in, checked for shape."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.desk.requests import Moment
from triage.desk.results.receipts import Receipt
from triage.domain.errors import BadInput, Problem

MOST_NAMED = 10_000
OrderId = Annotated[str, Field(min_length=1, max_length=200)]


class _Given(BaseModel):
    # A reason may be personal and must not come back in an error message.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class RejectedIn(_Given):
    """An order that the district did not take, and why; nothing personal of the reason is kept."""

    id: OrderId
    reason: Annotated[str, Field(max_length=2_000)] = ""


class ReceiptIn(_Given):
    """What the district acknowledged of a batch, under its own number; more than one receipt may answer a batch."""

    number: Annotated[str, Field(min_length=1, max_length=100)]
    at: Moment
    accepted: Annotated[list[OrderId], Field(max_length=MOST_NAMED)] = []
    rejected: Annotated[list[RejectedIn], Field(max_length=MOST_NAMED)] = []

    @property
    def receipt(self) -> Receipt:
        """As the desk knows it."""
        rejected = tuple((one.id, one.reason) for one in self.rejected)
        return Receipt(self.number, self.at, tuple(self.accepted), rejected)


def check_receipt(name: str, data: Any) -> Receipt:
    """A receipt from plain data; BadInput names every fault of what is called `name` by its place."""
    try:
        return ReceiptIn.model_validate(data).receipt
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [Problem(tuple(fault["loc"]), fault["msg"].removeprefix("Value error, ")) for fault in faults]
        raise BadInput(name, problems) from None
