"""What a model may promise, from texts it has not seen: a precision above which it decides alone, and label sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]

PRECISION, COVERAGE, LEVEL = 0.97, 0.98, 0.9
LABEL_SLACK = 0.03
"""No label may stay further below the promise; all of them at the full promise would cost a tenth of the answers."""

TESTS = 60


@dataclass(frozen=True)
class LabelPromise:
    """One label's threshold, and how often it was right among the held-out answers at or above it."""

    label: str
    auto_above: float | None
    share: float
    precision_found: float | None


@dataclass(frozen=True)
class Promise:
    """Thresholds with the held-out figures behind them; a threshold of None means: never alone.

    The certainty of an answer is the best probability over the sum of the best two. Where it reaches `auto_above`,
    answers are right for a share of at least `precision`, and each label's own for at least `label_precision`, both
    with confidence `level` (a label with too few held-out answers rests on the first alone). `set_above`: the labels
    at or above it, best first and never none, hold the right one for a share `coverage` of texts like the held-out.
    """

    precision: float
    label_precision: float
    level: float
    coverage: float
    auto_above: float | None
    auto_share: float
    set_above: float
    held_out: int
    labels: tuple[LabelPromise, ...] = ()

    def may_decide(self, probabilities: Floats) -> Bools:
        """Whether answers lie where the promise holds; probabilities of shape (n, k) in the order of the labels."""
        if not self.labels:
            return np.zeros(len(probabilities), dtype=bool)
        above = [one.auto_above for one in self.labels]
        return _alone(certainty(probabilities), probabilities.argmax(axis=1), above)

    def label_sets(self, probabilities: Floats) -> list[Codes]:
        """For each row the indices of the labels that together hold the right one at the promised rate, best first."""
        ranked = np.argsort(-probabilities, axis=1, kind="stable")
        return [row[:size] for row, size in zip(ranked, self.set_sizes(probabilities), strict=True)]

    def set_sizes(self, probabilities: Floats) -> Codes:
        """How many of the labels, best first, that takes; never none."""
        return np.asarray(np.maximum(1, (probabilities >= self.set_above).sum(axis=1)))


def certainty(probabilities: Floats) -> Floats:
    """The best probability over the sum of the best two, for rows of shape (n, k): 0.5 (torn) to 1 (sure).

    It ranks answers better than the best probability alone: what a third label takes says little about the first two.

    >>> certainty(np.array([[0.6, 0.2, 0.2], [0.5, 0.5, 0.0]])).round(2).tolist()
    [0.75, 0.5]
    """
    best = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(best[:, 1] / best.sum(axis=1))


def promise_from(
    probabilities: Floats,
    codes: Codes,
    names: Sequence[str],
    *,
    precision: float = PRECISION,
    label_precision: float | None = None,
    coverage: float = COVERAGE,
    level: float = LEVEL,
) -> Promise:
    """Thresholds from held-out probabilities, shape (n, k), the right columns, shape (n,), and the k labels' names.

    `label_precision` is 3 points below `precision` unless it is given.
    """
    total = len(codes)
    label_precision = precision - LABEL_SLACK if label_precision is None else label_precision
    if not total:
        return Promise(precision, label_precision, level, coverage, None, 0.0, 0.05, 0)
    sure, answers = certainty(probabilities), probabilities.argmax(axis=1)
    right = answers == codes
    every = loosest_threshold(sure, right, precision, level)
    above = [
        None
        if every is None
        else _of_label(sure[answers == code], right[answers == code], label_precision, level, every)
        for code in range(len(names))
    ]
    alone = _alone(sure, answers, above)
    labels = tuple(
        _label_promise(name, limit, alone[answers == code], right[answers == code])
        for code, (name, limit) in enumerate(zip(names, above, strict=True))
    )
    # Split conformal prediction with the score 1 - p(right label): Sadinle, Lei and Wasserman, JASA 2019.
    of_right = np.sort(probabilities[np.arange(total), codes])
    rank = int(np.floor((total + 1) * (1 - coverage)))
    set_above = float(of_right[rank - 1]) if rank >= 1 else 0.0
    share = float(alone.mean())
    return Promise(precision, label_precision, level, coverage, every, share, set_above, total, labels)


def loosest_threshold(sure: Floats, right: Bools, precision: float, level: float) -> float | None:
    """The loosest threshold at which precision is promised: Angelopoulos et al., Learn then Test, 2021.

    From the strict end on, each threshold is tested exactly (binomial) for a precision of at least `precision`; the
    first that fails ends the sequence (fixed-sequence testing), so that with confidence `level` none taken is wrong.
    """
    from mapie.risk_control import control_fwer  # slow to import, and only fitting needs it
    from scipy.stats import binom

    falling = np.argsort(-sure, kind="stable")
    counts = _tested(sure[falling], fewest(precision, level))
    if not len(counts):
        return None
    wrong = np.cumsum(~right[falling])[counts - 1]
    chances = np.asarray(binom.cdf(wrong, counts, 1 - precision), dtype=np.float64)
    held = control_fwer(chances, 1 - level, "fixed_sequence")
    return float(sure[falling[counts[held[-1]] - 1]]) if len(held) else None


def fewest(precision: float, level: float) -> int:
    """So many answers, all of them right, are needed to promise anything.

    >>> fewest(0.97, 0.9)
    76
    """
    return int(np.ceil(np.log(1 - level) / np.log(precision)))


def _of_label(sure: Floats, right: Bools, precision: float, level: float, every: float) -> float | None:
    """A label's own threshold: no label may hide behind the others, where it has the answers to test it."""
    if len(sure) < 2 * fewest(precision, level):
        return every
    own = loosest_threshold(sure, right, precision, level)
    return None if own is None else max(own, every)


def _alone(sure: Floats, answers: Codes, above: Sequence[float | None]) -> Bools:
    """Which answers reach the threshold of their label."""
    limits = np.array([np.inf if limit is None else limit for limit in above])
    return np.asarray(sure >= limits[answers])


def _label_promise(name: str, above: float | None, alone: Bools, right: Bools) -> LabelPromise:
    share = float(alone.mean()) if len(alone) else 0.0
    return LabelPromise(name, above, share, float(right[alone].mean()) if alone.any() else None)


def _tested(falling: Floats, first: int) -> Codes:
    """How many of the surest texts each test takes in: equal certainties pass a threshold together or not at all."""
    first = max(first, len(falling) // 5)
    if first > len(falling):
        return np.zeros(0, dtype=np.intp)
    counts = np.linspace(first, len(falling), TESTS).astype(int)
    return np.unique(np.searchsorted(-falling, -falling[counts - 1], side="right"))
