"""Reads the offline file that brings the State Council's notice for a year; all of its faults come at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from triage.domain.errors import BadInput, Problem
from triage.policy.calendar.notices import ONE_DAY, YEARS, YearNotice

_KEYS = ("source", "holidays", "workdays")
# Off by law in every year, whatever the notice: a year without one of them was not copied whole.
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1))
# The longest so far was ten days, the Spring Festival of 2020.
_LONGEST = 15

Loc = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Plain YAML, but a key that stands twice is a fault, and dates stay text so that a bad one can be named."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.problems: list[Problem] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                self.problems.append(Problem((f"line {key.start_mark.line + 1}",), f"{key.value} stands twice"))
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def _as_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


def read_notices(path: Path) -> list[YearNotice]:
    """The notices in the file, earliest year first; `BadInput` names every fault and where it stands."""
    content, problems = _load(path)
    reader = _Reader(problems)
    notices = [reader.notice(year, entry) for year, entry in content.items() if reader.usable(year, entry)]
    if problems:
        raise BadInput(f"calendar file {path}", problems)
    return sorted(notices, key=lambda notice: notice.year)


def _load(path: Path) -> tuple[dict[Any, Any], list[Problem]]:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        content = loader.get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise BadInput(f"calendar file {path} cannot be read: {fault}") from fault
    if not isinstance(content, dict) or not content:
        raise BadInput(f"calendar file {path} must map years to their notices, such as 2027: {{holidays: …}}")
    return content, loader.problems


class _Reader:
    """Turns entries of the file into notices, adding what is wrong with them to `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def fault(self, loc: Loc, msg: str) -> None:
        self.problems.append(Problem(loc, msg))

    def usable(self, year: object, entry: object) -> bool:
        if not isinstance(year, int) or year not in YEARS:
            self.fault((str(year),), f"is not a year from {YEARS[0]} to {YEARS[-1]}, written without quotes")
            return False
        if not isinstance(entry, dict):
            self.fault((year,), f"{entry!r} must be a mapping with {', '.join(_KEYS)}")
            return False
        return True

    def notice(self, year: int, entry: dict[Any, Any]) -> YearNotice:
        for key in entry:
            if key not in _KEYS:
                self.fault((year, str(key)), f"unknown key; allowed are {', '.join(_KEYS)}")
        holidays = dict(self.days_off(year, entry.get("holidays")))
        workdays = frozenset(self.days_worked(year, entry.get("workdays", [])))
        for day in sorted(workdays & holidays.keys()):
            self.fault((year, "workdays"), f"{day} is also the holiday {holidays[day]}")
        source = entry.get("source", "file")
        if not isinstance(source, str):
            self.fault((year, "source"), f"{source!r} must be a text such as 国办发明电〔2026〕7号")
        return YearNotice(year, str(source), holidays, workdays)

    def days_off(self, year: int, entries: object) -> Iterator[tuple[date, str]]:
        if not isinstance(entries, dict):
            self.fault((year, "holidays"), "must map each holiday's name to [first day, last day]")
            return
        found: set[date] = set()
        for name, pair in entries.items():
            for day in self.spell(year, (year, "holidays", str(name)), pair):
                found.add(day)
                yield day, str(name)
        for month, number in _ALWAYS_OFF:
            if date(year, month, number) not in found:
                self.fault((year, "holidays"), f"{date(year, month, number)} is off by law but not listed")

    def spell(self, year: int, loc: Loc, pair: object) -> list[date]:
        if not isinstance(pair, list) or len(pair) != 2:
            self.fault(loc, f"{pair!r} must be [first day, last day]")
            return []
        ends = [self.day(year, (*loc, place), text) for place, text in enumerate(pair)]
        first, last = ends
        if first is None or last is None:
            return []
        if last < first:
            self.fault(loc, f"the last day {last} is before the first day {first}")
        elif (last - first).days >= _LONGEST:
            self.fault(loc, f"{first} to {last} is longer than {_LONGEST} days; is the month mistyped?")
        return [first + n * ONE_DAY for n in range((last - first).days + 1)]

    def days_worked(self, year: int, entries: object) -> Iterator[date]:
        if not isinstance(entries, list):
            self.fault((year, "workdays"), f"{entries!r} must be a list of days")
            return
        for place, text in enumerate(entries):
            day = self.day(year, (year, "workdays", place), text)
            if day is None:
                continue
            if day.weekday() < 5:
                self.fault((year, "workdays", place), f"{day} is no Saturday or Sunday")
            yield day

    def day(self, year: int, loc: Loc, text: object) -> date | None:
        try:
            # fromisoformat alone would also take 20270101 and 2027-W01-5.
            if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            self.fault(loc, f"{text!r} is not a date such as {year}-10-01")
            return None
        # Notices do rearrange the days just before their year, as 国办发明电〔2018〕15号 did 29 and 31 December 2018.
        if day.year == year or (day.year, day.month) == (year - 1, 12):
            return day
        self.fault(loc, f"{day} is outside {year} and the December before")
        return None
