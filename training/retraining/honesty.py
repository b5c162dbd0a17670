"""Whether what a model says of itself holds on rows it has not seen: its certainty, and its promise of precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BINS, SAMPLES = 15, 1_000


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The expected calibration error, what it would be on these rows were every certainty exact, and how probable one
    at least as large would then be."""

    error: float
    by_chance: float
    chance: float

    @property
    def excess(self) -> float:
        """How much of the error is not chance."""
        return self.error - self.by_chance


def calibrated(sure: Floats, right: Bools, rng: np.random.Generator, samples: int = SAMPLES) -> Calibrated:
    """How far certainties, shape (n,), lie from how often the answers were right.

    Bins of equally many rows. What chance alone does is drawn from the certainties themselves: Bröcker and Smith,
    Increasing the Reliability of Reliability Diagrams, Weather and Forecasting 2007.

    >>> rng = np.random.default_rng(0)
    >>> sure = rng.uniform(0.5, 1, 2_000)
    >>> honest = calibrated(sure, rng.random(2_000) < sure, rng)
    >>> boasting = calibrated(sure, rng.random(2_000) < sure - 0.2, rng)
    >>> abs(round(honest.excess, 1)), round(boasting.excess, 1)
    (0.0, 0.2)
    """
    order = np.argsort(sure, kind="stable")
    bins = np.array_split(order, min(BINS, len(sure)))
    found = _error(sure, right[None].astype(float), bins)[0]
    drawn = _error(sure, (rng.random((samples, len(sure))) < sure).astype(float), bins)
    return Calibrated(float(found), float(drawn.mean()), float((1 + (drawn >= found).sum()) / (1 + samples)))


def _error(sure: Floats, right: Floats, bins: list[npt.NDArray[np.intp]]) -> Floats:
    """The error of each row of outcomes, shape (samples, n)."""
    gaps = [np.abs(right[:, part].mean(axis=1) - sure[part].mean()) * len(part) for part in bins]
    return np.asarray(np.sum(gaps, axis=0) / len(sure))


@dataclass(frozen=True, slots=True)
class Kept:
    """How often answers given alone were right, and the highest precision that this leaves room for."""

    alone: int
    right: int
    at_most: float

    @property
    def precision(self) -> float | None:
        """The share that was right."""
        return self.right / self.alone if self.alone else None


def kept_promise(right: Bools, level: float) -> Kept:
    """Of the answers given alone, shape (n,): with confidence 1 - `level` they are right at most so often.

    The one-sided exact bound of Clopper and Pearson, Biometrika 1934.

    >>> kept_promise(np.array([True] * 90 + [False] * 10), 0.05).at_most < 0.95
    True
    """
    from scipy.stats import beta

    alone, found = len(right), int(right.sum())
    at_most = 1.0 if found == alone else float(beta.ppf(1 - level, found + 1, alone - found))
    return Kept(alone, found, at_most)
