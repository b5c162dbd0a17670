"""Put down who holds which post, who is away and who is on duty: every change is an entry of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from triage.desk.orders.books import Books
from triage.desk.people.duty import Gap, double_booked, gaps, misplaced, week_span
from triage.desk.people.given import AbsenceIn, PersonIn, ShiftIn
from triage.domain.errors import BadInput, Conflict, NotFound, Problem, hint
from triage.domain.people import Actor
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.pack.pack import Pack
from triage.records.entries import DUTY, PERSON, Entry
from triage.records.ledger import Turn
from triage.records.people import (
    LONGEST_SHIFT,
    Absence,
    Person,
    Roster,
    Shift,
    absence_fields,
    destroy_person,
    duty_fields,
    open_persons,
    people_version,
    person_fields,
    project_people,
    roster_at,
    seal_person,
)

MOST_PEOPLE = 5_000


@dataclass(frozen=True)
class DutyKept:
    """A week's roster as it is kept, with what is wrong with it that a person should see to."""

    week: str
    shifts: tuple[Shift, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[str, ...]


def put_people(
    policy: str, given: Sequence[PersonIn], books: Books, by: Actor, *, if_version: int | None = None
) -> list[str]:
    """Keep persons, each in place of what was known of its id; the ids that changed.

    UnknownPolicy, BadInput for posts that the pack does not have, Conflict where somebody else changed the people
    since `if_version`. What is the same changes nothing.
    """
    pack = books.town(policy).pack
    _raise("people", _people_faults(given, pack))
    with books.ledger.turn() as turn:
        _refuse_stale(turn, policy, if_version)
        known = roster_at(turn.connection, policy, turn.now)
        if len({*known.people, *(one.id for one in given)}) > MOST_PEOPLE:
            raise BadInput("people", [Problem(("people",), f"would be more than {MOST_PEOPLE}")])
        named = [known.people[one.id] for one in given if one.id in known.people]
        opened = open_persons(turn.connection, books.vault, policy, named)
        changed = [one for one in given if not _is_kept(one, known, opened)]
        for one in changed:
            _put_person(one, policy, books, turn, by)
        return [one.id for one in changed]


def erase_person(policy: str, person: str, books: Books, by: Actor) -> None:
    """Destroy somebody's name and numbers for good, and end their posts; what they were on duty for stays told."""
    with books.ledger.turn() as turn:
        roster = roster_at(turn.connection, policy, turn.now)
        found = _known_or_raise(roster, person)
        until = turn.now if found.until is None else min(found.until, turn.now)
        since = None if found.since is None else min(found.since, until)
        destroy_person(turn.connection, policy, person, turn.now)
        _put(turn, policy, PERSON, person_fields(replace(found, since=since, until=until)), by)
        turn.audit(by.id, by.role, "erase person", f"{policy}/{person}")


def put_absence(policy: str, person: str, given: AbsenceIn, books: Books, by: Actor) -> Absence:
    """Keep that somebody is away; the same again changes nothing. BadInput where it overlaps another absence."""
    absence = given.of(person)
    with books.ledger.turn() as turn:
        roster = roster_at(turn.connection, policy, turn.now)
        _known_or_raise(roster, person)
        if absence in roster.absences:
            return absence
        _raise("absence", _absence_faults(absence, roster))
        _put(turn, policy, PERSON, absence_fields(absence), by)
        turn.audit(by.id, by.role, "put absence", f"{policy}/{person}")
    return absence


def withdraw_absence(policy: str, person: str, absence: str, books: Books, by: Actor) -> None:
    """Take an absence back: somebody came back, or did not go. NotFound where there is none of this id."""
    with books.ledger.turn() as turn:
        roster = roster_at(turn.connection, policy, turn.now)
        found = next((one for one in roster.absences if (one.id, one.person) == (absence, person)), None)
        if found is None:
            raise NotFound("absence", [Problem(("absence",), "there is no such absence")])
        _put(turn, policy, PERSON, absence_fields(found, withdrawn=True), by)
        turn.audit(by.id, by.role, "withdraw absence", f"{policy}/{person}")


def put_duty(policy: str, week: str, given: Sequence[ShiftIn], books: Books, by: Actor) -> DutyKept:
    """Keep a week's duty roster whole, in place of what was known of that week; the same again changes nothing.

    BadInput for unknown persons and units, shifts that begin in another week, and overlaps of one duty.
    """
    town = books.town(policy)
    shifts = tuple(sorted((one.shift for one in given), key=lambda one: (one.since, one.role, one.unit or "")))
    since, until = week_span(week)
    with books.ledger.turn() as turn:
        roster = roster_at(turn.connection, policy, turn.now)
        kept = [shift for shift in roster.shifts if since <= shift.since < until]
        near = [s for s in roster.shifts if s not in kept and abs(s.since - since) <= 2 * LONGEST_SHIFT]
        _raise("duty", [*misplaced([one.shift for one in given], week, near), *_strangers(given, roster, town.pack)])
        if sorted(kept, key=repr) != sorted(shifts, key=repr):
            _put(turn, policy, DUTY, duty_fields(week, shifts), by)
            turn.audit(by.id, by.role, "put duty", f"{policy}/{week}")
        now_known = roster_at(turn.connection, policy, turn.now)
    return duty_kept(week, shifts, now_known, books.town(policy).hours)


def duty_kept(week: str, shifts: Sequence[Shift], roster: Roster, hours: WorkingTime) -> DutyKept:
    """A week's roster with its gaps and with shifts of persons who are away."""
    return DutyKept(week, tuple(shifts), tuple(gaps(roster, week, hours)), tuple(double_booked(roster, shifts)))


def _put_person(one: PersonIn, policy: str, books: Books, turn: Turn, by: Actor) -> None:
    sealed = seal_person(turn.connection, books.vault, policy, one.id, _personal(one))
    seq = _put(turn, policy, PERSON, person_fields(one.person), by, sealed.hash)
    books.originals.keep(turn.connection, seq, sealed)
    turn.audit(by.id, by.role, "put person", f"{policy}/{one.id}")


def _put(turn: Turn, policy: str, kind: str, fields: dict[str, object], by: Actor, seal: str | None = None) -> int:
    kept = turn.add(Entry(policy, kind, turn.now, fields, by.id, seal=seal))
    project_people(turn.connection, kept)
    return kept.seq


def _personal(one: PersonIn) -> dict[str, Any]:
    return {"name": one.name, "telephones": list(one.telephones)}


def _is_kept(one: PersonIn, known: Roster, opened: Mapping[str, Any]) -> bool:
    kept = known.people.get(one.id)
    return kept is not None and replace(kept, seq=0) == one.person and opened.get(one.id) == _personal(one)


def _people_faults(given: Sequence[PersonIn], pack: Pack) -> Iterator[Problem]:
    ids = [one.id for one in given]
    for index, one in enumerate(given):
        if one.id in ids[:index]:
            yield Problem(("people", index, "id"), f"{one.id!r} is there twice")
        for place, post in enumerate(one.posts):
            loc = ("people", index, "posts", place)
            if post.unit is not None and post.unit not in pack.units:
                yield Problem((*loc, "unit"), f"no unit {post.unit!r} in pack {pack.id}; {hint(post.unit, pack.units)}")
            if post.leader is not None:
                yield from _leader_faults(post.leader, str(post.role), pack, (*loc, "leader"))


def _leader_faults(leader: str, role: str, pack: Pack, loc: tuple[str | int, ...]) -> Iterator[Problem]:
    found = pack.leaders.get(leader)
    if found is None:
        yield Problem(loc, f"no leader {leader!r} in pack {pack.id}; {hint(leader, pack.leaders)}")
    elif found.role != role:
        yield Problem(loc, f"{leader!r} is {found.role} in pack {pack.id}, not {role}")


def _absence_faults(absence: Absence, roster: Roster) -> Iterator[Problem]:
    if absence.stand_in == absence.person:
        yield Problem(("stand_in",), "is the person who is away")
    elif absence.stand_in is not None and absence.stand_in not in roster.people:
        yield Problem(("stand_in",), f"nobody has the id {absence.stand_in!r}")
    for other in roster.absences:
        if other.person == absence.person and other.since < absence.until and absence.since < other.until:
            span = f"{other.since:%Y-%m-%d %H:%M} to {other.until:%Y-%m-%d %H:%M}"
            yield Problem(("since",), f"overlaps the absence {other.id} from {span}; withdraw that one first")


def _strangers(given: Iterable[ShiftIn], roster: Roster, pack: Pack) -> Iterator[Problem]:
    for index, shift in enumerate(given):
        if shift.person not in roster.people:
            yield Problem(("shifts", index, "person"), f"nobody has the id {shift.person!r}")
        if shift.unit is not None and shift.unit not in pack.units:
            known = hint(shift.unit, pack.units)
            yield Problem(("shifts", index, "unit"), f"no unit {shift.unit!r} in pack {pack.id}; {known}")


def _known_or_raise(roster: Roster, person: str) -> Person:
    found = roster.people.get(person)
    if found is None:
        raise NotFound("person", [Problem(("id",), "there is no such person")])
    return found


def _refuse_stale(turn: Turn, policy: str, if_version: int | None) -> None:
    version = people_version(turn.connection, policy)
    if if_version is not None and if_version != version:
        raise Conflict("people", [Problem(("version",), f"is {version} by now, not {if_version}")])


def _raise(what: str, faults: Iterable[Problem]) -> None:
    problems = list(faults)
    if problems:
        raise BadInput(what, problems)
