"""CSV files row by row, in UTF-8 or GB18030: one broken row costs that row and no other."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from triage.desk.backlog.lines import Line, Place
from triage.domain.errors import BadInput, Problem

_CHUNK = 1 << 20
_MOST_LINES = 500
_MOST_CHARACTERS = 4_000_000
"""A row of more lines or characters is taken for one whose quotation mark was never closed."""

_UNCLOSED = "引号没有成对，本行无法分列"


class Delimited:
    """A CSV file. Bytes that are no text of its encoding become lone surrogates; their row is for others to refuse."""

    sheets = ("",)

    def __init__(self, path: Path) -> None:
        self._path = path
        self.encoding = _encoding(path)

    def lines(self, sheet: str) -> Iterator[Line]:
        """Every row; those whose quotation marks do not match come as one raw cell with the fault."""
        with self._path.open(encoding=self.encoding, errors="surrogateescape", newline="") as file:
            feed = _Feed(file)
            reader = csv.reader(feed, strict=True)
            for number in _count_from_1():
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield Line(Place(number), (feed.give_back(),), _UNCLOSED)
                else:
                    feed.taken.clear()
                    yield Line(Place(number), tuple(cells))


def _count_from_1() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


class _Feed:
    """Hands the reader a file line by line and remembers those of the row at hand, so that a broken one loses only
    its first."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else self._file.readline(_MOST_CHARACTERS)
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(self.taken) > _MOST_LINES or (len(self.taken) > 1 and sum(map(len, self.taken)) > _MOST_CHARACTERS):
            raise csv.Error("the row does not end")
        return line

    def give_back(self) -> str:
        """The first line of a broken row; the others are read again."""
        self._ahead.extendleft(reversed(self.taken[1:]))
        first = self.taken[0]
        self.taken.clear()
        return first.rstrip("\r\n")


def _encoding(path: Path) -> str:
    """The encoding that gets furthest, UTF-8 first; BadInput for UTF-16, which says so itself."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput(str(path), [Problem((), "is UTF-16 text: save it as CSV in UTF-8, or as XLSX")])
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    reached = {encoding: _reached(path, encoding) for encoding in ("utf-8", "gb18030")}
    return max(reached, key=lambda encoding: reached[encoding])


def _reached(path: Path, encoding: str) -> float:
    """How many bytes are text of an encoding; infinite where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as fault:
                return done + fault.start
            done += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done
    return float("inf")
