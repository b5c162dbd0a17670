"""How strongly counts speak against a promised precision, however often they are looked at.

The evidence is the wealth of a gambler who bets against the promise and cannot expect to win while it holds: Ville's
inequality bounds the chance that he ever grows rich (Waudby-Smith and Ramdas, Estimating means of bounded random
variables by betting, Journal of the Royal Statistical Society B, 2024).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LEVEL = 0.95
"""A promise that holds is called broken in at most one of twenty watches, however often anyone looks."""

_ODDS = np.linspace(0.1, 3.0, 30)
"""How much worse the gambler supposes the odds of an error to be, in logs; the stake is divided over all of these."""


def evidence_against(right: int, orders: int, precision: float) -> float:
    """The wealth that began as 1 and was bet on more errors than the promise allows.

    It depends on the counts alone. Of a promise that holds it reaches 1 / a with a chance of at most a, ever.

    >>> evidence_against(97, 100, 0.97) < 1 < 1_000 < evidence_against(80, 100, 0.97)
    True
    """
    allowed = 1 - precision
    odds = np.exp(_ODDS) * allowed / precision
    supposed = odds / (1 + odds)
    logs = (orders - right) * np.log(supposed / allowed) + right * np.log((1 - supposed) / precision)
    return float(np.exp(np.minimum(logs, 500.0)).mean())


def at_any_time(right: int, orders: int, level: float = LEVEL) -> tuple[float, float]:
    """The precisions that no gambler's wealth speaks against; they hold the true one at all times together.

    >>> [round(bound, 3) for bound in at_any_time(90, 100)]
    [0.78, 0.969]
    """
    needed = 2 / (1 - level)
    above = _bound(lambda value: evidence_against(right, orders, value) < needed)
    below = 1 - _bound(lambda value: evidence_against(orders - right, orders, value) < needed)
    return below, above


def exactly(right: int, orders: int, level: float = LEVEL) -> tuple[float, float]:
    """Clopper and Pearson's interval.

    >>> [round(bound, 3) for bound in exactly(90, 100)]
    [0.824, 0.951]
    """
    from scipy.stats import binomtest

    if not orders:
        return 0.0, 1.0
    found = binomtest(right, orders).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def _bound(holds: Callable[[float], bool]) -> float:
    """The largest precision for which something holds that holds below it and from where it ends on does not."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
