"""The rows of a backlog, and how they are put together to be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pandas as pd

ROWS_A_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """A chunk is what a worker takes at a time: it ends with so many `rows`, or `characters`, that long texts need no
    more memory. A part, of so many `chunks`, is what is written and noted at a time: what is stopped begins again after
    the last whole one."""

    rows: int = ROWS_A_CHUNK
    characters: int = 4_000_000
    chunks: int = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be answered. `given` is the label it has already; `named_here` says that its id is made of the
    file's name and the row's number."""

    id: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    given: str | None = None
    named_here: bool = False

    @property
    def size(self) -> int:
        """How many characters it has."""
        return len(self.title) + len(self.text)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be answered: where it stands, and why, in Chinese and without a value of the row."""

    file: str
    row: int
    reason: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """A row that is left alone on purpose, and the id of the reason."""

    reason: str
    size: int = 0


Item = Row | Rejected | Passed


@dataclass(frozen=True, slots=True)
class Chunk:
    """Items in their order, of which the rows are answered together."""

    items: tuple[Item, ...]

    @property
    def rows(self) -> list[Row]:
        """Those that can be answered."""
        return [item for item in self.items if isinstance(item, Row)]

    @property
    def frame(self) -> pd.DataFrame:
        """What the partition function gets: id, title, text."""
        rows = self.rows
        columns = {name: [getattr(row, name) for row in rows] for name in ("id", "title", "text")}
        return pd.DataFrame(columns, dtype=object)


def chunks(items: Iterable[Item], sizes: Sizes) -> Iterator[Chunk]:
    """Items in chunks; the same items give the same chunks.

    >>> rows = [Row(str(number), "", "路灯不亮") for number in range(5)]
    >>> [len(chunk.items) for chunk in chunks(rows, Sizes(rows=2))]
    [2, 2, 1]
    """
    taken: list[Item] = []
    size = 0
    for item in items:
        taken.append(item)
        size += item.size
        if len(taken) == sizes.rows or size >= sizes.characters:
            yield Chunk(tuple(taken))
            taken, size = [], 0
    if taken:
        yield Chunk(tuple(taken))
