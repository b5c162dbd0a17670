"""Moments are Shanghai's: a day begins there, and a time without an offset is meant there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

# No tz database needed: China has had one offset and no summer time since 1992.
SHANGHAI: tzinfo = timezone(timedelta(hours=8), "Asia/Shanghai")


def in_shanghai(moment: datetime) -> datetime:
    """The same moment in +08:00; one without an offset is Shanghai's time already."""
    if moment.tzinfo is SHANGHAI:
        return moment
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def start_of_day(moment: datetime) -> datetime:
    """Midnight in Shanghai before a moment.

    >>> start_of_day(datetime.fromisoformat("2026-03-02T23:30+00:00")).isoformat()
    '2026-03-03T00:00:00+08:00'
    """
    return in_shanghai(moment).replace(hour=0, minute=0, second=0, microsecond=0)
