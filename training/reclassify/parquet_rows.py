"""Rows of a Parquet file, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from training.reclassify.items import item_of
from training.reclassify.rows import ROWS_A_CHUNK, Item
from training.reclassify.wanted import Wanted, chosen
from triage.domain.errors import BadInput, Problem

_BUFFER = 1 << 20


class ParquetRows:
    """A Parquet file; BadInput where it is damaged, or lacks a column that is wanted."""

    def __init__(self, path: Path, name: str, wanted: Wanted) -> None:
        self._path = path
        self._name = name
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError):
            raise BadInput(name, [Problem((), "is no Parquet file, or a damaged one")]) from None
        self._texts = chosen(wanted, schema.names)
        self._id = wanted.id if wanted.id in schema.names else None
        self._label = wanted.label
        self._columns = list(dict.fromkeys(filter(None, [self._id, self._label, *self._texts])))

    def items(self) -> Iterator[Item]:
        """Every row, numbered from 1; BadInput where the file turns out to be damaged."""
        number = 0
        for batch in self._batches():
            columns = {name: batch.column(name).to_pylist() for name in self._columns}
            for at in range(batch.num_rows):
                number += 1
                texts = [columns[name][at] for name in self._texts]
                id_ = None if self._id is None else columns[self._id][at]
                given = None if self._label is None else columns[self._label][at]
                yield item_of(self._name, number, id_, texts, given)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            # Group by group and through a buffer: read as a whole, a file is in memory before it ends.
            with pq.ParquetFile(self._path, buffer_size=_BUFFER) as file:
                for group in range(file.num_row_groups):
                    yield from file.iter_batches(ROWS_A_CHUNK, [group], self._columns, use_threads=False)
        except (pa.ArrowException, OSError):
            raise BadInput(self._name, [Problem((), "is damaged: not all of its rows can be read")]) from None
