"""The duty roster of a week: which week a shift belongs to, what overlaps, and when nobody is on duty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triage.desk.people.seats import ROLE_NAMES
from triage.domain.errors import BadInput, Problem
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import Role
from triage.policy.calendar.notices import YEARS
from triage.policy.calendar.workdays import WorkingTime
from triage.records.people import Roster, Shift

Span = tuple[datetime, datetime]
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time for which the roster names nobody, told in one Chinese sentence."""

    role: Role
    since: datetime
    until: datetime
    because: str


def week_span(week: str) -> Span:
    """From Monday 00:00 to the next; BadInput where the text is no ISO week.

    >>> [moment.isoformat() for moment in week_span("2026-W10")]
    ['2026-03-02T00:00:00+08:00', '2026-03-09T00:00:00+08:00']
    """
    match = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1) if match else None
    except ValueError:
        monday = None
    if monday is None or monday.year not in YEARS:
        raise BadInput("request", [Problem(("week",), f"{week[:20]!r} is no ISO week, such as 2026-W10")])
    since = datetime.combine(monday, time(), SHANGHAI)
    return since, since + timedelta(days=7)


def misplaced(shifts: Sequence[Shift], week: str, near: Iterable[Shift]) -> Iterator[Problem]:
    """Shifts that do not begin in their week, and those that overlap another of the same duty, of `near` weeks too."""
    since, until = week_span(week)
    for index, shift in enumerate(shifts):
        if not since <= shift.since < until:
            yield Problem(("shifts", index, "since"), f"does not lie in {week}; a shift belongs where it begins")
    others = [*enumerate(shifts), *((None, shift) for shift in near)]
    for index, shift in enumerate(shifts):
        for place, other in others:
            if (place is None or place < index) and _overlap(shift, other):
                where = "another week's shift" if place is None else f"shift {place}"
                yield Problem(("shifts", index), f"overlaps {where} of the same duty; one person is rung at a time")


def gaps(roster: Roster, week: str, hours: WorkingTime) -> list[Gap]:
    """When nobody is on duty in a week: at the desk outside office hours, and as duty leader at any time."""
    span = week_span(week)
    found = [Gap(Role.CENTRE, *free, _lacking(Role.CENTRE, free)) for free in _open_spans(roster, span, hours)]
    leaders = _covered(roster, (Role.DUTY_LEADER,))
    found += [Gap(Role.DUTY_LEADER, *free, _lacking(Role.DUTY_LEADER, free)) for free in _less([span], leaders)]
    return found


def double_booked(roster: Roster, shifts: Iterable[Shift]) -> Iterator[str]:
    """Chinese sentences about shifts of persons who are away or not in office for part of them."""
    for shift in shifts:
        told = f"{shift.since:%m-%d %H:%M}至{shift.until:%m-%d %H:%M}的{ROLE_NAMES[Role(shift.role)]}值班"
        person = roster.people[shift.person]
        if not (person.serves(shift.since) and person.serves(shift.until - timedelta(seconds=1))):
            yield f"{told}：该人员任职期不覆盖此班次。"
        for away in roster.absences:
            if away.person == shift.person and away.since < shift.until and shift.since < away.until:
                how = "已指定代班人" if away.stand_in else "未指定代班人"
                yield f"{told}：该人员请假（{away.since:%m-%d %H:%M}至{away.until:%m-%d %H:%M}），{how}。"


def _overlap(one: Shift, other: Shift) -> bool:
    same = (one.role, one.unit) == (other.role, other.unit)
    return same and one.since < other.until and other.since < one.until


def _open_spans(roster: Roster, span: Span, hours: WorkingTime) -> Iterator[Span]:
    """What is outside office hours and not covered by the desk's shifts."""
    days = [span[0].date() + timedelta(days=number) for number in range(7)]
    office = [
        (
            datetime.combine(day, hours.office_hours.start, SHANGHAI),
            datetime.combine(day, hours.office_hours.end, SHANGHAI),
        )
        for day in days
        if hours.calendar.is_workday(day)
    ]
    yield from _less([span], [*office, *_covered(roster, (Role.CENTRE,))])


def _covered(roster: Roster, roles: tuple[Role, ...]) -> list[Span]:
    return [(shift.since, shift.until) for shift in roster.shifts if shift.role in roles and shift.unit is None]


def _less(spans: list[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans without those that are taken.

    >>> hour = lambda n: datetime(2026, 3, 2, n)
    >>> [(a.hour, b.hour) for a, b in _less([(hour(8), hour(18))], [(hour(9), hour(12)), (hour(17), hour(20))])]
    [(8, 9), (12, 17)]
    """
    for begin, end in taken:
        spans = [
            (since, until)
            for left, right in spans
            for since, until in ((left, min(right, begin)), (max(left, end), right))
            if since < until
        ]
    return spans


def _lacking(role: Role, free: Span) -> str:
    return f"{free[0]:%m-%d %H:%M}至{free[1]:%m-%d %H:%M}无{ROLE_NAMES[role]}值班人员，请补排。"
