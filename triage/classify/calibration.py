"""Margins into honest probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float64]

ROWS_A_CELL = 20
"""So many held-out rows for each number of a matrix; with fewer, one temperature is all that can be learnt."""

EARNED = 0.01
"""A matrix must spare this share of the log loss: it moves answers, too, and one that earns little moves as many
of them from right to wrong as back. Measured: domains earn 4 %, the request type 0.2 %."""

FOLDS = 5


@dataclass(frozen=True)
class Calibration:
    """Probabilities are softmax(margins @ matrix + shift); one temperature is a matrix that only scales.

    Temperature and matrix scaling: Guo et al., On Calibration of Modern Neural Networks, ICML 2017; with regularisation
    as Kull et al., Beyond Temperature Scaling, NeurIPS 2019. The matrix also learns which labels are taken for which.

    >>> Calibration(np.eye(2) / 0.5, np.zeros(2)).probabilities(np.array([[1.0, 0.0]])).round(2).tolist()
    [[0.88, 0.12]]
    """

    matrix: Floats
    shift: Floats

    def probabilities(self, margins: Floats) -> Floats:
        """Rows of margins, shape (n, k), into rows of probabilities."""
        return softmax(margins @ self.matrix + self.shift)


class Calibrated(NamedTuple):
    """A calibration, and probabilities of each row it was learnt from by one that did not see this row."""

    calibration: Calibration
    apart: Floats


def calibrate(margins: Floats, codes: Codes, weights: Weights | None = None) -> Calibrated:
    """From held-out margins, shape (n, k), the right columns, shape (n,), and how much each row counts.

    One temperature, which changes no answer; a matrix only where there are rows enough and it earns its numbers. What
    was made apart is for promises, which must not be made from praise.
    """
    plain = Calibrated(_temperature(margins, codes, weights), _apart(_temperature, margins, codes, weights))
    rows, labels = margins.shape
    fewest = min(len(np.unique(codes[others])) for others, _ in _folds(len(codes)))
    if rows < ROWS_A_CELL * labels**2 or fewest < labels:
        return plain
    apart = _apart(_matrix, margins, codes, weights)
    if _cost(apart, codes, weights) > (1 - EARNED) * _cost(plain.apart, codes, weights):
        return plain
    return Calibrated(_matrix(margins, codes, weights), apart)


def log_loss(margins: Floats, codes: Codes, weights: Weights | None = None) -> float:
    """The mean negative log probability of the right labels at the best temperature."""
    if not len(codes):
        return 0.0
    return _cost(_temperature(margins, codes, weights).probabilities(margins), codes, weights)


def softmax(margins: Floats) -> Floats:
    """Rows of margins into rows of probabilities."""
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _apart(
    learn: Callable[[Floats, Codes, Weights | None], Calibration],
    margins: Floats,
    codes: Codes,
    weights: Weights | None,
) -> Floats:
    """Probabilities of each row by a calibration learnt from the other folds."""
    probabilities = np.empty_like(margins)
    for others, fold in _folds(len(codes)):
        learnt = learn(margins[others], codes[others], None if weights is None else weights[others])
        probabilities[fold] = learnt.probabilities(margins[fold])
    return probabilities


def _folds(rows: int) -> Iterator[tuple[Codes, Codes]]:
    """The rows outside each fold, and those in it."""
    for fold in range(FOLDS):
        inside = np.arange(rows) % FOLDS == fold
        yield np.flatnonzero(~inside), np.flatnonzero(inside)


def _matrix(margins: Floats, codes: Codes, weights: Weights | None) -> Calibration:
    from sklearn.linear_model import LogisticRegression  # slow to import, and only fitting needs it

    model = LogisticRegression(max_iter=2000).fit(margins, codes, weights)
    if len(model.coef_) == 1:  # two classes share one plane
        half = model.coef_[0] / 2, model.intercept_[0] / 2
        return Calibration(np.stack([-half[0], half[0]], axis=1), np.array([-half[1], half[1]]))
    return Calibration(np.ascontiguousarray(model.coef_.T), model.intercept_)


def _temperature(margins: Floats, codes: Codes, weights: Weights | None) -> Calibration:
    from scipy.optimize import minimize_scalar  # only fitting needs it

    def cost(power: float) -> float:
        return _cost(softmax(margins / np.exp(power)), codes, weights)

    power = minimize_scalar(cost, bounds=(-4.0, 3.0), method="bounded").x if len(codes) else 0.0
    labels = margins.shape[1]
    return Calibration(np.eye(labels) / np.exp(power), np.zeros(labels))


def _cost(probabilities: Floats, codes: Codes, weights: Weights | None) -> float:
    of_right = probabilities[np.arange(len(codes)), codes]
    losses = -np.log(np.maximum(of_right, 1e-300))
    return float(losses.mean() if weights is None else np.average(losses, weights=weights))
