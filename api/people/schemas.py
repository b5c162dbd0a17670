"""What is answered around people."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from triage.desk.people.duty import Gap
from triage.desk.people.views import PersonView
from triage.records.people import Shift


class PeoplePage(BaseModel):
    """A policy's people, all of them; `version` is what If-Match is held against."""

    policy: str
    as_of: datetime
    version: int
    items: list[PersonView]
    cursor: str | None = None


class PeopleKept(BaseModel):
    """What was put down: the ids that changed; none where all was known already."""

    policy: str
    changed: list[str]


class DutyRead(BaseModel):
    """A week as it is kept, with the times at which nobody is on duty and what else to see to."""

    policy: str
    week: str
    shifts: list[Shift]
    gaps: list[Gap]
    warnings: list[str]
