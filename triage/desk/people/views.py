"""What someone sees of people: posts always, names in the house, telephone numbers only whoever has to ring."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.orders.views import audit_read
from triage.desk.people.duty import Gap
from triage.desk.people.keeping import duty_kept
from triage.desk.people.resolving import Via, who
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import LEADERS, Role
from triage.records.people import (
    Absence,
    Person,
    Post,
    Shift,
    open_persons,
    people_version,
    roster_at,
    shifts_of_week,
)

MAY_RING = frozenset({Role.DISPATCHER, Role.CENTRE, *LEADERS})
"""Who sees telephone numbers and absences: the desk and the leaders."""

MAY_NOT_NAME = frozenset({Role.ANALYST})
"""Who never sees a name."""


@dataclass(frozen=True)
class PersonView:
    """Somebody as the asker may see them: without a name `name` is null, without numbers `telephones` is."""

    id: str
    name: str | None
    telephones: tuple[str, ...] | None
    posts: tuple[Post, ...]
    since: datetime | None
    until: datetime | None
    absences: tuple[Absence, ...] | None = None


@dataclass(frozen=True)
class PeopleView:
    """A policy's people as they were known at `as_of`; `version` goes up with every change."""

    policy: str
    as_of: datetime
    version: int
    people: tuple[PersonView, ...]


@dataclass(frozen=True)
class WhoView:
    """Whom a role means at a moment, and why."""

    role: Role
    unit: str | None
    at: datetime
    person: PersonView | None
    via: Via
    on_duty: bool
    why: str


@dataclass(frozen=True)
class DutyView:
    """A week's duty roster: shifts, the people in them, when nobody is on duty, and what else to see to."""

    policy: str
    week: str
    shifts: tuple[Shift, ...]
    people: tuple[PersonView, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[str, ...]


def show_people(policy: str, books: Books, by: Actor, as_of: datetime, unit: str | None = None) -> PeopleView:
    """A policy's people, or those of one unit, as they were known at `as_of`."""
    with books.ledger.database.reading() as connection:
        roster = roster_at(connection, policy, as_of)
        version = people_version(connection, policy)
        people = [one for one in roster.people.values() if unit is None or any(p.unit == unit for p in one.posts)]
        shown = persons_seen(connection, policy, people, books, by, roster.absences)
    _audit(books, by, shown, f"{policy}/people")
    return PeopleView(policy, as_of, version, tuple(shown.values()))


def show_who(
    policy: str, role: Role, books: Books, by: Actor, at: datetime, *, unit: str | None = None, as_of: datetime
) -> WhoView:
    """Whom a role means at `at`, by what was known at `as_of`; BadInput where the pack has no such unit."""
    town = books.town(policy)
    if unit is not None and unit not in town.pack.units:
        raise BadInput("request", [Problem(("unit",), f"no unit {unit[:60]!r} in pack {policy}")])
    with books.ledger.database.reading() as connection:
        found = who(roster_at(connection, policy, as_of, around=at), role, at, town, unit)
        people = [] if found.person is None else [found.person]
        shown = persons_seen(connection, policy, people, books, by)
    _audit(books, by, shown, f"{policy}/{role}")
    person = None if found.person is None else shown[found.person.id]
    return WhoView(role, unit, at, person, found.via, found.on_duty, found.why)


def show_duty(policy: str, week: str, books: Books, by: Actor, as_of: datetime) -> DutyView:
    """A week's duty roster as it was known at `as_of`."""
    hours = books.town(policy).hours
    with books.ledger.database.reading() as connection:
        roster = roster_at(connection, policy, as_of)
        kept = duty_kept(week, shifts_of_week(connection, policy, week, as_of), roster, hours)
        ids = dict.fromkeys(shift.person for shift in kept.shifts)
        people = [roster.people[one] for one in ids if one in roster.people]
        shown = persons_seen(connection, policy, people, books, by)
    _audit(books, by, shown, f"{policy}/{week}")
    return DutyView(policy, week, kept.shifts, tuple(shown.values()), kept.gaps, kept.warnings)


def persons_seen(
    connection: Connection,
    policy: str,
    people: Collection[Person],
    books: Books,
    by: Actor,
    absences: tuple[Absence, ...] | None = None,
    *,
    numbers: bool = True,
) -> dict[str, PersonView]:
    """Persons by id as an actor may see them; nothing is opened for who may not see names. Not audited here."""
    rings = numbers and by.role in MAY_RING
    opened = {} if by.role in MAY_NOT_NAME else open_persons(connection, books.vault, policy, people)
    found = {}
    for person in people:
        told = opened.get(person.id, {})
        found[person.id] = PersonView(
            id=person.id,
            name=told.get("name"),
            telephones=tuple(told["telephones"]) if rings and told else None,
            posts=person.posts,
            since=person.since,
            until=person.until,
            absences=tuple(a for a in absences if a.person == person.id) if rings and absences is not None else None,
        )
    return found


def _audit(books: Books, by: Actor, shown: Mapping[str, PersonView], target: str) -> None:
    if any(person.name is not None for person in shown.values()):
        what = "numbers" if by.role in MAY_RING else "names"
        audit_read(books, by, f"read people's {what}", target)
