"""Labels that were probably slips of the hand, for a person to look at again."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from triage.classify.head import Floats, LinearHead

FILE = "doubtful.csv"


@dataclass(frozen=True)
class Doubt:
    """A row of the table, its label, the likelier one, and how probable each was while the row was held out."""

    row: int
    given: str
    chance: float
    likelier: str
    likelier_chance: float


def doubts(head: LinearHead, labels: Sequence[str], numbers: Sequence[int]) -> list[Doubt] | None:
    """Rows whose label is doubtful, most doubtful first; None where cleanlab (extra `training`) is not installed.

    They are listed and learnt from all the same: leaving them out made models worse on real messages, see
    docs/decisions/0009. `numbers` are the rows' numbers.
    """
    rows, chances = head.held_out_
    names = [str(label) for label in head.classes_]
    return doubts_among(names, chances, [labels[row] for row in rows], [numbers[row] for row in rows])


def doubts_among(
    names: Sequence[str], chances: Floats, labels: Sequence[str], numbers: Sequence[int]
) -> list[Doubt] | None:
    """The same from chances of shape (rows, names), the names in alphabetical order, by a model that did not see the
    rows. Northcutt, Jiang and Chuang, Confident Learning, JAIR 2021."""
    if find_spec("cleanlab") is None:
        return None
    from cleanlab.filter import find_label_issues

    if not len(labels):
        return []
    codes = np.searchsorted(np.array(names, dtype=str), np.array(labels, dtype=str))
    with warnings.catch_warnings():  # that a label has too few rows to be doubted is no fault of anybody's
        warnings.simplefilter("ignore", UserWarning)
        ranked = "self_confidence"
        found = find_label_issues(codes, chances, filter_by="both", return_indices_ranked_by=ranked, n_jobs=1)
    best = chances.argmax(axis=1)
    return [
        Doubt(
            numbers[at],
            names[codes[at]],
            float(chances[at, codes[at]]),
            names[best[at]],
            float(chances[at, best[at]]),
        )
        for at in found.tolist()
    ]


def as_csv(found: Sequence[Doubt]) -> bytes:
    """The list as a table; it holds row numbers and labels, no text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["row", "given", "chance", "likelier", "likelier_chance"])
    for one in found:
        writer.writerow([one.row, one.given, f"{one.chance:.4f}", one.likelier, f"{one.likelier_chance:.4f}"])
    return buffer.getvalue().encode()
