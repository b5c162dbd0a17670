"""The negative binomial distribution by its mean and variance."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from triage.trends.series import Floats

HIGHEST = 2**40


def at_least(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """The chance of so many or more; the variance must exceed the mean.

    >>> at_least(np.array([0.0, 1.0]), np.array([1.0]), np.array([2.0])).round(3).tolist()
    [1.0, 0.5]
    """
    size = mean**2 / (variance - mean)
    chance = betainc(np.maximum(counts, 1.0), size, 1 - mean / variance)
    return np.asarray(np.where(counts > 0, chance, 1.0))


def quantile(share: float, mean: Floats, variance: Floats) -> Floats:
    """The smallest count that is not exceeded with at least this chance.

    >>> quantile(0.9, np.array([1.0]), np.array([2.0])).tolist()
    [3.0]
    """
    low, high = np.full(mean.shape, -1.0), np.full(mean.shape, 1.0)
    while np.any(short := at_least(high + 1, mean, variance) > 1 - share) and high.max() < HIGHEST:
        high = np.where(short, 2 * high, high)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        short = at_least(middle + 1, mean, variance) > 1 - share
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.asarray(high)
