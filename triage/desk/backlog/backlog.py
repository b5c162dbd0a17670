"""A backlog file opened and checked: where its headers are, and its rows in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.desk.backlog.delimited import Delimited
from triage.desk.backlog.header import Header, faults_of, find_header
from triage.desk.backlog.history import unit_key
from triage.desk.backlog.lines import Book, Line
from triage.desk.backlog.reader import RowReader
from triage.desk.backlog.rows import Rejected, Row
from triage.desk.backlog.workbook import Workbook
from triage.domain.errors import BadInput, Problem

EVERY = 1_000
"""How many rows are read between two calls of `progress`."""

NO_MAPPING: Mapping[str, str] = {}
NOT_REFUSED: Mapping[int, tuple[Problem, ...]] = {}

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NO_HEADER = (
    "has no header row among the first 20: columns for id, received_at and text are needed, such as 工单编号, 来电时间 "
    "and 诉求内容; columns of other names are told with --map COLUMN=field"
)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a file was read: its digest, and how many rows. To go on after them, hand it to `Backlog.rows`."""

    digest: str
    rows: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """A file of past orders of one policy, with what is true of it as a whole.

    `digest` is the SHA-256 of its bytes. `headers` are those of the sheets that are read, all with the same columns;
    `left_out` names the other sheets.
    """

    path: Path
    digest: str
    headers: Mapping[str, Header]
    left_out: tuple[str, ...]
    book: Book
    new_reader: Callable[[], RowReader]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns, as written."""
        return next(iter(self.headers.values())).columns

    @property
    def unread(self) -> tuple[str, ...]:
        """The named columns that hold no known field."""
        return next(iter(self.headers.values())).unread

    def rows(self, since: Reached | None = None, progress: Callable[[int], None] | None = None) -> Iterator[Row]:
        """Every row below a header that is not blank, accepted or rejected, in the file's order.

        `since` leaves out the rows that were read before, though their ids are remembered; BadInput where the file is
        another one by now. `progress` hears how many rows are read, every thousand and at the end.
        """
        if since is not None and since.digest != self.digest:
            fault = "is not the file that was begun with: its content has changed; import it from its first row"
            raise BadInput(str(self.path), [Problem((), fault)])
        return self._rows(0 if since is None else since.rows, progress or _silent)

    def rejected(self, refused: Mapping[int, tuple[Problem, ...]] = NOT_REFUSED) -> Iterator[Rejected]:
        """The rejected rows of the whole file, read anew so that nobody needs to keep them.

        `refused` are accepted rows, by their positions, that were turned down further on, and why.
        """
        for row, line in self._read():
            if isinstance(row, Rejected):
                yield row
            elif row.position in refused:
                yield Rejected(row.position, row.place, refused[row.position], line.cells)

    def _rows(self, done: int, progress: Callable[[int], None]) -> Iterator[Row]:
        position = 0
        for row, _ in self._read():
            position = row.position
            if position > done:
                yield row
            if position % EVERY == 0:
                progress(position)
        if position % EVERY or not position:
            progress(position)

    def _read(self) -> Iterator[tuple[Row, Line]]:
        reader = self.new_reader()
        for position, (header, line) in enumerate(self._lines(), start=1):
            yield reader.read(position, header, line), line

    def _lines(self) -> Iterator[tuple[Header, Line]]:
        for sheet, header in self.headers.items():
            for line in self.book.lines(sheet):
                if line.place.row > header.place.row and not line.blank:
                    yield header, line


def open_backlog(
    path: Path,
    policy: str,
    *,
    units: Mapping[str, str],
    mapping: Mapping[str, str] = NO_MAPPING,
    secret: bytes | None = None,
) -> Backlog:
    """Open an XLSX or CSV file; BadInput names every fault that concerns it as a whole, before a row is read.

    `units` gives the policy's unit ids by their names; `mapping` says which field a column holds (`parse_mapping`);
    `secret` keys the ids made for orders of a file without ids, which is refused where there is none.
    """
    try:
        book = _open_book(path)
        headers = {sheet: header for sheet in book.sheets if (header := find_header(book.lines(sheet), mapping))}
        digest = _digest(path)
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be read: {error.strerror}")]) from None
    if not headers:
        raise BadInput(str(path), [Problem((), _NO_HEADER)])
    best = max(headers.values(), key=lambda header: len(header.fields))
    problems = faults_of(best, mapping, with_ids=secret is not None) + _other_tables(best, headers)
    if problems:
        raise BadInput(str(path), problems)
    read = {sheet: header for sheet, header in headers.items() if header.named == best.named}
    left_out = tuple(sheet for sheet in book.sheets if sheet not in read)
    by_key = {unit_key(name): unit for name, unit in units.items()} | {unit_key(unit): unit for unit in units.values()}
    return Backlog(path, digest, read, left_out, book, lambda: RowReader(policy, by_key, secret))


def _open_book(path: Path) -> Book:
    """By what is in it, not by its extension."""
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(_ZIP):
        return Workbook(path)
    if start.startswith(_OLD_OFFICE):
        raise BadInput(str(path), [Problem((), "is an old .xls file or has a password: save it as XLSX without one")])
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise BadInput(
            str(path), [Problem((), "is a web page, not a table: open it in a spreadsheet, save it as XLSX")]
        )
    if not start:
        raise BadInput(str(path), [Problem((), "is empty: a header row and rows are needed")])
    return Delimited(path)


def _other_tables(best: Header, headers: Mapping[str, Header]) -> list[Problem]:
    """Sheets that are a backlog too, with other columns: leaving them out would lose their rows in silence."""
    return [
        Problem(
            (f"sheet {sheet}",),
            f"has other columns than sheet {best.place.sheet}: make them alike, or save it as a file of its own",
        )
        for sheet, header in headers.items()
        if header.named != best.named and {"received_at", "text"} <= header.fields.keys()
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _silent(_rows: int) -> None:
    return None
