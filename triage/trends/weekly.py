"""How the kinds of day differ: each series' own pattern, drawn to the pattern of all where it has few orders."""

from __future__ import annotations

import numpy as np

from triage.trends.daytypes import HOLIDAY, LIKE, NAMES, Codes
from triage.trends.level import PLUS, TWICE
from triage.trends.series import Floats

SPAN = 35
"""Days that say what was usual around a day: five weeks hold five of each weekday."""

OWN = 40.0
"""So many expected orders on a kind of day, and a series' own pattern weighs as much as that of all series."""


def weekly_pattern(counts: Floats, types: Codes) -> Floats:
    """Factors of the kinds of day, shape (series, kinds), from counts of shape (series, days); about 1 on average.

    A factor is orders on this kind of day over what was usual around those days (ratio to moving average), with
    `OWN` orders of the prior added to both. The pattern of all series stands behind that of each, and behind both
    a flat one; a holiday differs from the series' own Sunday as holidays of all series do from their Sundays.

    >>> pattern = weekly_pattern(np.tile([9.0, 9, 9, 9, 9, 2, 2], (1, 20)), np.arange(140) % 7)
    >>> pattern[0, [0, 5]].round(1).tolist()
    [1.3, 0.3]
    """
    marks = (types[:, None] == np.arange(len(NAMES))).astype(float)
    counts = _held_down(counts, types, marks)
    usual = moving_mean(counts, SPAN)
    found, expected = counts @ marks, usual @ marks
    of_all = _with_rare_days(found.sum(axis=0), expected.sum(axis=0), np.ones(len(NAMES)))
    return _with_rare_days(found, expected, of_all)


def _held_down(counts: Floats, types: Codes, marks: Floats) -> Floats:
    """Counts at most twice the mean of their kind of day and three: one outbreak on a Monday makes no busy Mondays."""
    days = np.maximum(marks.sum(axis=0), 1.0)
    for _ in range(4):  # the mean falls with what is held down, and settles
        counts = np.minimum(counts, TWICE * (counts @ marks / days)[:, types] + PLUS)
    return counts


def _with_rare_days(found: Floats, expected: Floats, prior: Floats) -> Floats:
    """Weekdays are drawn to the prior; holidays and worked weekends to the own day that they are like."""
    drawn, like = _drawn(found, expected, prior), list(LIKE)
    rare = _drawn(found, expected, drawn[..., like] * prior / prior[like])
    drawn[..., HOLIDAY:] = rare[..., HOLIDAY:]
    return drawn


def moving_mean(counts: Floats, span: int) -> Floats:
    """The mean of `span` days around each day; at both ends, of the first or last whole span there is."""
    days = counts.shape[1]
    span = min(span, days)
    if not span:
        return counts
    sums = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    starts = np.clip(np.arange(days) - span // 2, 0, days - span)
    return np.asarray((sums[:, starts + span] - sums[:, starts]) / span)


def _drawn(found: Floats, expected: Floats, prior: Floats) -> Floats:
    return np.asarray((found + OWN * prior) / (expected + OWN))
