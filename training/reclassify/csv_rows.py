"""Rows of a CSV file, UTF-8 or GB18030."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from training.reclassify.items import item_of
from training.reclassify.rows import Item, Rejected
from training.reclassify.wanted import Wanted, chosen
from triage.desk.backlog.delimited import Delimited
from triage.desk.backlog.lines import Line
from triage.domain.errors import BadInput, Problem


class CsvRows:
    """A CSV file whose first row that is not blank names the columns; BadInput where it lacks one that is wanted."""

    def __init__(self, path: Path, name: str, wanted: Wanted) -> None:
        self._file = Delimited(path)
        self._name = name
        header = next(self._lines(), None)
        if header is None or header.fault:
            raise BadInput(name, [Problem((), "is empty or broken: a header row is needed")])
        self._columns = [cell.strip() for cell in header.cells]
        text = chosen(wanted, self._columns)
        self._texts = [self._columns.index(one) for one in text]
        self._id = self._columns.index(wanted.id) if wanted.id in self._columns else None
        self._label = None if wanted.label is None else self._columns.index(wanted.label)

    def items(self) -> Iterator[Item]:
        """Every row below the header, by the number that a spreadsheet gives it; blank ones are none."""
        lines = self._lines()
        next(lines)
        yield from map(self._item, lines)

    def _lines(self) -> Iterator[Line]:
        return (line for line in self._file.lines("") if not line.blank)

    def _item(self, line: Line) -> Item:
        cells, number = line.cells, line.place.row
        if line.fault:
            return Rejected(self._name, number, line.fault)
        if len(cells) < len(self._columns) or any(cell.strip() for cell in cells[len(self._columns) :]):
            return Rejected(self._name, number, f"有 {len(cells)} 列，表头有 {len(self._columns)} 列")
        id_ = None if self._id is None else cells[self._id]
        given = None if self._label is None else cells[self._label]
        return item_of(self._name, number, id_, [cells[at] for at in self._texts], given)
