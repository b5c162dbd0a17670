"""People as the ledger knows them: who holds which post, who is away, who is on duty, at any moment of knowledge."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, func, insert, select, update

from triage.records.columns import canonical, stamp
from triage.records.entries import DUTY, PERSON, Kept
from triage.records.originals import Sealed
from triage.records.people_tables import ABSENCES, PERSONS, SHIFTS
from triage.records.tables import ENTRIES, KEYS, ORIGINALS
from triage.records.vault import Vault

LONGEST_SHIFT = timedelta(days=8)
PEOPLE_KINDS = (PERSON, DUTY)
_NO_MONTH = "person"  # callers' keys are of a month and may be destroyed by it; a person's is not
_PART = 500


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody is: a role, of a unit or of a leader's line where the role has them; `rank` A acts, B stands in."""

    role: str
    unit: str | None = None
    leader: str | None = None
    rank: str = "A"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with posts, from `since` up to but not including `until`; `seq` leads to the sealed name and numbers."""

    id: str
    posts: tuple[Post, ...]
    since: datetime | None = None
    until: datetime | None = None
    seq: int = 0

    def serves(self, at: datetime) -> bool:
        """Whether the person is in office at a moment, away or not."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `since` up to but not including `until`; `stand_in` is who takes over, if named."""

    id: str
    person: str
    since: datetime
    until: datetime
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on duty as a role, of a unit where it is a unit's duty."""

    role: str
    person: str
    since: datetime
    until: datetime
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """All that was known of a policy's people at one moment of knowledge."""

    people: Mapping[str, Person] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    shifts: tuple[Shift, ...] = ()


def person_fields(person: Person) -> dict[str, Any]:
    """What an entry says of a person: nothing personal."""
    return {
        "what": "person",
        "id": person.id,
        "posts": [asdict(post) for post in person.posts],
        "since": _stamped(person.since),
        "until": _stamped(person.until),
    }


def absence_fields(absence: Absence, *, withdrawn: bool = False) -> dict[str, Any]:
    """What an entry says of an absence; `withdrawn` where it is taken back."""
    told = {**asdict(absence), "since": stamp(absence.since), "until": stamp(absence.until)}
    return {"what": "absence", **told, "withdrawn": withdrawn}


def duty_fields(week: str, shifts: Collection[Shift]) -> dict[str, Any]:
    """What an entry says of one week of the duty roster."""
    told = [{**asdict(shift), "since": stamp(shift.since), "until": stamp(shift.until)} for shift in shifts]
    return {"week": week, "shifts": told}


def project_people(connection: Connection, kept: Kept) -> None:
    """Draw up what an entry about people says; whoever redraws everything calls this for each, in order."""
    entry, fields = kept.entry, kept.entry.fields
    known = {"seq": kept.seq, "policy": entry.policy, "known_from": kept.recorded_at}
    if entry.kind == DUTY:
        _end(connection, SHIFTS, entry.policy, "week", fields["week"], kept.recorded_at)
        rows = [
            {**_times(shift), **known, "week": fields["week"], "number": number}
            for number, shift in enumerate(fields["shifts"])
        ]
        if rows:
            connection.execute(insert(SHIFTS), rows)
        return
    table = PERSONS if fields["what"] == "person" else ABSENCES
    _end(connection, table, entry.policy, "id", fields["id"], kept.recorded_at)
    if not fields.get("withdrawn"):
        told = {name: value for name, value in _times(fields).items() if name in table.c}
        connection.execute(insert(table), {**told, **known})


def seal_person(connection: Connection, vault: Vault, policy: str, person: str, content: Mapping[str, Any]) -> Sealed:
    """Seal name and numbers under the person's own key: destroyed, they are lost in backups of them too."""
    known = select(KEYS.c.id, KEYS.c.wrapped).where(KEYS.c.caller == _owner(policy, person))
    row = connection.execute(known).one_or_none()
    if row is None:
        made = {"caller": _owner(policy, person), "month": _NO_MONTH, "wrapped": vault.new_key()}
        connection.execute(insert(KEYS), made)
        row = connection.execute(known).one()
    return Sealed(row.id, vault.seal(row.wrapped, canonical(content).encode(), _owner(policy, person)))


