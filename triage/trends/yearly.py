"""The season: what the same weeks of earlier years were like, drawn to the category and to the whole town."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from triage.trends.daytypes import Codes
from triage.trends.series import Floats, Key
from triage.trends.weekly import moving_mean

YEAR, HALF = 365, 182
ENOUGH = YEAR + 56
"""Days of history from which on a season is measured: a whole year, and the weeks that it is measured against."""

AROUND = 10
"""The same weeks are ten days before and after: three weeks."""

OWN = 30.0
"""So many expected orders in those weeks, and a series' own season weighs as much as its category's."""


def season(counts: Floats, keys: tuple[Key, ...], places_in_year: Codes) -> Floats:
    """Factors of the days of the year, shape (series, 365), from counts of shape (series, days).

    A factor is orders in the same three weeks of earlier years over the mean of the year around them, with `OWN` orders
    of the prior added to both: category for a series, all for a category, 1 for all. The last half year teaches
    nothing, so that a rise is not excused by itself. All 1 where there are fewer than `ENOUGH` days.
    """
    days = counts.shape[1]
    if days < ENOUGH or not len(keys):
        return np.ones((len(keys), YEAR))
    usual, past = moving_mean(counts, YEAR), days - HALF
    found = _same_weeks(counts[:, :past], places_in_year[:past])
    expected = _same_weeks(usual[:, :past], places_in_year[:past])
    categories = np.unique([key.category or "" for key in keys], return_inverse=True)[1]
    of_all = _drawn(found.sum(axis=0), expected.sum(axis=0), np.ones(YEAR))
    of_category = _drawn(_added(found, categories), _added(expected, categories), of_all)
    return _drawn(found, expected, of_category[categories])


def places_in_year(first: date, days: int) -> Codes:
    """Where each of so many days lies in its year, 0 to 364; the last day of a leap year shares a place."""
    dates = (first + timedelta(days=number) for number in range(days))
    return np.array([min(day.timetuple().tm_yday, YEAR) - 1 for day in dates], dtype=np.intp)


def _same_weeks(values: Floats, places: Codes) -> Floats:
    """Sums over the days within three weeks of each place in the year."""
    marks = np.zeros((len(places), YEAR))
    marks[np.arange(len(places)), places] = 1.0
    sums = np.pad(values @ marks, ((0, 0), (AROUND, AROUND)), mode="wrap")
    return moving_mean(sums, 2 * AROUND + 1)[:, AROUND:-AROUND] * (2 * AROUND + 1)


def _added(values: Floats, groups: Codes) -> Floats:
    added = np.zeros((groups.max() + 1, values.shape[1]))
    np.add.at(added, groups, values)
    return added


def _drawn(found: Floats, expected: Floats, prior: Floats) -> Floats:
    return np.asarray((found + OWN * prior) / (expected + OWN))
