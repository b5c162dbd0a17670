"""What a whole run came to: summary.json, diff.csv, and the rows that could not be answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from training.reclassify.figures import Figures, changes
from training.reclassify.journal import Journal, as_json, file_digest, put_whole
from training.reclassify.parts import Part, drop_beside, read_parts, read_predictions
from triage.desk.tables import write_table
from triage.domain.errors import BadInput, Problem

SUMMARY, DIFF, REJECTED, REPEATED = "summary.json", "diff.csv", "rejected.csv", "repeated_ids.csv"
DIFF_COLUMNS = ("id", "given", "label", "confidence", "auto")


@dataclass(frozen=True)
class Meaning:
    """What labels stand for: their domains, where they are categories, and their unit in a jurisdiction."""

    domain_of: Mapping[str, str] = field(default_factory=dict)
    unit_of: Callable[[str], str] | None = None


@dataclass
class _Counted:
    """Everything that one pass over the parts counts."""

    figures: Figures = field(default_factory=Figures)
    passed: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    named_here: int = 0
    hashes: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def add(self, part: Part) -> None:
        ids = part.predictions["id"].tolist()
        self.figures.add(part.predictions, part.given)
        self.passed += part.passed
        self.rejected += len(part.rejected)
        self.named_here += part.named_here
        # Eight bytes a row instead of an id: what may be repeated is looked at again.
        self.hashes.append(np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids)))


def finish(journal: Journal, meaning: Meaning, say: Callable[[str], None]) -> dict[str, Any]:
    """Write everything that is said of the whole, the summary last, and note that the run is finished."""
    say("summing up")
    counted = _Counted()
    for part in read_parts(journal):
        counted.add(part)
    repeated = _repeated(journal, counted.hashes)
    written = _write_tables(journal, counted, repeated)
    summary = {**journal.bound, **_summary(journal, counted, repeated, meaning), "files": written}
    put_whole(journal.folder / SUMMARY, as_json(summary))
    journal.finished = True
    journal.keep()
    drop_beside(journal)
    return summary


def read_summary(journal: Journal) -> dict[str, Any]:
    """The summary of a finished run."""
    path = journal.folder / SUMMARY
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise BadInput(str(path), [Problem((), "is missing or damaged; name a new folder")]) from None
    return told


def _summary(journal: Journal, counted: _Counted, repeated: Mapping[str, int], meaning: Meaning) -> dict[str, Any]:
    figures = counted.figures
    told = {
        "read": journal.items,
        **figures.summary(meaning.domain_of),
        "rejected": counted.rejected,
        "left_alone": dict(counted.passed),
        "ids": {"made_of_row_numbers": counted.named_here, "repeated": len(repeated)},
        "seconds": round(journal.seconds, 3),
        "rows_per_second": round(figures.rows / journal.seconds, 1) if journal.seconds else None,
    }
    if meaning.unit_of is not None:
        told["units"] = _by(meaning.unit_of, figures.labels)
    if journal.bound["label"] is not None:
        told["compared"] = figures.agreement() | {"categories": changes(figures.confusion, str)}
        if meaning.unit_of is not None:
            told["compared"]["units"] = changes(figures.confusion, meaning.unit_of)
    return told


def _by(unit_of: Callable[[str], str], labels: Counter[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for label, count in labels.items():
        counts[unit_of(label)] += count
    return dict(counts.most_common())


def _write_tables(journal: Journal, counted: _Counted, repeated: Mapping[str, int]) -> dict[str, str]:
    """The tables that there is anything to write in; the SHA-256 of each."""
    written: dict[str, str] = {}

    def write(name: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
        path = journal.folder / name
        write_table(path, columns, rows)
        written[name] = file_digest(path)

    if counted.rejected:
        write(REJECTED, ("file", "row", "reason"), (row for part in read_parts(journal) for row in part.rejected))
    if repeated:
        write(REPEATED, ("id", "times"), iter(repeated.items()))
    if journal.bound["label"] is not None:
        write(DIFF, DIFF_COLUMNS, (row for part in read_parts(journal) for row in _differing(part)))
    return written


def _differing(part: Part) -> Iterator[tuple[object, ...]]:
    """The rows whose label was another one."""
    answers = part.predictions.itertuples(index=False, name=None)
    for given, (row_id, label, confidence, auto) in zip(part.given, answers, strict=True):
        if given is not None and given != label:
            yield row_id, given, label, f"{confidence:.6f}", "true" if auto else "false"


def _repeated(journal: Journal, hashes: list[npt.NDArray[np.int64]]) -> dict[str, int]:
    """Ids that stand in several rows, and in how many, in the order of the ids."""
    every = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *hashes]))
    suspect = set(every[1:][every[1:] == every[:-1]].tolist())
    if not suspect:
        return {}
    counts: Counter[str] = Counter()
    for number in range(len(journal.parts)):
        ids = read_predictions(journal, number)["id"].to_pylist()
        counts.update(name for name in ids if hash(name) in suspect)
    return {name: count for name, count in sorted(counts.items()) if count > 1}
