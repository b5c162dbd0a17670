"""Sudden rises: those that are there are found, and those that are not are as rare as was promised."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.errors import BadInput
from triage.trends.negativebinomial import at_least
from triage.trends.rises import courses, highest_unflagged, rises
from triage.trends.series import DailyCounts, Event, Key, daily_counts

MONDAY = date(2025, 1, 6)
WEEK = np.array([1.25, 1.2, 1.15, 1.1, 1.1, 0.65, 0.55])
RATES = np.repeat([0.02, 0.1, 0.5, 2.0, 8.0, 20.0], 5)


def _generated(seed: int, days: int, over: float = 1.6) -> np.ndarray:
    """Counts with a weekly pattern that scatter `over` times as much as Poisson's, and no rise."""
    mean = RATES[:, None] * WEEK[np.arange(days) % 7]
    return np.random.default_rng(seed).negative_binomial(mean / (over - 1), 1 / over)


def _counts(matrix: np.ndarray) -> DailyCounts:
    cells = {
        Key(f"c{row:03}"): {int(day): int(row_[day]) for day in np.flatnonzero(row_)} for row, row_ in enumerate(matrix)
    }
    return DailyCounts(MONDAY, MONDAY + timedelta(days=matrix.shape[1] - 1), cells)


def _steady(days: int, last: int) -> DailyCounts:
    """Two orders a day, and another number on the last."""
    usual = [Event(MONDAY + timedelta(days=number), "dust", "甲路", 2) for number in range(days)]
    end = MONDAY + timedelta(days=days)
    return daily_counts([*usual, Event(end, "dust", "甲路", last)], end)


@pytest.mark.parametrize("seed", [1, 2])
def test_where_nothing_rises_alarms_stay_within_what_was_promised(seed):
    matrix = _generated(seed, 140 + 84)
    alarms = 0
    for start in range(140, 224, 28):
        counts = _counts(matrix[:, : start + 28])
        found = courses(counts, MONDAY + timedelta(days=start), counts.until)
        alarms += sum(point.flagged for course in found for point in course.points)
    assert alarms / 12 <= 1.0


def test_a_threefold_week_of_a_busy_series_is_found_and_a_quiet_series_is_not_named_beside_it():
    matrix = _generated(3, 200)
    matrix[25, 193:] *= 3
    found = rises(_counts(matrix), MONDAY + timedelta(days=199))
    assert [rise.key.category for rise in found] == ["c025"]
    assert found[0].count > found[0].most >= found[0].expected


def test_what_comes_after_the_day_is_not_seen():
    matrix = _generated(4, 200)
    matrix[25, 170] += 60
    changed = matrix.copy()
    changed[:, 171:] += 9
    day = MONDAY + timedelta(days=170)
    assert rises(_counts(matrix), day) == rises(_counts(changed), day) == rises(_counts(matrix[:, :171]), day)


def test_the_reason_names_the_count_the_usual_and_the_most_that_is_not_rare():
    found = rises(_steady(90, 14), MONDAY + timedelta(days=90))
    assert [rise.because for rise in found] == ["当天14件，按往常约为2.0件，超过4件即属少见"]


def test_orders_that_never_came_before_are_named_from_the_third_on():
    quiet = [Event(MONDAY, "dust", "甲路")]
    end = MONDAY + timedelta(days=200)
    for orders, named in ((2, 0), (4, 1)):
        counts = daily_counts([*quiet, Event(end, "noise", "乙路", orders)], end)
        assert len(rises(counts, end)) == named


def test_a_place_whose_orders_are_all_its_own_is_drawn_with_what_was_expected():
    course = courses(_steady(90, 14), MONDAY + timedelta(days=84), MONDAY + timedelta(days=90))[0]
    assert [point.count for point in course.points] == [2] * 6 + [14]
    assert [point.flagged for point in course.points] == [False] * 6 + [True]
    assert all(point.most >= point.expected > 1.5 for point in course.points)


@pytest.mark.parametrize("days", [0, 1, 20])
def test_a_history_of_days_flags_nothing(days):
    assert rises(_steady(days, 50), MONDAY + timedelta(days=days)) == ()


def test_no_series_and_series_of_zeros_flag_nothing():
    end = MONDAY + timedelta(days=100)
    assert rises(daily_counts([], end, since=MONDAY), end) == ()
    assert rises(daily_counts([], end, since=MONDAY, known=[Key("dust", "甲路")]), end) == ()


def test_a_day_on_which_nothing_was_recorded_lowers_no_expectation():
    counts = _steady(90, 2)
    lost = frozenset(MONDAY + timedelta(days=number) for number in range(70, 84))
    emptied = {at: orders for at, orders in counts.cells[counts.keys[0]].items() if not 70 <= at < 84}
    gap = DailyCounts(counts.since, counts.until, {counts.keys[0]: emptied})
    end = counts.until
    known, taken_for_zero = courses(gap, end, end, unrecorded=lost)[0], courses(gap, end, end)[0]
    assert known.points[0].expected == pytest.approx(2, abs=0.1)
    assert taken_for_zero.points[0].expected < 1.8


@pytest.mark.parametrize(
    ("day", "per_week"), [(MONDAY - timedelta(days=1), 1.0), (date(2030, 1, 1), 1.0), (MONDAY, 0.0), (MONDAY, 99.0)]
)
def test_days_that_were_not_counted_and_impossible_allowances_are_refused(day, per_week):
    with pytest.raises(BadInput, match="must"):
        rises(_steady(5, 1), day, per_week=per_week)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.01, 50), st.floats(1.01, 4)), min_size=1, max_size=30), st.floats(0.001, 0.5))
def test_the_chances_of_passing_add_up_to_no_more_than_is_allowed(rows, allowed):
    mean = np.array([row[0] for row in rows])
    variance = mean * np.array([row[1] for row in rows])
    most = highest_unflagged(mean, variance, allowed)
    assert at_least(most + 1, mean, variance).sum() <= allowed + 1e-9


@settings(max_examples=40)
@given(st.floats(0.01, 50), st.floats(0.001, 0.2))
def test_more_allowance_never_flags_less(mean, allowed):
    one = np.array([mean, 2 * mean, 1.0])
    assert (highest_unflagged(one, 1.5 * one, 2 * allowed) <= highest_unflagged(one, 1.5 * one, allowed)).all()
