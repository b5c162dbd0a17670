"""What kind of day a day is: weekdays, holidays on them, and weekends worked in exchange."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.intp]
IsOff = Callable[[date], bool]

HOLIDAY, WORKED = 7, 8
NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "工作日放假", "调休上班日")

LIKE = (0, 1, 2, 3, 4, 5, 6, 6, 0)
"""The day whose pattern stands in until a kind has days of its own: a holiday is like a Sunday, a worked Saturday or
Sunday like a Monday."""


def weekend(day: date) -> bool:
    """Whether a day is a Saturday or a Sunday: the calendar where no better one is handed in."""
    return day.weekday() >= 5


def day_type(day: date, is_off: IsOff = weekend) -> int:
    """The index of a day's kind in `NAMES`; `is_off` says which days nobody works.

    >>> NAMES[day_type(date(2026, 3, 2))], NAMES[day_type(date(2026, 5, 1), lambda day: True)]
    ('周一', '工作日放假')
    """
    off, weekday = is_off(day), day.weekday()
    if off == (weekday >= 5):
        return weekday
    return HOLIDAY if off else WORKED


def day_types(first: date, days: int, is_off: IsOff = weekend) -> Codes:
    """The kinds of so many days in a row, shape (days,)."""
    return np.array([day_type(first + timedelta(days=number), is_off) for number in range(days)], dtype=np.intp)
