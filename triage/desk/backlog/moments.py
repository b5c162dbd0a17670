"""Times as they stand in spreadsheets: real ones, serial numbers, and a dozen ways to write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.policy.calendar.workdays import BadTime, parse_time

FORMS = "2026-03-02 09:05、2026/3/2 9:05、2026年3月2日 9时5分、20260302 0905"
"""What a time may look like, for whoever wrote another one."""

# Excel counts the days from here; the numbers taken for days are those of 1954 to 2119.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's serial number has no offset
_SERIALS = (20_000, 80_000)
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,20})?")
_DATE = (
    r"(?P<year>\d{4})(?:[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2}) ?[日号]?|(?P<mm>\d\d)(?P<dd>\d\d))"
    r"(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
)
_TIME = (
    r"(?P<half>上午|下午|凌晨|早上|中午|晚上|am|pm)? ?"
    r"(?:(?P<hour>\d{1,2}) ?(?::(?=\d)|[时点] ?)(?:(?P<minute>\d{1,2}) ?(?:分 ?|:(?=\d))?)?"
    r"(?:(?P<second>\d{1,2})(?:\.\d{1,9})? ?秒?)?|(?P<hh>\d\d)(?P<min>\d\d)(?P<ss>\d\d)?)"
    r" ?(?P<late>am|pm)?(?P<offset>z|[+-]\d\d:?\d\d)?"
)
_MOMENT = re.compile(rf"{_DATE}(?:(?:[ t]|(?<=[日号)])|(?<=\d{{8}})){_TIME})?")
_LONGEST = 64
_AFTERNOON = ("下午", "晚上", "pm")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in +08:00. Of a `day_only` the time of day is not known; it is given as midnight before."""

    at: datetime
    day_only: bool


def read_moment(written: str) -> Moment:
    """What a cell says of when; BadTime where it is no moment, or one that cannot be.

    >>> read_moment("2026年3月2日 下午 3时5分").at.isoformat()
    '2026-03-02T15:05:00+08:00'
    >>> read_moment("46083.378472").at.isoformat(), read_moment("2026.3.2").day_only
    ('2026-03-02T09:05:00+08:00', True)
    """
    if len(written) > _LONGEST:
        raise BadTime("is longer than any time")
    text = " ".join(unicodedata.normalize("NFKC", written).lower().split())
    if _SERIAL.fullmatch(text) and _SERIALS[0] <= float(text) < _SERIALS[1]:
        days = float(text)
        return Moment(parse_time(_EPOCH + timedelta(seconds=round(days * 86_400))), days.is_integer())
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise BadTime("is no time that is known")
    return _moment(found.groupdict())


def _moment(parts: dict[str, str | None]) -> Moment:
    day = f"{parts['year']}-{parts['month'] or parts['mm']:0>2}-{parts['day'] or parts['dd']:0>2}"
    hour = parts["hour"] or parts["hh"]
    if hour is None:
        return Moment(parse_time(f"{day}T00:00"), True)
    clock = f"{_hour(int(hour), parts['half'] or parts['late']):0>2}:{parts['minute'] or parts['min'] or '0':0>2}"
    return Moment(
        parse_time(f"{day}T{clock}:{parts['second'] or parts['ss'] or '0':0>2}{(parts['offset'] or '').upper()}"), False
    )


def _hour(hour: int, half: str | None) -> int:
    """The hour of 24; 上午 after noon cannot be, and 晚上12点 may be either midnight."""
    if half is None or (half in _AFTERNOON and 12 < hour < 24):
        return hour
    if hour > 12 or (half == "晚上" and hour == 12):
        raise BadTime("has an hour that does not go with its half of the day")
    if half == "中午":
        return hour if hour > 10 else hour + 12
    return hour % 12 + (12 if half in _AFTERNOON else 0)
