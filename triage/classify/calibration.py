"""Margins into honest probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

ROWS_A_CELL = 20
"""So many held-out rows for each number of a matrix; with fewer, one temperature is all that can be learnt."""


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


def calibrate(margins: Floats, codes: Codes) -> Calibration:
    """From held-out margins, shape (n, k), and the right columns, shape (n,)."""
    rows, labels = margins.shape
    if rows >= ROWS_A_CELL * labels**2 and len(np.unique(codes)) == labels:
        return _matrix(margins, codes)
    return Calibration(np.eye(labels) / _temperature(margins, codes), np.zeros(labels))


def calibrated_apart(margins: Floats, codes: Codes, folds: int = 5) -> Floats:
    """Probabilities of each row by a calibration that did not see it, so that promises are not made from praise."""
    probabilities = np.empty_like(margins)
    for fold in range(folds):
        held_out = np.arange(len(codes)) % folds == fold
        part = calibrate(margins[~held_out], codes[~held_out])
        probabilities[held_out] = part.probabilities(margins[held_out])
    return probabilities


def log_loss(margins: Floats, codes: Codes) -> float:
    """The mean negative log probability of the right labels at the best temperature."""
    if not len(codes):
        return 0.0
    return _cost(margins / _temperature(margins, codes), codes)


def softmax(margins: Floats) -> Floats:
    """Rows of margins into rows of probabilities."""
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _matrix(margins: Floats, codes: Codes) -> Calibration:
    from sklearn.linear_model import LogisticRegression  # slow to import, and only fitting needs it

    model = LogisticRegression(max_iter=2000).fit(margins, codes)
    if len(model.coef_) == 1:  # two classes share one plane
        half = model.coef_[0] / 2, model.intercept_[0] / 2
        return Calibration(np.stack([-half[0], half[0]], axis=1), np.array([-half[1], half[1]]))
    return Calibration(np.ascontiguousarray(model.coef_.T), model.intercept_)


def _temperature(margins: Floats, codes: Codes) -> float:
    from scipy.optimize import minimize_scalar  # only fitting needs it

    if not len(codes):
        return 1.0
    best = minimize_scalar(lambda t: _cost(margins / np.exp(t), codes), bounds=(-4.0, 3.0), method="bounded")
    return float(np.exp(best.x))


def _cost(margins: Floats, codes: Codes) -> float:
    chances = softmax(margins)[np.arange(len(codes)), codes]
    return float(-np.log(np.maximum(chances, 1e-300)).mean())
