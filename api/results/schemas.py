"""What is sent and answered around results."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from triage.desk.requests import Moment
from triage.desk.results.handing_over import Exported
from triage.desk.results.result import Result


class ReadyRead(BaseModel):
    """A result that the district has not acknowledged: since when it is as it is, and whether it is in a batch."""

    changed_at: datetime
    handed_over: bool
    result: Result


class ReadyPage(BaseModel):
    """One page of results, by their place in the ledger; `cursor` begins the next page and is null on the last."""

    items: list[ReadyRead]
    cursor: str | None


class ExportIn(BaseModel):
    """Of which policy a batch is made; with `since` only of orders of which something happened from then on."""

    model_config = {"extra": "forbid"}

    policy: Annotated[str, Field(max_length=80)]
    since: Moment | None = None


class ExportRead(BaseModel):
    """A batch; `number` is null where nothing is ready. `more` says that not everything that is ready went in."""

    number: int | None
    policy: str
    made_at: datetime | None
    orders: int
    digest: str | None
    more: bool

    @classmethod
    def of(cls, policy: str, exported: Exported) -> ExportRead:
        """As it is answered."""
        batch = exported.batch
        return cls(
            number=None if batch is None else batch.number,
            policy=policy,
            made_at=None if batch is None else batch.made_at,
            orders=len(exported.items),
            digest=None if batch is None else batch.digest,
            more=exported.more,
        )


class ReceiptRead(BaseModel):
    """What the receipt came to; `open` orders of the batch are unanswered still."""

    batch: int
    number: str
    accepted: int
    rejected: int
    open: int
