"""A backlog in files: one CSV, JSONL or Parquet file, or a folder of them, read in a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from training.reclassify.csv_rows import CsvRows
from training.reclassify.journal import file_digest
from training.reclassify.jsonl_rows import JsonlRows
from training.reclassify.parquet_rows import ParquetRows
from training.reclassify.rows import Item
from training.reclassify.wanted import Wanted
from triage.domain.errors import BadInput, Problem


class Source(Protocol):
    """Where rows come from."""

    def identity(self) -> dict[str, Any]:
        """What it is, by digests: what was begun with one source is not gone on with by another."""
        ...

    def items(self) -> Iterator[Item]:
        """Every row in order, the same ones each time."""
        ...


class Rows(Protocol):
    """One file."""

    def items(self) -> Iterator[Item]:
        """Every row in order."""
        ...


KINDS: Mapping[str, Callable[[Path, str, Wanted], Rows]] = {
    ".csv": CsvRows,
    ".jsonl": JsonlRows,
    ".ndjson": JsonlRows,
    ".parquet": ParquetRows,
}


class Files:
    """The files of a backlog; BadInput with every fault that shows before rows are answered."""

    def __init__(self, data: Path, wanted: Wanted) -> None:
        self._files = _files(data)
        self._wanted = wanted
        problems: list[Problem] = []
        for name in self._files:
            try:
                self._open(name)
            except BadInput as fault:
                problems += [Problem((name, *problem.loc), problem.msg) for problem in fault.problems]
            except OSError as fault:
                problems.append(Problem((name,), f"cannot be read: {fault.strerror}"))
        if problems:
            raise BadInput(str(data), problems)

    def identity(self) -> dict[str, Any]:
        """The files by name with the SHA-256 of each."""
        return {"files": {name: file_digest(path) for name, path in self._files.items()}}

    def items(self) -> Iterator[Item]:
        """The rows of all files, one file after the other by their names."""
        for name in self._files:
            yield from self._open(name).items()

    def _open(self, name: str) -> Rows:
        path = self._files[name]
        return KINDS[path.suffix.lower()](path, name, self._wanted)


def _files(data: Path) -> dict[str, Path]:
    """Files by the names they go by, in the order of the names; hidden ones and Spark's own marks are none."""
    kinds = ", ".join(KINDS)
    if data.is_file():
        if data.suffix.lower() not in KINDS:
            raise BadInput(str(data), [Problem((), f"is none of {kinds}")])
        return {data.name: data}
    if not data.is_dir():
        raise BadInput(str(data), [Problem((), "cannot be read: there is no such file or folder")])
    every = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.suffix.lower() in KINDS}
    shown = {
        name: path
        for name, path in sorted(every.items())
        if path.is_file() and not any(part.startswith((".", "_")) for part in name.split("/"))
    }
    if not shown:
        raise BadInput(str(data), [Problem((), f"holds no file of {kinds}")])
    return shown
