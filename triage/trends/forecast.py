"""How many orders the coming days will bring, within which bounds, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from triage.domain.errors import BadInput, Problem
from triage.trends.baseline import AHEAD, Baseline, Prediction, baseline
from triage.trends.daytypes import HOLIDAY, NAMES, IsOff, weekend
from triage.trends.negativebinomial import quantile
from triage.trends.series import DailyCounts, Floats, Key
from triage.trends.yearly import places_in_year

INSIDE = 0.8
"""The share of days, and of whole spans, that must come to lie within their bounds."""

RECENT = 28
TOLD = 0.1
"""A factor is told where it moves the expectation by a tenth."""


class Load(NamedTuple):
    """The orders that are expected of a day or of a span: the mean, and bounds that hold for four of five."""

    mean: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Expected:
    """One series' coming days: each day's load, all together, and the reasons in Chinese."""

    key: Key
    start: date
    days: tuple[Load, ...]
    whole: Load
    reasons: tuple[str, ...]


def forecast(
    counts: DailyCounts,
    start: date,
    days: int = 7,
    *,
    is_off: IsOff = weekend,
    unrecorded: frozenset[date] = frozenset(),
) -> tuple[Expected, ...]:
    """The load of so many days from `start` on for each series, from the days before it; the heaviest first.

    Bounds hold for 80 %: a day, or the whole span, lies below `low` in at most one of ten cases and above `high` in
    at most one of ten. With `counts.by_category()` it is the load of categories. Raises BadInput where `start` does
    not follow the days counted within a quarter, or `days` is not from 1 to 28.

    >>> from triage.trends.series import Event, daily_counts
    >>> usual = [Event(date(2026, 1, 1) + timedelta(days=number), "dust", "甲路", 2) for number in range(90)]
    >>> coming = forecast(daily_counts(usual, date(2026, 3, 31)), date(2026, 4, 1))
    >>> coming[0].whole, coming[0].reasons
    (Load(mean=13.95, low=9, high=19), ('近四周平均每天2.0件',))
    """
    last = _last(counts, start, days)
    seen = counts.before(start)
    found = baseline(seen, start, last, is_off=is_off, unrecorded=unrecorded)
    each, whole = found.expected(start, last), found.expected(last, last, days)
    bounds, all_bounds = _bounds(each), _bounds(whole)
    coming = (
        Expected(
            key, start, _loads(each, bounds, row), _loads(whole, all_bounds, row)[0], _reasons(found, row, start, days)
        )
        for row, key in enumerate(found.keys)
    )
    return tuple(sorted(coming, key=lambda one: -one.whole.mean))


def _last(counts: DailyCounts, start: date, days: int) -> date:
    problems = []
    if not 1 <= days <= RECENT:
        problems.append(Problem(("days",), f"{days} must be from 1 to {RECENT}"))
    latest = counts.until + timedelta(days=AHEAD - RECENT)
    if not counts.since < start <= latest:
        problems.append(Problem(("start",), f"{start} must lie after {counts.since} and not after {latest}"))
    if problems:
        raise BadInput("forecast", problems)
    return start + timedelta(days=days - 1)


def _bounds(prediction: Prediction) -> tuple[Floats, Floats]:
    below = (1 - INSIDE) / 2
    return (
        quantile(below, prediction.mean, prediction.variance),
        quantile(1 - below, prediction.mean, prediction.variance),
    )


def _loads(prediction: Prediction, bounds: tuple[Floats, Floats], row: int) -> tuple[Load, ...]:
    cells = zip(prediction.mean[row], bounds[0][row], bounds[1][row], strict=True)
    return tuple(Load(round(float(mean), 2), int(low), int(high)) for mean, low, high in cells)


def _reasons(found: Baseline, row: int, start: date, days: int) -> tuple[str, ...]:
    told = [_level(found, row), *_weekdays(found, row, start, days), *_season(found, row, start, days)]
    return tuple(reason for reason in told if reason)


def _level(found: Baseline, row: int) -> str:
    recent = found.counts[row, -RECENT:]
    before = found.counts[row, -2 * RECENT : -RECENT]
    span = "近四周" if len(recent) == RECENT else f"有记录的{len(recent)}天"
    text = f"{span}平均每天{recent.mean():.1f}件"
    # told where the two differ by more than twice what Poisson counts differ by
    if len(before) == RECENT and abs(recent.sum() - before.sum()) > 2 * np.sqrt(recent.sum() + before.sum()):
        text += f"，再前四周{before.mean():.1f}件"
    return text


def _weekdays(found: Baseline, row: int, start: date, days: int) -> list[str]:
    """The kinds of day that stand out among those to come; holidays and worked weekends always."""
    here = found.place(start)
    kinds = sorted(set(found.types[here : here + days].tolist()))
    factors = {kind: float(found.pattern[row, kind]) for kind in kinds}
    return [
        f"{NAMES[kind]}约为平均的{factor:.1f}倍"
        for kind, factor in factors.items()
        if kind >= HOLIDAY or abs(factor - 1) >= TOLD
    ]


def _season(found: Baseline, row: int, start: date, days: int) -> list[str]:
    """What the same weeks of earlier years were like against the weeks just past."""
    if not found.has_season:
        return []
    coming = found.season[row, places_in_year(start, days)].mean()
    recent = found.season[row, places_in_year(start - timedelta(days=RECENT), RECENT)].mean()
    change = float(coming / recent - 1)
    if abs(change) < TOLD:
        return []
    return [f"往年同期比前四周{'高' if change > 0 else '低'}{abs(change):.0%}"]
