"""What the desk hands in about people, checked for shape; whether it fits the pack is checked when it is kept."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from triage.desk.orders.wording import storable
from triage.desk.requests import Moment
from triage.domain.vocabulary import LEADERS, Role
from triage.policy.pack.shapes import Slug
from triage.records.people import LONGEST_SHIFT, Absence, Person, Post, Shift

OF_A_LINE = frozenset(LEADERS) - {Role.MEETING, Role.DUTY_LEADER}
"""Roles of leaders that the pack lists; who is duty leader changes by the week, and a meeting is nobody's post."""

OF_A_UNIT = frozenset({Role.UNIT, Role.UNIT_HEAD})
_NUMBER = re.compile(r"\+?[0-9][0-9 ()（）*#转-]{2,30}")


def _telephone(value: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise ValueError("must be a telephone number: digits, blanks, brackets, dashes, 转 for an extension")
    return value


def _named(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return storable(value.strip())


Telephone = Annotated[str, Field(max_length=32), AfterValidator(_telephone)]
ShortId = Annotated[Slug, Field(max_length=60)]
MEANT = "the town's own short id, not a name: it stands in the ledger and in logs"


class _Given(BaseModel):
    # What is personal must not come back in an error message.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PostIn(_Given):
    """One post: a unit's handler (`unit`) or head (`unit_head`), a leader of the pack's list, or a role of the desk."""

    role: Role
    unit: ShortId | None = None
    leader: ShortId | None = Field(default=None, description="id of the leader in the pack, for leaders")
    rank: Literal["A", "B"] = Field(default="A", description="A角 or B角: B stands in where every A is away")

    @model_validator(mode="after")
    def _fits_its_role(self) -> Self:
        if (self.role in OF_A_UNIT) != (self.unit is not None):
            raise ValueError(f"unit is given exactly for {', '.join(sorted(OF_A_UNIT))}")
        if (self.role in OF_A_LINE) != (self.leader is not None):
            raise ValueError(f"leader is given exactly for {', '.join(sorted(OF_A_LINE))}")
        if self.role in (Role.MEETING, Role.DUTY_LEADER):
            raise ValueError(f"{self.role} is nobody's post: duty leaders stand in the duty roster")
        return self


class PersonIn(_Given):
    """Somebody as the centre knows them; the same id again puts a new version in place of the one before."""

    id: Annotated[ShortId, Field(description=MEANT, examples=["p-07"])]
    name: Annotated[str, Field(max_length=50), AfterValidator(_named)]
    telephones: Annotated[tuple[Telephone, ...], Field(max_length=5)] = ()
    posts: Annotated[tuple[PostIn, ...], Field(max_length=20)] = ()
    since: Moment | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _forward(self.since, self.until)
        return self

    @property
    def person(self) -> Person:
        """What the ledger may say of them."""
        posts = tuple(Post(str(post.role), post.unit, post.leader, post.rank) for post in self.posts)
        return Person(self.id, posts, self.since, self.until)


class PeopleIn(_Given):
    """Persons to put down; those not named stay as they are."""

    people: Annotated[tuple[PersonIn, ...], Field(min_length=1, max_length=500)]


class AbsenceIn(_Given):
    """From when to when somebody is away. Why is not asked: it would be data about health or family."""

    since: Moment
    until: Moment
    stand_in: ShortId | None = Field(default=None, description="id of who takes over; the B handler unless named")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _forward(self.since, self.until)
        return self

    def of(self, person: str) -> Absence:
        """The absence of a person; its id is made of who and when, so that the same again is the same."""
        return Absence(f"{person}@{self.since:%Y%m%dT%H%M}", person, self.since, self.until, self.stand_in)


ON_DUTY = (Role.DUTY_LEADER, Role.CENTRE, Role.DISPATCHER, Role.UNIT, Role.PARTY_OFFICE, Role.DISCIPLINE)
"""Whose duty there is; what else a rule names is answered for by one of these (seats.py)."""


class ShiftIn(_Given):
    """Who is on duty from when to when: as leader (`duty_leader`), at the desk, or for a unit."""

    role: Role
    person: ShortId
    since: Moment
    until: Moment
    unit: ShortId | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _forward(self.since, self.until)
        if self.until - self.since > LONGEST_SHIFT:
            raise ValueError(f"a shift is at most {LONGEST_SHIFT.days} days long")
        if self.role not in ON_DUTY:
            raise ValueError(f"there is no duty of {self.role}; there is one of {', '.join(ON_DUTY)}")
        if (self.role is Role.UNIT) != (self.unit is not None):
            raise ValueError("unit is given exactly for the role unit")
        return self

    @property
    def shift(self) -> Shift:
        """The shift as it is kept."""
        return Shift(str(self.role), self.person, self.since, self.until, self.unit)


class DutyIn(_Given):
    """The whole duty roster of one week; what was put down for the week before is replaced."""

    shifts: Annotated[tuple[ShiftIn, ...], Field(max_length=500)] = ()


def _forward(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since >= until:
        raise ValueError("since must be before until")
