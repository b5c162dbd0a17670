"""The parts of a run: predictions as Parquet and, until it is finished, what else is known of their rows."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from training.reclassify.engines import Answered
from training.reclassify.journal import Journal, put_whole
from training.reclassify.rows import Passed, Rejected
from triage.classify.store import digest
from triage.domain.errors import BadInput, Problem

PREDICTIONS = "predictions"
_BESIDE = ".parts"
_SCHEMA = pa.schema(
    [("id", pa.string()), ("label", pa.string()), ("confidence", pa.float64()), ("auto", pa.bool_())],
)


@dataclass(frozen=True)
class Part:
    """A whole part as it is read again: `given` has the label of each prediction's row, None where it had none."""

    predictions: pd.DataFrame
    given: Sequence[str | None]
    rejected: Sequence[tuple[str, int, str]]
    passed: Counter[str]
    named_here: int


def write_part(journal: Journal, answered: Sequence[Answered]) -> None:
    """Write the next part whole, then note it; what is not noted is written once more."""
    number = len(journal.parts)
    items = [item for chunk, _ in answered for item in chunk.items]
    rows = [row for chunk, _ in answered for row in chunk.rows]
    beside = {
        "given": [row.given for row in rows] if any(row.given is not None for row in rows) else None,
        "named_here": sum(row.named_here for row in rows),
        "rejected": [(item.file, item.row, item.reason) for item in items if isinstance(item, Rejected)],
        "passed": Counter(item.reason for item in items if isinstance(item, Passed)),
    }
    content = _as_parquet([frame for _, frame in answered])
    (journal.folder / _BESIDE).mkdir(exist_ok=True)
    put_whole(_beside(journal.folder, number), json.dumps(beside, ensure_ascii=False).encode())
    put_whole(_predictions(journal.folder, number), content)
    journal.parts.append({"items": len(items), "rows": len(rows), "sha256": digest(content)})


def drop_unnoted(journal: Journal) -> None:
    """Take away what a run that was killed had written and not noted; afterwards the folder of predictions is there."""
    (journal.folder / PREDICTIONS).mkdir(exist_ok=True)
    kept = {_predictions(journal.folder, number).name for number in range(len(journal.parts))}
    for path in (journal.folder / PREDICTIONS).glob("*"):
        if path.name not in kept:
            path.unlink()
    for path in journal.folder.glob("**/.*.new-*"):
        path.unlink()


def read_parts(journal: Journal) -> Iterator[Part]:
    """All parts in order, one in memory at a time; BadInput names one that is not as it was written."""
    for number in range(len(journal.parts)):
        beside: dict[str, Any] = _read_beside(_beside(journal.folder, number))
        predictions = read_predictions(journal, number).to_pandas()
        given = beside["given"] or [None] * len(predictions)
        rejected = [(file, row, reason) for file, row, reason in beside["rejected"]]
        yield Part(predictions, given, rejected, Counter(beside["passed"]), beside["named_here"])


def read_predictions(journal: Journal, number: int) -> pa.Table:
    """The predictions of a part."""
    path = _predictions(journal.folder, number)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be read: {error.strerror}")]) from None
    if digest(content) != journal.parts[number]["sha256"]:
        raise BadInput(str(path), [Problem((), "is not what was written; name a new folder")])
    return pq.read_table(io.BytesIO(content))


def drop_beside(journal: Journal) -> None:
    """Once the run is finished, all that is known stands in its own files."""
    shutil.rmtree(journal.folder / _BESIDE, ignore_errors=True)


def _as_parquet(frames: Sequence[pd.DataFrame]) -> bytes:
    tables = [pa.Table.from_pandas(frame, _SCHEMA, preserve_index=False) for frame in frames]
    content = io.BytesIO()
    # Without pandas' own notes, so that the same answers are the same bytes whichever engine gave them.
    pq.write_table(pa.concat_tables(tables).replace_schema_metadata(None).combine_chunks(), content)
    return content.getvalue()


def _predictions(folder: Path, number: int) -> Path:
    return folder / PREDICTIONS / f"part-{number:05d}.parquet"


def _beside(folder: Path, number: int) -> Path:
    return folder / _BESIDE / f"part-{number:05d}.json"


def _read_beside(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise BadInput(str(path), [Problem((), "is missing or damaged; name a new folder")]) from None
