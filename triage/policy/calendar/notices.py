"""The yearly notice of the State Council, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

# Shanghai has kept +08:00 without summer time since 1992, so no other year can be counted rightly here.
YEARS = range(1992, 2200)

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class YearNotice:
    """What one notice says: days off with their names, and weekend days worked."""

    year: int
    source: str
    holidays: Mapping[date, str]
    workdays: frozenset[date]
