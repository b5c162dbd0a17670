"""The periods that bulletins are drawn up for: the last that has ended, the one before it, the same a year earlier."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from triage.domain.moments import SHANGHAI
from triage.policy.scoring.period import Period, SpanKind

_MONTHS: dict[SpanKind, int] = {"month": 1, "quarter": 3, "year": 12}
_SAME_WEEKDAY = timedelta(weeks=52)
_DAY = timedelta(days=1)


def ended(kind: SpanKind, as_of: datetime) -> Period:
    """The last whole period that has ended by `as_of`: yesterday, the week from Monday to Sunday before this one, the
    half of a month (to the 15th, from the 16th), the month, quarter or year before this one.

    >>> str(ended("week", datetime(2026, 3, 11, 9, tzinfo=SHANGHAI)))
    '2026年3月2日至3月8日'
    >>> str(ended("half_month", datetime(2026, 3, 1, tzinfo=SHANGHAI)))
    '2026年2月下半月'
    """
    return previous(holding(kind, as_of))


def previous(period: Period) -> Period:
    """The period of the same kind just before this one."""
    return holding(period.kind, period.start - timedelta(microseconds=1))


def a_year_earlier(period: Period) -> Period:
    """The same period of the year before; days and weeks 52 weeks earlier, so that they hold the same weekdays."""
    if period.kind in ("day", "week"):
        return holding(period.kind, period.start - _SAME_WEEKDAY)
    return holding(period.kind, period.start.replace(year=period.start.year - 1))


def holding(kind: SpanKind, at: datetime) -> Period:
    """The period of a kind that a moment lies in.

    >>> str(holding("quarter", datetime(2026, 5, 4, tzinfo=SHANGHAI)))
    '2026年第2季度'
    """
    day = at.astimezone(SHANGHAI).date()
    if kind == "day":
        return _period(kind, day, day + _DAY)
    if kind == "week":
        monday = day - day.weekday() * _DAY
        return _period(kind, monday, monday + 7 * _DAY)
    if kind == "half_month":
        middle = day.replace(day=16)
        return _period(kind, middle, _later(middle, 1)) if day >= middle else _period(kind, day.replace(day=1), middle)
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return _period(kind, first, _later(first, months))


def _later(day: date, months: int) -> date:
    """The first of the month so many months later."""
    after = day.month - 1 + months
    return date(day.year + after // 12, after % 12 + 1, 1)


def _period(kind: SpanKind, first: date, end: date) -> Period:
    return Period(kind, datetime.combine(first, time(), SHANGHAI), datetime.combine(end, time(), SHANGHAI))
