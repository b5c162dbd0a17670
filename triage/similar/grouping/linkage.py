"""How well an order fits an issue, and one issue another: the mean over a sample of their orders (average linkage)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.similar.grouping.encoded import Orders
from triage.similar.grouping.likeness import likeness
from triage.similar.grouping.pairs import PairModel
from triage.similar.grouping.rarity import Floats, Rarity
from triage.similar.grouping.remembered import Numbers, Remembered

SAMPLE = 16
"""So many orders stand for an issue: those with the smallest hashes, whatever order they came in, so that the cost of
an order does not grow with the issue and a merged issue's sample is the one it would have had from the beginning."""


def scores(one: Orders, numbers: Numbers, remembered: Remembered, model: PairModel, rarity: Rarity) -> Floats:
    """The score of one order with each of these."""
    return model.score(likeness(one, remembered.of(numbers), rarity))


def fit_of_issues(
    one: Sequence[int], other: Sequence[int], remembered: Remembered, model: PairModel, rarity: Rarity
) -> float:
    """The mean score over all pairs of two samples."""
    smaller, larger = sorted((one, other), key=len)
    others = np.array(larger, dtype=np.int64)
    found = [scores(remembered.of(number), others, remembered, model, rarity) for number in smaller]
    return float(np.mean(found))
