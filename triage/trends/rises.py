"""Sudden rises: days and weeks with more orders than chance explains, with a promised number of false alarms.

The test is that of Farrington et al. (Journal of the Royal Statistical Society A, 1996) as improved by Noufaily et al.
(Statistics in Medicine, 2013): a negative binomial prediction that includes what is not known of the level, and past
outbreaks held down. Their fixed quantile for each series gives more false alarms the more series there are; here one
limit for all series of a day is set so that the chances of passing it add up to what the centre allows. That is
Tarone's point (Biometrics, 1990): a series that can hardly raise an alarm uses hardly any of the allowance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from triage.domain.errors import BadInput, Problem
from triage.trends.baseline import WARM, Baseline, baseline
from triage.trends.daytypes import IsOff, weekend
from triage.trends.negativebinomial import at_least, quantile
from triage.trends.series import DailyCounts, Floats, Key

PER_WEEK = 1.0
"""False alarms a week over all series, unless the centre sets another number."""

HELD_BACK = 0.2
"""This share of the allowance is not given out: levels that drift are not quite those that were learnt."""

WINDOWS = (1, 7)
"""A day alone, and the seven days that end with it; each has half of what is given out."""

FEWEST = 3
"""Fewer orders are no rise, however rare they are."""

LOOKED_AT = 64
"""So many counts above the first that could pass are looked at for each series when the limit is set."""


@dataclass(frozen=True, slots=True)
class Rise:
    """More orders of one series than chance explains, in the `window` days that end on `day`.

    `most` is the highest count that would not have been flagged; `p` is the chance of so many orders or more.
    """

    key: Key
    day: date
    window: int
    count: int
    expected: float
    most: int
    p: float
    because: str


@dataclass(frozen=True, slots=True)
class _Day:
    """One window of one day over all series, each of shape (series,)."""

    window: int
    count: Floats
    expected: Floats
    most: Floats
    p: Floats


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a series as it is drawn: what came, what was expected, and the most that is not flagged.

    `most` is None in the first weeks of a history, when nothing is flagged.
    """

    day: date
    count: int
    expected: float
    most: int | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A series over some days; `flagged` of a point also tells a rise of the week that ends there."""

    key: Key
    points: tuple[Point, ...]


def rises(
    counts: DailyCounts,
    day: date,
    *,
    per_week: float = PER_WEEK,
    is_off: IsOff = weekend,
    unrecorded: frozenset[date] = frozenset(),
) -> tuple[Rise, ...]:
    """The sudden rises of one day, the least likely first; the same series is named once.

    At most `per_week` of these are false in the mean, over all series of `counts` and seven days together. What came
    after `day` is not seen. In the first four weeks of the history nothing is flagged. Raises BadInput where `day` is
    not among the days counted or `per_week` is not above 0 and at most 7 for each series.

    >>> from triage.trends.series import Event, daily_counts
    >>> usual = [Event(date(2026, 1, 1) + timedelta(days=number), "dust", "甲路", 2) for number in range(90)]
    >>> counts = daily_counts([*usual, Event(date(2026, 4, 1), "dust", "甲路", 14)], date(2026, 4, 1))
    >>> [rise.because for rise in rises(counts, date(2026, 4, 1))]
    ['当天14件，按往常约为2.0件，超过4件即属少见']
    """
    _check(counts, day, per_week)
    return _rises(baseline(counts, day - timedelta(days=6), day, is_off=is_off, unrecorded=unrecorded), day, per_week)


def courses(
    counts: DailyCounts,
    first: date,
    last: date,
    *,
    per_week: float = PER_WEEK,
    is_off: IsOff = weekend,
    unrecorded: frozenset[date] = frozenset(),
) -> tuple[Course, ...]:
    """Every series from `first` to `last` as it can be drawn, each day judged from the days before it."""
    _check(counts, last, per_week)
    found = baseline(counts, first - timedelta(days=6), last, is_off=is_off, unrecorded=unrecorded)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    judged = [(day, _judged(found, day, per_week)) for day in days]
    return tuple(
        Course(key, tuple(_point(day, windows, row) for day, windows in judged)) for row, key in enumerate(found.keys)
    )


def _check(counts: DailyCounts, day: date, per_week: float) -> None:
    problems = []
    if not counts.since <= day <= counts.until:
        problems.append(Problem(("day",), f"{day} must lie from {counts.since} to {counts.until}"))
    if not 0 < per_week <= 7 * max(1, len(counts.cells)):
        problems.append(Problem(("per_week",), f"{per_week} must be above 0 and at most 7 for each series"))
    if problems:
        raise BadInput("rises", problems)


def _rises(found: Baseline, day: date, per_week: float) -> tuple[Rise, ...]:
    named: dict[Key, Rise] = {}
    for one in _judged(found, day, per_week):
        for row in np.flatnonzero(one.count > one.most):
            rise = _rise(found.keys[row], day, one, int(row))
            named[rise.key] = min(rise, named.get(rise.key, rise), key=lambda other: other.p)
    return tuple(sorted(named.values(), key=lambda rise: (rise.p, rise.key.category or "", rise.key.place or "")))


def _rise(key: Key, day: date, one: _Day, row: int) -> Rise:
    count, expected, most = int(one.count[row]), float(one.expected[row]), int(one.most[row])
    span = "当天" if one.window == 1 else f"近{one.window}天"
    usual = f"{expected:.1f}" if expected >= 0.05 else "不到0.1"
    because = f"{span}{count}件，按往常约为{usual}件，超过{most}件即属少见"
    return Rise(key, day, one.window, count, expected, most, float(one.p[row]), because)


def _judged(found: Baseline, day: date, per_week: float) -> list[_Day]:
    """Each window that ends on a day, held against one limit for all series of that window."""
    allowed = (1 - HELD_BACK) * per_week / 7 / len(WINDOWS)
    return [_window(found, day, window, allowed) for window in WINDOWS]


def _window(found: Baseline, day: date, window: int, allowed: float) -> _Day:
    count = found.observed(day, day, window)[:, 0]
    prediction = found.expected(day, day, window)
    mean, variance = prediction.mean[:, 0], prediction.variance[:, 0]
    if found.place(day) < WARM + window:
        return _Day(window, count, mean, np.full(len(mean), np.inf), np.ones(len(mean)))
    most = highest_unflagged(mean, variance, allowed)
    return _Day(window, count, mean, most, at_least(count, mean, variance))


def highest_unflagged(mean: Floats, variance: Floats, allowed: float) -> Floats:
    """For each series the highest count that is no alarm; alarms by chance number at most `allowed` in the mean.

    One limit for the chance of "so many or more" holds for all series: the largest with which the chances that
    the series can attain below it add up to no more than `allowed`.

    >>> highest_unflagged(np.array([0.1, 5.0]), np.array([0.15, 8.0]), 0.01).tolist()
    [2.0, 14.0]
    """
    if not len(mean):
        return mean
    first = np.maximum(quantile(1 - min(allowed, 0.5), mean, variance) + 1, FEWEST)
    steps = first[:, None] + np.arange(float(LOOKED_AT))
    chances = at_least(steps, mean[:, None], variance[:, None])
    limit = _limit(chances, allowed)
    # beyond what is looked at, a chance is counted as though it could be passed
    return np.asarray(first - 1 + (chances > limit).sum(axis=1))


def _limit(chances: Floats, allowed: float) -> float:
    """The largest limit under which attainable chances, shape (series, counts), add up to no more than allowed."""
    used = np.diff(chances, axis=1, append=0.0) * -1
    order: npt.NDArray[np.intp] = np.argsort(chances, axis=None, kind="stable")
    ranked, total = chances.ravel()[order], np.cumsum(used.ravel()[order])
    fits = np.flatnonzero(total <= allowed)
    if not len(fits):
        return -1.0
    last = fits[-1]
    tied = last + 1 < len(ranked) and ranked[last + 1] == ranked[last]
    return float(np.nextafter(ranked[last], -1.0) if tied else ranked[last])


def _point(day: date, windows: list[_Day], row: int) -> Point:
    one = windows[0]
    most = int(one.most[row]) if np.isfinite(one.most[row]) else None
    flagged = any(bool(window.count[row] > window.most[row]) for window in windows)
    return Point(day, int(one.count[row]), float(one.expected[row]), most, flagged)
