"""Counting time as the rules count it: working days, office hours, hours on the wall clock.

Civil Code, arts. 201 to 203: the day of the event is not counted, hours run from the event itself, and the last day
ends when business closes; a last day that is off moves to the next working day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI, in_shanghai
from triage.policy.calendar.notices import ONE_DAY, YEARS
from triage.policy.calendar.statecalendar import StateCalendar

# Far above any period in the rules, and low enough that a mistyped number cannot keep the service counting.
MOST_DAYS = 1000
MOST_HOURS = 24 * 366

# Counts that are remembered: those of the orders of the last hours, and years of days with a few periods each.
MOST_REMEMBERED = 10_000

_EXAMPLE = "2026-03-02T09:30 or 2026-03-02T09:30:00+08:00"


class BadTime(BadInput, ValueError):
    """A value that is no moment; also a ValueError, so that schemas report it as a fault of their field."""


def parse_time(value: str | datetime) -> datetime:
    """The moment that an ISO 8601 text or a datetime names, in +08:00; without an offset it is Shanghai's time.

    >>> parse_time("2026-03-02T09:30").isoformat()
    '2026-03-02T09:30:00+08:00'
    >>> parse_time("2026-03-02T01:30:00Z").isoformat()
    '2026-03-02T09:30:00+08:00'
    >>> parse_time("2026-02-30T09:30")
    Traceback (most recent call last):
    triage.policy.calendar.workdays.BadTime: time '2026-02-30T09:30' cannot be: day is out of range for month
    """
    moment = value if isinstance(value, datetime) else _read_time(value)
    with suppress(OverflowError):  # at the very ends of the calendar; the year tells
        moment = in_shanghai(moment)
    if moment.year not in YEARS:
        raise BadTime(f"time {_shown(value)} must lie in the years {YEARS[0]} to {YEARS[-1]}")
    return moment


def _read_time(value: object) -> datetime:
    if isinstance(value, str) and value[4:5] == value[7:8] == "-" and value[10:11] == "T":
        with suppress(ValueError):  # as nearly every time is written; what is wrong with any other is told below
            return datetime.fromisoformat(value)
    if not isinstance(value, str):
        raise BadTime(f"time {_shown(value)} must be a text such as {_EXAMPLE}")
    if re.fullmatch(r"[0-9]{4}-?([0-9]{2}-?[0-9]{2}|W[0-9]{2}(-?[0-9])?)", value):
        raise BadTime(f"time {_shown(value)} is a date alone: the time of day is missing, as in {_EXAMPLE}")
    if not re.fullmatch(r"[0-9W-]{7,10}[Tt ][0-9:.,]{2,18}(Z|[+-][0-9:.]{2,15})?", value):
        raise BadTime(f"time {_shown(value)} is not ISO 8601, such as {_EXAMPLE}")
    try:
        return datetime.fromisoformat(value)
    except ValueError as fault:
        raise BadTime(f"time {_shown(value)} cannot be: {fault}") from fault


def _shown(value: object) -> str:
    return repr(value)[:80]


@dataclass(frozen=True)
class OfficeHours:
    """When an office opens and closes on a working day; it closes the same day.

    >>> OfficeHours(time(9), time(17)).start
    datetime.time(9, 0)
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise BadInput(f"office hours {self.start} to {self.end} must be Shanghai's time, without an offset")
        if not self.start < self.end:
            raise BadInput(f"office hours must start before they end, not {self.start} to {self.end}")

    def __str__(self) -> str:
        return f"{self.start:%H:%M}至{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Due:
    """A time reached by counting, and in one Chinese sentence how.

    `provisional` where a day was looked at of a year whose notice is not known.
    """

    at: datetime
    provisional: bool
    because: str


Counted = TypeVar("Counted")
Named = ParamSpec("Named")


def _remembered(
    count: Callable[Concatenate[WorkingTime, Named], Counted],
) -> Callable[Concatenate[WorkingTime, Named], Counted]:
    """Count once: an order is judged again and again, from the same moments."""

    @wraps(count)
    def counted(self: WorkingTime, /, *args: Named.args, **named: Named.kwargs) -> Counted:
        key = (count.__name__, *args, *named.values())
        if key not in self._memory:
            if len(self._memory) >= MOST_REMEMBERED:
                self._memory.clear()
            self._memory[key] = count(self, *args, **named)
        found: Counted = self._memory[key]
        return found

    return counted


