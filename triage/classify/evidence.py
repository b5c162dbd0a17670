"""The words that pulled a decision, with their weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from triage.classify.features import Reading, TextFeatures
from triage.classify.head import LinearHead

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


class Pull(NamedTuple):
    """What pulls towards a label: each word's start and end in the text as read and its weight, in the text's order;
    and what stands on no word (marks between words, opening and closing as such, and how often the label is right
    whatever the text says)."""

    words: list[tuple[int, int, float]]
    elsewhere: float

    @property
    def telling(self) -> list[tuple[int, int, float]]:
        """The words that pull towards the label and not away from it."""
        return [word for word in self.words if word[2] > 0]


def pull(features: TextFeatures, head: LinearHead, label: int, reading: Reading, row: csr_matrix) -> Pull:
    """The label's margin over the mean of the others', shared out among the words: together they are that margin.

    A feature's pull is its value times how far its weight for the label lies above the mean of the others; every
    occurrence shares it, and every character of an occurrence again. A word's weight is the sum over its characters,
    and its part in the table's vectors.
    """
    weights = np.zeros(len(reading.words))
    others = (head.bias_.sum() - head.bias_[label]) / (len(head.bias_) - 1)
    elsewhere = float(head.bias_[label] - others)
    if row.nnz:
        known = row.indices[row.indices < len(features.idf_)]
        pulls = row.data[: len(known)] * head.above(label, known)
        weights, between = _shared_out(reading, np.searchsorted(known, reading.ids), pulls)
        elsewhere += between
        if features.table is not None:
            weights += _through_table(features, head, label, reading)
        # Opening and closing repeat words that have their share already: what they add stays apart.
        of_ends = (row.indices >= len(features.idf_)) & (row.indices < features.table_from)
        elsewhere += float(row.data[of_ends] @ head.above(label, row.indices[of_ends]))
    spans = ((*span, weight) for span, weight in zip(reading.words, weights.tolist(), strict=True))
    return Pull(list(spans), elsewhere)


def _shared_out(reading: Reading, which: Codes, pulls: Floats) -> tuple[Floats, float]:
    """The features' pulls on each word, and on what is no word; `which` of them each occurrence in the text has."""
    starts, ends = reading.starts, reading.ends
    share = (pulls / np.bincount(which, minlength=len(pulls)))[which] / (ends - starts)
    # A running sum of what starts and stops at each place gives every character its weight.
    words = np.array(reading.words, dtype=np.intp).reshape(-1, 2)
    length = max(ends.max(initial=0), words.max(initial=0)) + 1
    steps = np.bincount(starts, share, length) - np.bincount(ends, share, length)
    so_far = np.concatenate([[0.0], np.cumsum(np.cumsum(steps))])
    weights = so_far[words[:, 1]] - so_far[words[:, 0]]
    return weights, float(so_far[-1] - weights.sum())


def _through_table(features: TextFeatures, head: LinearHead, label: int, reading: Reading) -> Floats:
    """What each word adds through the table: the vector of a part is the sum of its words' rows, made as long as
    `table_share`, so that up to this length it is linear in the words."""
    table = features.table
    assert table is not None
    columns = head.above(label, features.table_from + np.arange(2 * table.width))
    parts = slice(0, reading.of_title), slice(reading.of_title, None)
    weights = np.zeros(len(reading.words))
    for part, direction in zip(parts, (columns[: table.width], columns[table.width :]), strict=True):
        numbers, vectors = table.rows(reading.names[part])
        length = np.linalg.norm(vectors.sum(axis=0)) if len(numbers) else 0.0
        if length > 0:
            found = vectors @ direction * (features.table_share / length)
            weights[part] = np.bincount(numbers, found, minlength=len(reading.names[part]))
    return weights
