"""What a model may promise, from texts it has not seen: a precision above which it decides alone, and label sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Promise:
    """Thresholds on probabilities, with the held-out figures behind them.

    `auto_above`: at or above it the model may decide alone, since the lower bound of its precision there is at least
    `precision` at confidence `level`; None where no threshold earns that. `set_above`: the labels at or above it,
    best first and never none, hold the right one for a share `coverage` of texts like the held-out ones.
    """

    precision: float
    level: float
    coverage: float
    auto_above: float | None
    auto_share: float
    set_above: float
    held_out: int

    def may_decide(self, confidence: float) -> bool:
        """Whether a confidence lies where the promise holds."""
        return self.auto_above is not None and confidence >= self.auto_above

    def label_set(self, probabilities: Floats) -> npt.NDArray[np.intp]:
        """Indices of the labels that together hold the right one at the promised rate, best first."""
        return np.argsort(-probabilities, kind="stable")[: self.set_size(probabilities)]

    def set_size(self, probabilities: npt.ArrayLike) -> int:
        """How many of the labels, best first, that takes; never none."""
        return max(1, int((np.asarray(probabilities) >= self.set_above).sum()))


NO_PROMISE = Promise(0.97, LEVEL, 0.98, None, 0.0, 0.05, 0)


def promise_from(probabilities: Floats, codes: npt.NDArray[np.intp], precision: float, coverage: float) -> Promise:
    """Thresholds from held-out probabilities, shape (n, k), and the right columns, shape (n,)."""
    total = len(codes)
    if not total:
        return NO_PROMISE
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == codes
    auto_above = _auto_threshold(top, right, precision)
    share = 0.0 if auto_above is None else float((top >= auto_above).mean())
    # Split conformal prediction with the score 1 - p(right label): Sadinle, Lei and Wasserman, JASA 2019.
    of_right = np.sort(probabilities[np.arange(total), codes])
    rank = int(np.floor((total + 1) * (1 - coverage)))
    set_above = float(of_right[rank - 1]) if rank >= 1 else 0.0
    return Promise(precision, LEVEL, coverage, auto_above, share, set_above, total)


def _auto_threshold(top: Floats, right: npt.NDArray[np.bool_], precision: float) -> float | None:
    """The loosest threshold reached from the strict end without a failed test (fixed sequence testing).

    Each test asks whether the Clopper-Pearson lower bound of the precision above the threshold holds the promise.
    """
    from scipy.stats import beta  # slow to import, and only fitting needs it

    order = np.argsort(-top, kind="stable")
    hits = np.cumsum(right[order])
    counts = np.arange(1, len(top) + 1)
    first = max(int(np.ceil(np.log(1 - LEVEL) / np.log(precision))), len(top) // 5)
    found = None
    for count in _tested(top[order], first):
        good = int(hits[count - 1])
        bound = float(beta.ppf(1 - LEVEL, good, counts[count - 1] - good + 1)) if good else 0.0
        if bound < precision:
            break
        found = float(top[order[count - 1]])
    return found


def _tested(falling: Floats, first: int) -> npt.NDArray[np.intp]:
    """How many of the surest texts each test takes in: equal confidences pass a threshold together or not at all."""
    if first > len(falling):
        return np.zeros(0, dtype=np.intp)
    counts = np.linspace(first, len(falling), 60).astype(int)
    return np.unique(np.searchsorted(-falling, -falling[counts - 1], side="right"))
