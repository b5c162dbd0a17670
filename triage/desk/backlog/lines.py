"""A line of a table, whatever file it stands in, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its number as a spreadsheet counts, from 1; the sheet is "" where there is but one."""

    row: int
    sheet: str = ""

    def __str__(self) -> str:
        return f"{self.sheet}!{self.row}" if self.sheet else str(self.row)


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a row as text; `fault` says why its cells could not be told apart, they are then one raw text."""

    place: Place
    cells: tuple[str, ...] = field(repr=False)
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing is written in it."""
        return not any(cell.strip() for cell in self.cells)


class Book(Protocol):
    """A file with one table or several; CSV has one, named ""."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of its tables, in the file's order."""
        ...

    def lines(self, sheet: str) -> Iterator[Line]:
        """The rows of a table from its first on, blank ones included; each call begins anew."""
        ...
