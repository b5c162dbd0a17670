"""How unlikely shares are by chance, exactly, and one limit for all of them whose false findings are counted.

Where a sign is as frequent now as before, every way to deal the matters that have it out over now and before is as
likely as any other: the number among the recent ones is hypergeometric (Fisher's exact test, which is the permutation
test of one share). Chances of many signs are not divided by the number of signs but added up over what each can attain,
as Tarone did (Biometrics, 1990): the mean of a sum needs no independence, which words of one text do not have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]

_ALIKE = 1 + 1e-9
"""Two outcomes are as likely as each other up to rounding."""


class Table(NamedTuple):
    """Of `total` matters `recent` are recent ones; `having` of all of them have a sign."""

    having: int
    recent: int
    total: int


@lru_cache(maxsize=50_000)
def _chances(table: Table) -> tuple[int, Floats]:
    """The fewest recent matters with the sign that there can be, and from there on the two-sided chance of each."""
    having, recent, total = table
    least, most = max(0, having + recent - total), min(having, recent)
    counts = np.arange(least, most + 1)
    logs = _log_choose(having, counts) + _log_choose(total - having, recent - counts)
    likely = np.exp(logs - _log_choose(total, recent))
    rising = np.sort(likely)
    places = np.searchsorted(rising, likely * _ALIKE, side="right") - 1
    return least, np.minimum(np.cumsum(rising)[places], 1.0)


def chance(table: Table, count: int) -> float:
    """How likely it is that the recent matters with the sign are as many, or as unlikely a number.

    >>> round(chance(Table(having=4, recent=4, total=8), 4), 4)
    0.0286
    """
    least, found = _chances(table)
    return float(found[count - least])


@lru_cache(maxsize=50_000)
def least_chance(table: Table) -> float:
    """The chance of the unlikeliest number that there can be."""
    return float(_chances(table)[1].min())


def limit_for(tables: Sequence[Table], allowed: float) -> float:
    """The largest chance at which signs may be called out, so that in the mean at most `allowed` are by mistake.

    >>> limit_for([Table(4, 4, 8), Table(1, 4, 8)], 0.05) == chance(Table(4, 4, 8), 4)
    True
    """
    steps, masses = [np.zeros(0)], [np.zeros(0)]
    for table, times in Counter(tables).items():
        attainable = np.unique(_chances(table)[1])
        steps.append(attainable)
        masses.append(np.diff(attainable, prepend=0.0) * times)
    values, places = np.unique(np.concatenate(steps), return_inverse=True)
    used = np.cumsum(np.bincount(places, weights=np.concatenate(masses), minlength=len(values)))
    fits = np.flatnonzero(used <= allowed)
    return float(values[fits[-1]]) if len(fits) else 0.0


def _log_choose(total: int, some: int | npt.NDArray[np.intp]) -> Floats:
    return np.asarray(gammaln(total + 1) - gammaln(np.asarray(some) + 1) - gammaln(total - np.asarray(some) + 1))
