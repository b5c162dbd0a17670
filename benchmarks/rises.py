"""`python -m benchmarks.rises`: false alarms, power and forecasts of triage/trends; figures as JSON.

False alarms and power are counted on generated series (a fixed seed, rates from 0.02 to 20 a day, a weekly pattern,
counts that scatter more than Poisson's): alarms a week over all series against the promised number, and the share of
doubled and tripled weeks that are flagged by their seventh day. With `--messages` the forecast of seven days is held
against naive ones on the counts a day of a real stream (and against statsmodels where it is installed).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from triage.policy.calendar.statecalendar import StateCalendar
from triage.trends.forecast import forecast
from triage.trends.rises import PER_WEEK, courses
from triage.trends.series import DailyCounts, Event, Floats, Key, daily_counts

RATES = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20])
WEEK = np.array([1.25, 1.2, 1.15, 1.1, 1.1, 0.65, 0.55])
MONDAY = date(2022, 1, 3)
BLOCK = 28

SCATTERS = {
    "poisson": (1.0, 0.0),
    "clumped": (1.6, 0.0),
    "wandering": (1.0, 0.15),
    "both": (1.4, 0.1),
}
"""Variance = first x mean + second x mean^2."""

WORLDS: tuple[dict[str, Any], ...] = (
    *({"scatter": scatter, "history": days} for scatter in SCATTERS for days in (120, 730)),
    {"scatter": "both", "history": 730, "season": 0.4},
    {"scatter": "both", "history": 730, "drift": 0.01},
)
"""`season`: a yearly wave of so much; `drift`: the level takes a random step of so much a day."""


def generated(
    chance: np.random.Generator, rates: Floats, days: int, scatter: str, season: float = 0.0, drift: float = 0.0
) -> Floats:
    """Counts of shape (series, days) without any rise in them."""
    number = np.arange(days)
    mean = rates[:, None] * WEEK[number % 7] * (1 + season * np.sin(2 * np.pi * number / 365))
    if drift:
        mean = mean * np.exp(np.cumsum(chance.normal(0, drift, mean.shape), axis=1))
    return scattered(chance, mean, scatter)


def scattered(chance: np.random.Generator, mean: Floats, scatter: str) -> Floats:
    """Negative binomial counts with these means."""
    clumped, wandering = SCATTERS[scatter]
    over = clumped + wandering * mean
    if scatter == "poisson":
        return chance.poisson(mean).astype(float)
    return chance.negative_binomial(mean / (over - 1), 1 / over).astype(float)


def as_counts(matrix: Floats) -> DailyCounts:
    """Series with made-up names from counts of shape (series, days)."""
    cells = {
        Key(f"c{row:05}"): {int(day): int(counts[day]) for day in np.flatnonzero(counts)}
        for row, counts in enumerate(matrix)
    }
    return DailyCounts(MONDAY, MONDAY + timedelta(days=matrix.shape[1] - 1), cells)


def flagged(matrix: Floats, first: int) -> Floats:
    """Which days from the `first` on are flagged, shape (series, days), learnt anew every four weeks."""
    blocks = []
    for start in range(first, matrix.shape[1], BLOCK):
        counts = as_counts(matrix[:, : start + BLOCK])
        found = courses(counts, MONDAY + timedelta(days=start), counts.until)
        blocks.append(np.array([[point.flagged for point in course.points] for course in found], dtype=float))
    return np.concatenate(blocks, axis=1)


def false_alarms(world: dict[str, Any], copies: int, weeks: int, seeds: int) -> dict[str, Any]:
    """Alarms a week over all series where nothing rises, by seed, and by the rate of the series."""
    rates, others = np.repeat(RATES, copies), {key: world[key] for key in ("season", "drift") if key in world}
    by_seed, by_rate = [], np.zeros(len(RATES))
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        matrix = generated(chance, rates, world["history"] + 7 * weeks, world["scatter"], **others)
        alarms = flagged(matrix, world["history"]).sum(axis=1) / weeks
        by_seed.append(round(float(alarms.sum()), 2))
        by_rate += alarms.reshape(len(RATES), copies).sum(axis=1) / seeds
    figures = {"series": len(rates), "promised": PER_WEEK, "a_week": round(float(np.mean(by_seed)), 2)}
    return {**world, **figures, "by_seed": by_seed, "by_rate": dict(zip(RATES.tolist(), by_rate.round(2), strict=True))}


def power(times: float, copies: int, history: int = 730, seed: int = 0) -> dict[str, Any]:
    """The share of weeks with so many times the orders that are flagged on the first day, and by the seventh."""
    chance, rates = np.random.default_rng(seed), np.repeat(RATES, copies)
    matrix = generated(chance, rates, history + 7, "both")
    matrix[:, history:] += generated(chance, rates * (times - 1), 7, "both")
    found = flagged(matrix, history).reshape(len(RATES), copies, -1)
    first, week = found[:, :, 0].mean(axis=1), found.max(axis=2).mean(axis=1)
    names = RATES.tolist()
    return {
        "times": times,
        "series": len(rates),
        "first_day": dict(zip(names, first.round(2), strict=True)),
        "by_seventh_day": dict(zip(names, week.round(2), strict=True)),
    }


def read_stream(path: Path) -> DailyCounts:
    """Counts a day and district alias, 2019 only: before and after, the stream holds strays."""
    events = []
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found = re.search(r"A\d[区县市]", row["title"] + row["text"])
            events.append(Event(date.fromisoformat(row["received_at"][:10]), None, found.group() if found else None))
    since = date(2019, 1, 1)
    return daily_counts((event for event in events if event.day >= since), date(2019, 12, 31), since=since)


def forecasts(counts: DailyCounts) -> dict[str, Any]:
    """Errors of the coming seven days, each Monday from March on, beside those of naive forecasts."""
    calendar, matrix = StateCalendar.published(), counts.matrix()
    losses: dict[str, list[Any]] = {}
    inside: dict[str, list[Any]] = {"days_inside": [], "weeks_inside": []}
    for place in range((date(2019, 3, 4) - counts.since).days, counts.days - 6, 7):
        start = counts.since + timedelta(days=place)
        coming = {one.key: one for one in forecast(counts, start, is_off=lambda day: not calendar.is_workday(day))}
        found = np.array([[(day.low, day.mean, day.high) for day in coming[key].days] for key in counts.keys])
        whole = np.array([coming[key].whole for key in counts.keys])
        real, before = matrix[:, place : place + 7], _weeks_before(matrix, place)
        naive = {"last_week": before[:, 0], "mean_of_four": before[:, :4].mean(axis=1), "forecast": found[:, :, 1]}
        peer = _statsmodels(matrix[:, :place])
        for name, guess in (naive | peer).items():
            losses.setdefault(f"mae_{name}", []).append(np.abs(real - guess).mean())
            losses.setdefault(f"week_mae_{name}", []).append(np.abs(real.sum(axis=1) - guess.sum(axis=1)).mean())
        eight = np.quantile(before, [0.1, 0.9], axis=1)
        losses.setdefault("pinball_forecast", []).append(_pinball(real, found[:, :, 0], found[:, :, 2]))
        losses.setdefault("pinball_eight_weeks", []).append(_pinball(real, eight[0], eight[1]))
        inside["days_inside"].append(((real >= found[:, :, 0]) & (real <= found[:, :, 2])).mean())
        inside["weeks_inside"].append(((real.sum(axis=1) >= whole[:, 1]) & (real.sum(axis=1) <= whole[:, 2])).mean())
    means = {name: round(float(np.mean(values)), 3) for name, values in (losses | inside).items()}
    return {"series": len(counts.cells), "weeks": len(inside["days_inside"]), **means}


def _weeks_before(matrix: Floats, place: int) -> Floats:
    """The eight weeks before a day, the latest first, shape (series, 8, 7)."""
    return np.stack([matrix[:, place - 7 * back : place - 7 * back + 7] for back in range(1, 9)], axis=1)


def _pinball(real: Floats, low: Floats, high: Floats) -> float:
    """The mean loss of the 10 % and the 90 % bound."""
    loss = [
        np.maximum(share * (real - bound), (share - 1) * (real - bound)) for share, bound in ((0.1, low), (0.9, high))
    ]
    return float(np.mean(loss))


def _statsmodels(past: Floats) -> dict[str, Floats]:
    """Exponential smoothing with a weekly season (Holt and Winters), series by series, where it is installed."""
    if find_spec("statsmodels") is None:
        return {}
    smoothing = import_module("statsmodels.tsa.holtwinters").ExponentialSmoothing
    fits = [smoothing(row, seasonal="add", seasonal_periods=7).fit() for row in past]
    return {"holt_winters": np.maximum(np.array([fit.forecast(7) for fit in fits]), 0.0)}


def cost(series: int = 1000, days: int = 1095) -> dict[str, Any]:
    """Seconds for the rises of one day and for a forecast, over many series."""
    chance = np.random.default_rng(1)
    counts = as_counts(generated(chance, np.resize(RATES[:7], series), days, "both"))
    started = time.perf_counter()
    courses(counts, counts.until, counts.until)
    judged = time.perf_counter()
    forecast(counts, counts.until + timedelta(days=1))
    done = time.perf_counter()
    return {
        "series": series,
        "days": days,
        "rises_s": round(judged - started, 2),
        "forecast_s": round(done - judged, 2),
    }


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=7, help="series of each rate")
    parser.add_argument("--weeks", type=int, default=52, help="weeks watched for false alarms, a multiple of four")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--messages", type=Path, help="messages_stream.csv, for the forecast")
    given = parser.parse_args()
    figures: dict[str, Any] = {
        "cost": cost(),
        "power": [power(times, copies=60) for times in (2.0, 3.0, 5.0)],
        "false_alarms": [false_alarms(world, given.copies, given.weeks, given.seeds) for world in WORLDS],
    }
    if given.messages:
        counts = read_stream(given.messages)
        figures["forecast"] = {"total": forecasts(counts.total()), "districts": forecasts(counts)}
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
