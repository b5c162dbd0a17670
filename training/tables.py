"""Tables of messages in CSV: UTF-8 or GB18030 in, UTF-8 out; what is wrong is named by file, row and column."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.classify.features import as_read
from triage.domain.errors import BadInput, Problem

# One message may be long; csv's own limit of 131,072 characters would refuse it without need.
csv.field_size_limit(64 * 1024 * 1024)
SHOWN = 20


@dataclass(frozen=True)
class Table:
    """A table in memory. Row 1 is the header, so that `rows[0]` is row 2 of the file."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """One column; BadInput names the known ones where it is missing."""
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise BadInput(str(self.path), [Problem((), f"has no column {name!r}; its columns are {known}")])
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

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
    reader = csv.reader(io.StringIO(_decoded(path), newline=""))
    try:
        header = next(reader, None)
        if not header or not any(name.strip() for name in header):
            raise BadInput(str(path), [Problem((), "is empty: a header row is needed")])
        columns = tuple(name.strip() for name in header)
        rows = [tuple(row) for row in reader if row]
    except csv.Error as error:
        raise BadInput(str(path), [Problem((f"row {reader.line_num}",), str(error))]) from None
    problems = [
        Problem((f"row {number}",), f"has {len(row)} fields, the header has {len(columns)}")
        for number, row in enumerate(rows, start=2)
        if len(row) != len(columns)
    ]
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    problems += [Problem(("header",), f"column {name!r} stands twice") for name in repeated]
    if not rows:
        problems.append(Problem((), "has a header and no rows"))
    if not problems and "id" in columns:
        problems += _repeated_ids([row[columns.index("id")] for row in rows])
    _refuse(path, problems)
    return Table(path, columns, tuple(rows))


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file whole or not at all."""
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        beside.replace(path)
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be written: {error.strerror}")]) from None
    finally:
        beside.unlink(missing_ok=True)


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be read: {error.strerror}")]) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            row = content[: error.start].count(b"\n") + 1
    raise BadInput(str(path), [Problem((f"row {row}",), "is neither UTF-8 nor GB18030 text")])


def _repeated_ids(ids: list[str]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for number, value in enumerate(ids, start=2):
        if value in first:
            problems.append(Problem((f"row {number}", "id"), f"{value!r} stands already in row {first[value]}"))
        else:
            first[value] = number
    return problems


def _refuse(path: Path, problems: list[Problem]) -> None:
    if len(problems) > SHOWN:
        rest = len(problems) - SHOWN
        problems = [*problems[:SHOWN], Problem((), f"and {rest} more rows like these")]
    if problems:
        raise BadInput(str(path), problems)
