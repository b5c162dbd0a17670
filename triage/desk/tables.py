"""Tables of messages in CSV: UTF-8 or GB18030 in, UTF-8 out; what is wrong is named by file, row and column."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from triage.classify.features import as_read
from triage.desk.inputs import bytes_of, decoded
from triage.domain.errors import BadInput, Problem
from triage.domain.moments import SHANGHAI
from triage.policy.calendar.workdays import BadTime, parse_time

# One message may be long; csv's own limit of 131,072 characters would refuse it without need.
csv.field_size_limit(64 * 1024 * 1024)
_SHOWN = 20
_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})[ T](\d{1,2}):(\d\d)(?::(\d\d))?")
_UNKNOWN = datetime(2000, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Table:
    """A table in memory. `numbers` are the rows' numbers in the file, as a spreadsheet counts: row 1 is the header.

    Blank rows are not kept.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """One column; BadInput names the known ones where it is missing."""
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise BadInput(str(self.path), [Problem((), f"has no column {name!r}; its columns are {known}")])
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def column_or_blanks(self, name: str) -> list[str]:
        """One column, or as many blanks where it is missing."""
        return self.column(name) if name in self.columns else [""] * len(self.rows)

    def moments(self, name: str) -> list[datetime]:
        """A column of times, ISO 8601 or as spreadsheets write them (2026/3/2 9:05); a blank is the time of the row
        before. BadInput names every row whose time is none."""
        problems: list[Problem] = []
        moments = list(self._moments(name, problems))
        refuse_rows(self.path, problems)
        return moments

    def _moments(self, name: str, problems: list[Problem]) -> Iterator[datetime]:
        latest = _UNKNOWN
        for number, written in zip(self.numbers, self.column_or_blanks(name), strict=True):
            if written.strip():
                try:
                    latest = _moment(written.strip())
                except BadTime as error:
                    problems.append(Problem((f"row {number}", name), error.message))
            yield latest

    def texts(self, names: Sequence[str]) -> list[str]:
        """What classifiers read of each row; of several columns the first is the title."""
        titles = self.column(names[0]) if len(names) > 1 else [""] * len(self.rows)
        bodies = zip(*(self.column(name) for name in names[len(names) > 1 :]), strict=True)
        texts = [as_read(title, "\n".join(body)) for title, body in zip(titles, bodies, strict=True)]
        if texts and not any(texts):
            raise BadInput(str(self.path), [Problem((), f"column {' and '.join(names)} is empty in every row")])
        return texts


def read_table(path: Path) -> Table:
    """Read a CSV file; every ragged row and every repeated id is reported at once."""
    # Strict, since an unclosed quotation mark would swallow all rows after it in silence.
    reader = csv.reader(io.StringIO(decoded(str(path), bytes_of(path)), newline=""), strict=True)
    every: list[tuple[str, ...]] = []
    try:
        every.extend(map(tuple, reader))
    except csv.Error as error:
        fault = "a quotation mark is opened here and never closed" if "end of data" in str(error) else str(error)
        raise BadInput(str(path), [Problem((f"row {len(every) + 1}",), fault)]) from None
    if not every or not any(name.strip() for name in every[0]):
        raise BadInput(str(path), [Problem((), "is empty: a header row is needed")])
    columns = tuple(name.strip() for name in every[0])
    numbered = [(number, row) for number, row in enumerate(every[1:], start=2) if row]
    problems = [
        Problem((f"row {number}",), f"has {len(row)} fields, the header has {len(columns)}")
        for number, row in numbered
        if len(row) != len(columns)
    ]
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    problems += [Problem(("header",), f"column {name!r} stands twice") for name in repeated]
    if not numbered:
        problems.append(Problem((), "has a header and no rows"))
    if not problems and "id" in columns:
        problems += _repeated_ids([(number, row[columns.index("id")]) for number, row in numbered])
    refuse_rows(path, problems)
    return Table(path, columns, tuple(row for _, row in numbered), tuple(number for number, _ in numbered))


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole or not at all; BadInput where it cannot be written."""
    with _whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_text(path: Path, content: str) -> None:
    """Write a text file whole or not at all; BadInput where it cannot be written."""
    with _whole(path) as file:
        file.write(content)


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.replace(path)
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be written: {error.strerror}")]) from None
    finally:
        beside.unlink(missing_ok=True)


def _moment(written: str) -> datetime:
    slashes = _SLASHES.fullmatch(written)
    if slashes is None:
        return parse_time(written)
    year, month, day, hour, minute, second = slashes.groups(default="00")
    return parse_time(f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second}")


def _repeated_ids(ids: list[tuple[int, str]]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for number, value in ids:
        if value in first:
            problems.append(Problem((f"row {number}", "id"), f"{value!r} stands already in row {first[value]}"))
        else:
            first[value] = number
    return problems


def refuse_rows(path: Path, problems: list[Problem]) -> None:
    """BadInput that names the faulty rows, the first twenty one by one, if there are any."""
    if len(problems) > _SHOWN:
        rest = len(problems) - _SHOWN
        problems = [*problems[:_SHOWN], Problem((), f"and {rest} more rows like these")]
    if problems:
        raise BadInput(str(path), problems)
