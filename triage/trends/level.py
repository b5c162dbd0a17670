"""How many orders a usual day has: a level that moves slowly, known only so well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triage.trends.series import Floats

RECENT, LONG = 28.0, 365.0
"""Half-lives in days of what was seen lately and of what was seen in the long run."""

DRAWN = 28.0
"""The long run weighs as much as so many days."""

TWICE, PLUS = 2.0, 3.0
"""A day counts for at most twice what was expected and three: one outbreak does not become the measure of the next."""

FREE = 28
"""So many days at the start count in full: nothing was known to hold them against."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Of each series before each day, shape (series, days + 1): the level, and its variance over its square."""

    mean: Floats
    doubt: Floats


def levels(counts: Floats, weights: Floats) -> Levels:
    """Levels before each day, from the days before it only; `weights` are what a day has against a usual one.

    A gamma-Poisson filter with discounting (Harvey and Fernandes, Journal of Business & Economic Statistics, 1989),
    twice: half-lives of 28 and of 365 days, the second standing behind the first. A weight of 0 is a day of which
    nothing is known.

    >>> found = levels(np.full((1, 200), 3.0), np.ones((1, 200)))
    >>> found.mean[0, -1].round(1).item(), found.doubt[0, -1].round(3).item()
    (3.0, 0.003)
    """
    series, days = counts.shape
    mean, doubt = np.empty((series, days + 1)), np.empty((series, days + 1))
    seen = known = seen_long = known_long = np.zeros(series)
    keep, keep_long = 0.5 ** (1 / RECENT), 0.5 ** (1 / LONG)
    for day in range(days + 1):
        # half an order in one more day than was seen: what was never seen is rare, not impossible
        long_run = (seen_long + 0.5) / (known_long + 1.0)
        level = (seen + DRAWN * long_run) / (known + DRAWN)
        share = DRAWN / (known + DRAWN)
        own = level / (known + DRAWN) * (1 - share)
        mean[:, day], doubt[:, day] = level, (own + share**2 * long_run**2 / (seen_long + 0.5)) / level**2
        if day == days:
            break
        weight = weights[:, day]
        most = np.inf if day < FREE else TWICE * level * weight + PLUS
        count = np.minimum(counts[:, day], most) * (weight > 0)
        seen, known = keep * seen + count, keep * known + weight
        seen_long, known_long = keep_long * seen_long + count, keep_long * known_long + weight
    return Levels(mean, doubt)
