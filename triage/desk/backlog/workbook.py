"""XLSX workbooks row by row, through calamine: numbers and times as text, merged cells filled down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from triage.desk.backlog.extents import DAMAGED, check_extent
from triage.desk.backlog.lines import Line, Place
from triage.domain.errors import BadInput, Problem

# A spreadsheet keeps fifteen digits of a number; of a longer one the last are lost.
_EXACT = 10**15

Cell = int | float | str | bool | time | date | datetime | timedelta
_Read = TypeVar("_Read")


class Workbook:
    """An XLSX file; a sheet is read when it is asked for, and kept. BadInput where the file cannot be read."""

    def __init__(self, path: Path) -> None:
        check_extent(path)
        self._path = path
        self._opened: dict[str, CalamineSheet] = {}
        self._workbook = self._guarded(self._open)
        self.sheets = tuple(
            sheet.name for sheet in self._workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet
        )

    def lines(self, sheet: str) -> Iterator[Line]:
        """Every row of a sheet, from row 1 on. A merged cell counts for each of its rows that has anything else."""
        if sheet not in self._opened:
            self._opened[sheet] = self._guarded(lambda: self._workbook.get_sheet_by_name(sheet))
        opened = self._opened[sheet]
        place = sheet if len(self.sheets) > 1 else ""
        merged = _Merged(opened)
        for number, cells in enumerate(opened.iter_rows(), start=1):
            yield Line(Place(number, place), tuple(merged.filled(number - 1, list(map(_written, cells)))))

    def _open(self) -> CalamineWorkbook:
        # Not by its path: calamine believes an extension, even a wrong one.
        with self._path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)

    def _guarded(self, step: Callable[[], _Read]) -> _Read:
        """What calamine answers; its panics are no Exceptions, and a bad file is no reason to end the process."""
        try:
            return step()
        except BaseException as fault:
            if isinstance(fault, CalamineError) or type(fault).__name__ == "PanicException":
                raise BadInput(str(self._path), [Problem((), DAMAGED)]) from None
            raise


class _Merged:
    """The merged ranges of a sheet, met row by row; only the first column of a range is filled."""

    def __init__(self, sheet: CalamineSheet) -> None:
        first_column = sheet.start[1] if sheet.start else 0
        self._from: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom > top and left >= first_column:
                self._from[top].append((left - first_column, bottom))
        self._carried: dict[int, tuple[int, str]] = {}

    def filled(self, row: int, cells: list[str]) -> list[str]:
        """A row's cells, with what merged ranges from above carry into it."""
        is_blank = not any(cells)
        for column, (bottom, value) in list(self._carried.items()):
            if row > bottom:
                del self._carried[column]
            elif not is_blank:
                cells[column] = cells[column] or value
        for column, bottom in self._from.get(row, ()):
            if column < len(cells) and cells[column]:
                self._carried[column] = (bottom, cells[column])
        return cells


def _written(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, times to the second."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        # Times are fractions of a day; 09:05 may come as 09:04:59.999999.
        rounded = cell + timedelta(milliseconds=500) if cell.year < 9999 else cell
        return rounded.isoformat(" ", "seconds")
    return str(cell)


def _number(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)