@dataclass(frozen=True, eq=False)
class WorkingTime:
    """Counts with one state calendar and one office's hours.

    `what` is the Chinese word for the event counted from (接单, 派单, 收到, 到期), for the sentence. Times without an
    offset are Shanghai's. Counts out of bounds are `BadInput`: 1 to 1000 days, 0 to 8784 hours.

    >>> working = WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17)))
    >>> due = working.add_workdays(datetime(2026, 9, 30, 16), 5, what="接单")
    >>> due.at.isoformat()
    '2026-10-13T17:00:00+08:00'
    >>> print(due.because.replace("，", "，\\n"))
    自2026-09-30 16:00接单起算5个工作日（接单当日不计），
    10月1日至7日国庆节、10月11日周末放假不计，
    10月10日（周六）调休上班计入，
    至2026-10-13 17:00止
    """

    calendar: StateCalendar
    office_hours: OfficeHours
    _memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @_remembered
    def add_workdays(self, start: datetime, days: int, *, what: str = "收到") -> Due:
        """The close of business of the n-th working day after the event's own day.

        >>> WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17))).add_workdays(
        ...     datetime(2026, 12, 31, 10), 1, what="派单").because
        '自2026-12-31 10:00派单起算1个工作日（派单当日不计），1月1日元旦、1月2日至3日周末放假不计，\
至2027-01-04 17:00止，2027年国务院放假安排尚未公布，按周一至周五暂算'
        """
        start = in_shanghai(start)
        _within("working days", days, 1, MOST_DAYS)
        end, account, unknown = self._counted(start.date(), days)
        begun = f"自{_stamp(start)}{what}起算{days}个工作日（{what}当日不计）"
        return _told(begun, account, self._close(end), unknown)

    @_remembered
    def add_hours(self, start: datetime, hours: float, *, what: str = "收到") -> Due:
        """The moment so many hours after the event, on the wall clock, day and night."""
        start = in_shanghai(start)
        _within("hours", hours, 0, MOST_HOURS)
        at = start + timedelta(hours=hours)
        return Due(at, False, f"自{_stamp(start)}{what}起算{hours:g}小时（昼夜连续计算），至{_stamp(at)}止")

    @_remembered
    def workday_before(self, due: datetime, *, what: str = "到期") -> Due:
        """The close of business of the working day before the due day."""
        due = in_shanghai(due)
        seen = self._walk(due.date(), 1, step=-1)
        begun = f"自{_stamp(due)}{what}倒数1个工作日（{what}当日不计）"
        # The due day is not counted, but found by a guess it makes the day before it a guess.
        return self._due(begun, seen[::-1], self._close(seen[-1]), looked_at=[*seen[::-1], due.date()])

    def add_office_hours(self, at: datetime, hours: float, *, what: str = "收到") -> Due:
        """The moment by which so many office hours have passed; a full last day ends at its close."""
        return self._spend(in_shanghai(at), hours, f"{what}起算", step=1)

    @_remembered
    def subtract_office_hours(self, at: datetime, hours: float, *, what: str = "到期") -> Due:
        """The moment from which so many office hours are left until `at`.

        >>> working = WorkingTime(StateCalendar.published(), OfficeHours(time(9), time(17)))
        >>> working.subtract_office_hours(datetime(2026, 3, 9, 11), 4).because
        '自2026-03-09 11:00到期倒数4个办公小时（工作日09:00至17:00），3月7日至8日周末放假不计，至2026-03-06 15:00止'
        """
        return self._spend(in_shanghai(at), hours, f"{what}倒数", step=-1)

    def is_office_time(self, at: datetime) -> bool:
        """Whether the office is open: a working day, from its start up to but not including its end.

        In a year that the calendar does not know this is its guess.
        """
        at = in_shanghai(at)
        return self.office_hours.start <= at.time() < self.office_hours.end and self.calendar.is_workday(at.date())

    @_remembered
    def end_of_day(self, day: date) -> Due:
        """The close of business of that day or, where the day is off, of the next working day."""
        seen = self._walk(day - ONE_DAY, 1)
        return self._due(f"以{day.isoformat()}下班时为限", seen, self._close(seen[-1]))

    def _walk(self, day: date, workdays: int, step: int = 1) -> list[date]:
        """The days after (before) `day`, up to and with the n-th working day."""
        is_workday, move = self.calendar.is_workday, step * ONE_DAY
        seen = []
        while workdays:
            day += move
            seen.append(day)
            workdays -= is_workday(day)
        return seen

    def _spend(self, at: datetime, hours: float, direction: str, step: int) -> Due:
        _within("office hours", hours, 0, MOST_HOURS)
        left, day, seen = timedelta(hours=hours), at.date(), [at.date()]
        while True:
            if self.calendar.is_workday(day):
                opening, close = self._open(day), self._close(day)
                near, far = (max(at, opening), close) if step > 0 else (min(at, close), opening)
                room = (far - near) * step
                if left <= room:
                    break
                left -= max(room, timedelta())
            day += step * ONE_DAY
            seen.append(day)
        begun = f"自{_stamp(at)}{direction}{hours:g}个办公小时（工作日{self.office_hours}）"
        return self._due(begun, seen[::step], near + left * step)

    @_remembered
    def _counted(self, day: date, workdays: int) -> tuple[date, tuple[str, ...], str | None]:
        """The n-th working day after `day`, an account of the days passed, and what is not known of them."""
        seen = self._walk(day, workdays)
        return seen[-1], tuple(self.calendar.account(seen)), self.calendar.unknown(seen)

    def _due(self, begun: str, seen: Sequence[date], at: datetime, looked_at: Sequence[date] = ()) -> Due:
        """The sentence gives an account of the days `seen`; any of them, or of others `looked_at`, may be a guess."""
        return _told(begun, self.calendar.account(seen), at, self.calendar.unknown(looked_at or seen))

    def _open(self, day: date) -> datetime:
        return datetime.combine(day, self.office_hours.start, SHANGHAI)

    def _close(self, day: date) -> datetime:
        return datetime.combine(day, self.office_hours.end, SHANGHAI)


def _told(begun: str, account: Iterable[str], at: datetime, unknown: str | None) -> Due:
    phrases = [begun, *account, f"至{_stamp(at)}止"]
    if unknown:
        phrases.append(unknown)
    return Due(at, unknown is not None, "，".join(phrases))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(" ", "minutes")[:16]


def _within(name: str, value: float, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadInput(f"{name} must be {least} to {most}, not {value!r}")
