"""What an XLSX file would unfold to, found out before a reader lays it out in memory.

A file of a megabyte may unfold to gigabytes, and two cells in opposite corners of a sheet make a reader allocate all
17 billion between them and abort the process. Both are counted here in a stream, with what a ZIP entry really unpacks
to rather than with what it says.
"""

from __future__ import annotations

import copy
import re
import struct
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path
from xml.parsers import expat

from triage.domain.errors import BadInput, Problem

MOST_UNPACKED = 512 * 1024 * 1024
MOST_CELLS = 16_000_000
_MOST_ENTRIES = 10_000
_CHUNK = 1 << 18
_CELLS = b"sheetData"
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,10})")
_TOO_BIG = f"unfolds to more than {MOST_UNPACKED // 1024 // 1024} MB: split it, or save it as CSV"
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # a password
    EOFError,
    OSError,  # offsets outside the file
    ValueError,
    struct.error,
)
DAMAGED = "is a damaged XLSX file: open it in a spreadsheet and save it anew"


def check_extent(path: Path) -> None:
    """BadInput where an XLSX file is damaged, locked, or too big to be read in bounded memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise _refusal(path, "is a ZIP file but no XLSX workbook")
            if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise _refusal(path, _TOO_BIG)
            left, cells = MOST_UNPACKED, 0
            for entry in entries:
                size, extent = _read(archive, entry, left)
                left, cells = left - size, cells + extent
                if left < 0:
                    raise _refusal(path, _TOO_BIG)
                if cells > MOST_CELLS:
                    raise _refusal(path, f"has sheets of more than {MOST_CELLS:,} cells: delete what stands far out")
    except _FAULTS:
        raise _refusal(path, DAMAGED) from None


def _refusal(path: Path, fault: str) -> BadInput:
    return BadInput(str(path), [Problem((), fault)])


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> tuple[int, int]:
    """How many bytes an entry unpacks to, read no further than `most`, and how many cells it spans as a sheet."""
    unbounded = copy.copy(entry)
    # zipfile stops at the size that the entry states, readers do not.
    unbounded.file_size = sys.maxsize
    sheet = _Sheet()
    size = 0
    with archive.open(unbounded) as file:
        chunk = file.read(_CHUNK)
        take = sheet.feed if chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else sheet.skip
        while chunk and size <= most:
            size += len(chunk)
            take(chunk)
            chunk = file.read(_CHUNK)
    return size, sheet.extent()


class _Sheet:
    """The furthest row and column of the cells with a value in a sheet's XML; other XML has none."""

    def __init__(self) -> None:
        self._row = self._column = self._last_row = self._last_column = 0
        self._skipped = b""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        """Read on in XML."""
        self._parser.Parse(chunk)

    def skip(self, chunk: bytes) -> None:
        """Read on in what is no XML, such as a picture; a more lenient reader must find no cells in it either."""
        self._skipped = self._skipped[-len(_CELLS) :] + chunk
        if _CELLS in self._skipped:
            raise ValueError("cells in what is no XML")

    def extent(self) -> int:
        """How many cells a reader lays out: all up to the furthest."""
        return self._last_row * self._last_column

    def _doctype(self, *_: object) -> None:
        raise ValueError("workbooks have no document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r"))
        elif name in ("v", "is"):
            self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)
        elif name == "row":
            told = attributes.get("r")
            self._row, self._column = self._row + 1 if told is None else int(told), 0

    def _cell(self, told: str | None) -> None:
        """Cells that do not tell where they are stand right of the one before."""
        if told is None:
            self._column += 1
            return
        found = _CELL.fullmatch(told)
        if found is None:
            raise ValueError("a cell in no place")
        self._column, self._row = _column(found[1]), int(found[2])


@cache
def _column(letters: str) -> int:
    """The number of a column by its letters, A being 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
