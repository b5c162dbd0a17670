"""How much a share of few orders says: intervals around it, and limits within which chance alone keeps it."""

from __future__ import annotations

import math
from statistics import NormalDist

from triage.domain.errors import BadInput, Problem

LEVEL = 0.9
"""Nine of ten such intervals hold the true share."""


def interval(hits: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval (JASA 1927) of the share `hits` of `total`; (0, 1) where there is nothing to go by.

    It stays within 0 and 1 and is honest for few orders, where "3 of 3" is not 100 %. BadInput where the numbers
    cannot be counts of that kind.

    >>> [round(end, 2) for end in interval(3, 3)], [round(end, 2) for end in interval(270, 300)]
    ([0.53, 1.0], [0.87, 0.93])
    """
    if not 0 <= hits <= total:
        raise BadInput("interval", [Problem(("hits",), f"{hits} must be from 0 to the total, {total}")])
    if not total:
        return 0.0, 1.0
    z, share = _z(level), hits / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def funnel(share: float, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Between which shares chance alone keeps a unit of `total` orders whose true share is `share`.

    The limits of a funnel plot (Spiegelhalter, Statistics in Medicine 2005), by the normal approximation cut at 0 and
    1: a unit inside is not shown to differ from the others, whatever its rank.

    >>> [round(end, 2) for end in funnel(0.9, 4)], [round(end, 2) for end in funnel(0.9, 100)]
    ([0.65, 1.0], [0.85, 0.95])
    """
    if not 0 <= share <= 1 or total < 1:
        raise BadInput("funnel", [Problem((), f"a share from 0 to 1 of at least one order, not {share} of {total}")])
    half = _z(level) * math.sqrt(share * (1 - share) / total)
    return max(0.0, share - half), min(1.0, share + half)


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise BadInput("interval", [Problem(("level",), f"{level} must lie between 0 and 1")])
    return NormalDist().inv_cdf((1 + level) / 2)
