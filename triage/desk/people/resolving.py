"""Whom a rule's role means at a moment: the holder of the post, who stands in, or who is on duty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triage.desk.people.seats import ROLE_NAMES, Duty, Seat, seat_of
from triage.desk.town import Town
from triage.domain.moments import in_shanghai
from triage.domain.vocabulary import Role
from triage.records.people import Absence, Person, Roster

Via = Literal["post", "stand_in", "duty", "nobody"]


@dataclass(frozen=True, slots=True)
class Found:
    """Who it is, or None; `why` says in one Chinese sentence, without names, how that comes.

    `on_duty` is false where the duty roster should have named somebody and names nobody.
    """

    person: Person | None
    why: str
    via: Via
    on_duty: bool = True


def who(roster: Roster, role: Role, at: datetime, town: Town, unit: str | None = None) -> Found:
    """The person behind a role at a moment; pure.

    In office hours the A handler of the post, or who stands in for them: the person that the absence names, else a B
    handler (nanmatou:opinion/4.2). Outside, the duty roster: the unit's own duty, else the desk's; for leaders of a
    line the duty leader. Main leaders are always rung themselves. Where the roster names nobody the holder of the
    post is told after all, and `on_duty` is false.
    """
    at = in_shanghai(at)
    seat = seat_of(role, unit, town.pack)
    if isinstance(seat, str):
        return Found(None, f"{seat}。", "nobody")
    closed = not town.hours.is_office_time(at)
    begun = f"{at:%Y-%m-%d %H:%M}为{'非办公' if closed else '办公'}时间{_guessed(town, at)}"
    if role is Role.DUTY_LEADER:
        found = _on_duty(roster, seat, at, begun)
        return found or Found(None, f"{begun}，值班表未安排可到岗的值班领导，请补排。", "nobody", on_duty=False)
    if not closed or not seat.duties:
        return _at_post(roster, seat, at, begun)
    return _on_duty(roster, seat, at, begun) or _unrostered(roster, seat, at, begun)


def _unrostered(roster: Roster, seat: Seat, at: datetime, begun: str) -> Found:
    found = _at_post(roster, seat, at, f"{begun}，值班表未安排可到岗的人员，请补排")
    return Found(found.person, found.why, found.via, on_duty=False)


def _on_duty(roster: Roster, seat: Seat, at: datetime, begun: str) -> Found | None:
    for duty in seat.duties:
        for person, away in _rostered(roster, duty, at):
            by = f"值班表由{_duty_name(duty, seat)}值守"
            if away is None:
                return Found(person, f"{begun}，{by}。", "duty")
            stand_in = _stand_in(roster, away, at)
            if stand_in is not None:
                return Found(stand_in, f"{begun}，{by}，本人{_away(away)}，由指定的代班人接替。", "duty")
    return None


def _at_post(roster: Roster, seat: Seat, at: datetime, begun: str) -> Found:
    holders = list(_holders(roster, seat, at))
    told = ""
    for rank, person in holders:
        away = _absence(roster, person.id, at)
        if away is None:
            how = f"由{seat.name}{rank}角负责" if not told else f"{told}，由{rank}角接替"
            return Found(person, f"{begun}，{how}。", "stand_in" if told or rank == "B" else "post")
        stand_in = _stand_in(roster, away, at)
        told = told or f"{seat.name}{rank}角{_away(away)}"
        if stand_in is not None:
            return Found(stand_in, f"{begun}，{seat.name}{rank}角{_away(away)}，由指定的代理人接替。", "stand_in")
    lacking = f"{told}，没有可接替的人" if holders else f"人员表未登记{seat.name}"
    return Found(None, f"{begun}，{lacking}，请补登。", "nobody")


def _holders(roster: Roster, seat: Seat, at: datetime) -> Iterator[tuple[str, Person]]:
    """Who holds a post, A before B, by id: the same question always finds the same person."""
    held = [
        (post.rank, person.id, person)
        for person in roster.people.values()
        if person.serves(at)
        for post in person.posts
        if seat.fits(post)
    ]
    for rank, _, person in sorted(held, key=lambda one: one[:2]):
        yield rank, person


def _rostered(roster: Roster, duty: Duty, at: datetime) -> Iterator[tuple[Person, Absence | None]]:
    role, unit = duty
    for shift in roster.shifts:
        if shift.role == role and shift.unit == unit and shift.since <= at < shift.until:
            person = roster.people.get(shift.person)
            if person is not None and person.serves(at):
                yield person, _absence(roster, person.id, at)


def _absence(roster: Roster, person: str, at: datetime) -> Absence | None:
    return next((one for one in roster.absences if one.person == person and one.since <= at < one.until), None)


def _stand_in(roster: Roster, away: Absence, at: datetime) -> Person | None:
    """Who was named to take over, or whom that person named in turn; nobody where it leads in a circle."""
    seen = {away.person}
    while away.stand_in is not None and away.stand_in not in seen:
        seen.add(away.stand_in)
        person = roster.people.get(away.stand_in)
        if person is None or not person.serves(at):
            return None
        further = _absence(roster, person.id, at)
        if further is None:
            return person
        away = further
    return None


def _away(away: Absence) -> str:
    return f"请假至{away.until:%m-%d %H:%M}"


def _duty_name(duty: Duty, seat: Seat) -> str:
    role, unit = duty
    if role is Role.DUTY_LEADER:
        return "带班领导"
    return "本单位值班人员" if unit is not None and unit == seat.unit else f"{ROLE_NAMES[role]}值班人员"


def _guessed(town: Town, at: datetime) -> str:
    unknown = town.hours.calendar.unknown([at.date()])
    return "" if unknown is None else f"（{unknown}）"