def open_persons(connection: Connection, vault: Vault, policy: str, people: Iterable[Person]) -> dict[str, Any]:
    """Names and numbers of persons by their ids; who was erased is left out."""
    ids = {person.seq: person.id for person in people}
    found: dict[str, Any] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _PART):
        rows = connection.execute(
            select(ORIGINALS.c.seq, ORIGINALS.c.sealed, KEYS.c.wrapped)
            .join(KEYS, KEYS.c.id == ORIGINALS.c.key_id)
            .where(ORIGINALS.c.seq.in_(wanted[start : start + _PART]), KEYS.c.wrapped.is_not(None))
        )
        for row in rows:
            person = ids[row.seq]
            found[person] = json.loads(vault.open(row.wrapped, row.sealed, _owner(policy, person)))
    return found


def destroy_person(connection: Connection, policy: str, person: str, now: datetime) -> None:
    """Destroy the key of somebody's name and numbers. Posts and duties stay told."""
    gone = update(KEYS).where(KEYS.c.caller == _owner(policy, person))
    connection.execute(gone.values(wrapped=None, destroyed_at=now, caller=None))


def roster_at(connection: Connection, policy: str, known_at: datetime, around: datetime | None = None) -> Roster:
    """What was known at `known_at`; of shifts those near `around`, all unless given."""
    people = [_person(row) for row in connection.execute(_known(PERSONS, policy, known_at).order_by(PERSONS.c.id))]
    absences = _known(ABSENCES, policy, known_at).order_by(ABSENCES.c.since, ABSENCES.c.id)
    shifts = _known(SHIFTS, policy, known_at).order_by(SHIFTS.c.since, SHIFTS.c.seq, SHIFTS.c.number)
    if around is not None:
        absences = absences.where(ABSENCES.c.since <= around, ABSENCES.c.until > around)
        shifts = shifts.where(SHIFTS.c.since.between(around - LONGEST_SHIFT, around))
    return Roster(
        {person.id: person for person in people},
        tuple(Absence(r.id, r.person, r.since, r.until, r.stand_in) for r in connection.execute(absences)),
        tuple(_shift(row) for row in connection.execute(shifts)),
    )


def shifts_of_week(connection: Connection, policy: str, week: str, known_at: datetime) -> list[Shift]:
    """The duty roster of one week as it was known at a moment."""
    wanted = _known(SHIFTS, policy, known_at).where(SHIFTS.c.week == week)
    return [_shift(row) for row in connection.execute(wanted.order_by(SHIFTS.c.since, SHIFTS.c.number))]


def people_version(connection: Connection, policy: str) -> int:
    """The place of the latest change of a policy's people, 0 where there is none."""
    wanted = select(func.max(ENTRIES.c.seq)).where(ENTRIES.c.policy == policy, ENTRIES.c.kind.in_(PEOPLE_KINDS))
    return int(connection.execute(wanted).scalar() or 0)


def _owner(policy: str, person: str) -> str:
    """Whose key it is, and what the sealed name belongs to: put at another person it does not open."""
    return f"person {policy}/{person}"


def _known(table: Table, policy: str, known_at: datetime) -> Select[Any]:
    known = table.c
    still = known.known_until.is_(None) | (known.known_until > known_at)
    return select(table).where(known.policy == policy, known.known_from <= known_at, still)


def _end(connection: Connection, table: Table, policy: str, column: str, value: str, now: datetime) -> None:
    stands = (table.c.policy == policy) & (table.c[column] == value) & table.c.known_until.is_(None)
    connection.execute(update(table).where(stands).values(known_until=now))


def _stamped(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _times(told: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: told[name] and datetime.fromisoformat(told[name]) for name in ("since", "until")}
    return {**told, **times}


def _person(row: Row[Any]) -> Person:
    return Person(row.id, tuple(Post(**post) for post in row.posts), row.since, row.until, row.seq)


def _shift(row: Row[Any]) -> Shift:
    return Shift(row.role, row.person, row.since, row.until, row.unit)
