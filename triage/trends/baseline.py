"""What was to be expected of each series on each day, from the days before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from triage.domain.errors import BadInput, Problem
from triage.trends.daytypes import Codes, IsOff, day_types, weekend
from triage.trends.level import Levels, levels
from triage.trends.series import DailyCounts, Floats, Key
from triage.trends.spread import Spread, learn_spread
from triage.trends.weekly import weekly_pattern
from triage.trends.yearly import ENOUGH, places_in_year, season

AHEAD = 92
"""So many days past the last count can be spoken of: a quarter."""

LEARNT_FROM, WARM = 365, 28
"""The scatter is learnt from the errors of a year, those of the first four weeks left out."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of windows of days, shape (series, windows): the mean and the variance that were to be expected."""

    mean: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, repr=False)
class Baseline:
    """All that was learnt from the days before `learnt_before`, and levels up to the last count.

    `counts` has the shape (series, days); `weights`, what a day has against a usual one, goes on to `last`.
    """

    since: date
    learnt_before: date
    keys: tuple[Key, ...]
    counts: Floats
    weights: Floats
    levels: Levels
    pattern: Floats
    season: Floats
    types: Codes

    @property
    def has_season(self) -> bool:
        """Whether there was history enough to measure a season."""
        return (self.learnt_before - self.since).days >= ENOUGH

    def place(self, day: date) -> int:
        """The number of a day, `since` being 0."""
        return (day - self.since).days

    def expected(self, first: date, last: date, window: int = 1) -> Prediction:
        """For the windows of so many days that end on each day from `first` to `last`, from the days before them."""
        ends = np.arange(self.place(first), self.place(last) + 1)
        mean, doubt = self._means(ends, window)
        return Prediction(mean, self.spread(window).variance(mean, doubt))

    def observed(self, first: date, last: date, window: int = 1) -> Floats:
        """The counts of those windows."""
        return _summed(self.counts, np.arange(self.place(first), self.place(last) + 1), window)

    def spread(self, window: int) -> Spread:
        """How windows of so many days scattered around what was expected of them."""
        end = self.place(self.learnt_before)
        ends = np.arange(max(end - LEARNT_FROM, WARM + window - 1), end)
        means, doubts = self._means(ends, window)
        return learn_spread(_summed(self.counts, ends, window), means, doubts, window)

    def _means(self, ends: Codes, window: int) -> tuple[Floats, Floats]:
        """Means of windows with these ends and the doubt about their levels, as known before each window."""
        before = np.clip(ends - window + 1, 0, self.counts.shape[1])
        mean = self.levels.mean[:, before] * _summed(self.weights, ends, window)
        return np.maximum(mean, 1e-9), self.levels.doubt[:, before]


def baseline(
    counts: DailyCounts,
    learnt_before: date,
    last: date,
    *,
    is_off: IsOff = weekend,
    unrecorded: frozenset[date] = frozenset(),
) -> Baseline:
    """Learn from the days before `learnt_before`, and be ready to speak of every day up to `last`.

    `is_off` says which days nobody works; `unrecorded` are days on which nothing was written down. Raises BadInput
    where `last` lies more than a quarter past the last count.
    """
    if last > counts.until + timedelta(days=AHEAD):
        problem = Problem(("last",), f"{last} lies more than {AHEAD} days after the last day counted, {counts.until}")
        raise BadInput("too far ahead", [problem])
    matrix, keys = counts.matrix(), counts.keys
    learnt = min(max((learnt_before - counts.since).days, 0), counts.days)
    days = max(counts.days, (last - counts.since).days + 1)
    types, places = day_types(counts.since, days, is_off), places_in_year(counts.since, days)
    pattern = weekly_pattern(matrix[:, :learnt], types[:learnt])
    of_year = season(matrix[:, :learnt], keys, places[:learnt])
    weights = pattern[:, types] * of_year[:, places]
    weights[:, [(day - counts.since).days for day in unrecorded if counts.since <= day <= last]] = 0.0
    found = levels(matrix, weights)
    start = counts.since + timedelta(days=learnt)
    return Baseline(counts.since, start, keys, matrix, weights, found, pattern, of_year, types)


def _summed(values: Floats, ends: Codes, window: int) -> Floats:
    """Sums over the windows that end at these places; what lies before the first day counts nothing."""
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(sums[:, np.maximum(ends + 1, 0)] - sums[:, np.maximum(ends + 1 - window, 0)])
