"""How far counts scatter around what was expected of them, learnt from how far they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triage.trends.level import PLUS, TWICE
from triage.trends.series import Floats

OWN = 20.0
"""So many windows' worth of knowledge stands behind each series' own scatter."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance = own x (clumped x mean + wandering x mean^2) + doubt x mean^2; `own` has the shape (series,)."""

    clumped: float
    wandering: float
    own: Floats

    def variance(self, mean: Floats, doubt: Floats) -> Floats:
        """Of counts with these means, shape (series, n), whose levels are known up to `doubt`; above the mean."""
        inside = self.own[:, None] * (self.clumped * mean + self.wandering * mean**2)
        return np.maximum(inside + doubt * mean**2, 1.0001 * mean)


def learn_spread(counts: Floats, means: Floats, doubts: Floats, every: int) -> Spread:
    """From counts and what was expected of them before, all of shape (series, windows); `every` is a window's days.

    What all series share is the line of squared errors over means (weighted least squares; Poisson counts lie on
    clumped = 1, wandering = 0); a series' own factor is drawn to 1, and raised by its standard error.
    """
    counts = np.minimum(counts, 2 * (TWICE * means + PLUS))
    errors = np.asarray((counts - means) ** 2 - doubts * means**2)
    clumped, wandering = _line(means, errors)
    plain = Spread(clumped, wandering, np.ones(len(means)))
    variance = plain.variance(means, doubts)
    # a squared error over its variance itself varies by about 2 + 1 / mean
    worth = np.asarray(means / (2 * means + 1))
    known = worth.sum(axis=1) / every
    found = (worth * (counts - means) ** 2 / variance).sum(axis=1) / every
    own = (found + OWN) / (known + OWN)
    return Spread(clumped, wandering, own * (1 + 1 / np.sqrt(known + OWN)))


def _line(means: Floats, errors: Floats) -> tuple[float, float]:
    """The two numbers of variance = clumped x mean + wandering x mean^2, at least 1 and 0."""
    weight = 1 / (2 * means**2 + means)
    cells: npt.NDArray[np.float64] = np.array([(weight * means**power).sum() for power in (2, 3, 4)])
    sides = (weight * means * errors).sum(), (weight * means**2 * errors).sum()
    if not means.size:
        return 1.0, 0.0
    inverse = np.linalg.pinv(np.array([[cells[0], cells[1]], [cells[1], cells[2]]]))
    clumped, wandering = inverse @ np.array(sides)
    if wandering < 0:
        return max(1.0, float(sides[0] / cells[0])), 0.0
    if clumped < 1:
        return 1.0, max(0.0, float((sides[1] - cells[1]) / cells[2]))
    return float(clumped), float(wandering)
