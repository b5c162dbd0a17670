"""The words that pulled a decision, with their weights."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from triage.classify.features import Reading
from triage.classify.head import LinearHead


def telling_words(head: LinearHead, label: int, reading: Reading, row: csr_matrix) -> list[tuple[int, int, float]]:
    """The words that pulled towards a label: (start, end) in the text as read and the weight, in the text's order.

    A feature's pull is its value times how far its weight for the label lies above the mean of the others; every
    occurrence shares it, and every character of an occurrence again. A word's weight is the sum over its characters.
    """
    if row.nnz == 0:
        return []
    weights = head.weights_[row.indices]
    others = (weights.sum(axis=1) - weights[:, label]) / (weights.shape[1] - 1)
    pull = np.zeros(head.weights_.shape[0], dtype=np.float64)
    pull[row.indices] = row.data * (weights[:, label] - others)
    ids, starts, ends = reading.ids, reading.starts, reading.ends
    share = pull[ids] / np.bincount(ids)[ids] / (ends - starts)
    # A running sum of what starts and stops at each place gives every character its weight.
    length = max([int(ends.max()), *(end for _, end in reading.words)]) + 1
    steps = np.bincount(starts, share, length) - np.bincount(ends, share, length)
    so_far = np.concatenate([[0.0], np.cumsum(np.cumsum(steps))])
    return [
        (start, end, float(so_far[end] - so_far[start]))
        for start, end in reading.words
        if so_far[end] - so_far[start] > 0
    ]
