"""Counts a day, and what is made of them: kinds of day, weekly patterns, seasons, levels, scatter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from triage.domain.errors import BadInput
from triage.trends.daytypes import HOLIDAY, WORKED, day_type, day_types
from triage.trends.level import levels
from triage.trends.negativebinomial import at_least, quantile
from triage.trends.series import LONGEST, DailyCounts, Event, Key, daily_counts
from triage.trends.spread import learn_spread
from triage.trends.weekly import weekly_pattern
from triage.trends.yearly import YEAR, places_in_year, season

MONDAY = date(2026, 3, 2)
events = st.builds(
    Event,
    st.dates(date(2026, 1, 1), date(2026, 3, 10)),
    st.sampled_from(["dust", "noise"]),
    st.sampled_from([None, "甲", "乙"]),
    st.integers(0, 4),
)


@given(st.lists(events, max_size=40))
def test_every_event_up_to_the_day_is_counted_once_however_they_are_added_up(rows):
    counts = daily_counts(rows, MONDAY)
    expected = sum(event.orders for event in rows if event.day <= MONDAY)
    for view in (counts, counts.by_category(), counts.by_place(), counts.total()):
        assert view.matrix().sum() == expected


def test_a_moment_counts_for_its_day_and_one_after_the_last_day_not_at_all():
    counts = daily_counts([Event(datetime(2026, 3, 2, 23, 59)), Event(date(2026, 3, 3))], MONDAY)
    assert (counts.since, counts.until, counts.matrix().tolist()) == (MONDAY, MONDAY, [[1.0]])


def test_no_events_are_no_series_of_one_day():
    counts = daily_counts([], MONDAY)
    assert (counts.days, counts.keys, counts.matrix().shape) == (1, (), (0, 1))


def test_a_mistyped_year_does_not_make_a_history_of_two_thousand():
    counts = daily_counts([Event(date(1, 1, 1)), Event(MONDAY)], MONDAY)
    assert (counts.days, counts.matrix().sum()) == (LONGEST, 1)
    assert daily_counts([Event(date(1, 1, 1))], date(1, 1, 2)).days == 2


def test_a_series_that_could_have_had_orders_is_there_with_none():
    assert daily_counts([], MONDAY, known=[Key("dust", "甲")]).matrix().tolist() == [[0.0]]


def test_what_was_known_before_a_day_ends_the_day_before():
    counts = daily_counts([Event(MONDAY), Event(MONDAY + timedelta(days=1))], MONDAY + timedelta(days=1))
    assert counts.before(MONDAY + timedelta(days=1)).matrix().tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("rows", "since", "named"),
    [
        ([Event(MONDAY, "dust", None, -1)], None, "1,000,000"),
        ([Event(MONDAY, "dust", None, 10**30)], None, "1,000,000"),
        ([], MONDAY + timedelta(days=1), "2026-03-03"),
    ],
)
def test_impossible_counts_and_a_start_after_the_end_are_refused(rows, since, named):
    with pytest.raises(BadInput, match=named):
        daily_counts(rows, MONDAY, since=since)


def test_too_many_series_are_refused_and_the_message_says_how_many_are_not():
    counts = DailyCounts(MONDAY - timedelta(days=1460), MONDAY, {Key(str(number)): {} for number in range(6000)})
    with pytest.raises(BadInput, match="at most 5475"):
        counts.matrix()


def test_a_holiday_on_a_weekday_and_a_worked_weekend_are_kinds_of_their_own():
    assert day_type(MONDAY, lambda day: True) == HOLIDAY
    assert day_type(MONDAY + timedelta(days=6), lambda day: False) == WORKED
    assert day_types(MONDAY, 7).tolist() == list(range(7))


def test_a_series_with_few_orders_has_the_weekly_pattern_of_all():
    week = np.array([3.0, 3, 3, 3, 3, 1, 1])
    counts = np.vstack([np.tile(10 * week, 30), np.zeros(210)])
    counts[1, 5] = 1
    pattern = weekly_pattern(counts, np.arange(210) % 7)
    assert np.allclose(pattern[1, :7], pattern[0, :7], atol=0.1)
    assert pattern[0, 5] == pytest.approx(7 / 17, abs=0.03)


def test_one_outbreak_on_a_wednesday_makes_no_busy_wednesdays():
    counts = np.full((1, 91), 2.0)
    counts[0, 86] = 500
    assert weekly_pattern(counts, np.arange(91) % 7)[0, 2] < 1.2


def test_a_holiday_is_like_a_sunday_until_there_have_been_some():
    pattern = weekly_pattern(np.tile([3.0, 3, 3, 3, 3, 1, 0], (1, 30)), np.arange(210) % 7)
    assert pattern[0, HOLIDAY] == pytest.approx(pattern[0, 6], abs=0.01)
    assert pattern[0, WORKED] == pytest.approx(pattern[0, 0], abs=0.01)


def test_the_season_is_that_of_the_same_weeks_of_earlier_years():
    days = 3 * YEAR
    wave = 20 * (1 + 0.5 * np.sin(2 * np.pi * np.arange(days) / YEAR))
    found = season(wave[None, :], (Key("dust"),), places_in_year(date(2023, 1, 1), days))
    assert found[0, 91] == pytest.approx(1.5, abs=0.05)
    assert found[0, 273] == pytest.approx(0.5, abs=0.05)


def test_no_season_is_claimed_before_a_year_and_eight_weeks_have_passed():
    counts = np.vstack([np.arange(420.0)])
    assert (season(counts, (Key(),), places_in_year(date(2025, 1, 1), 420)) == 1).all()


def test_the_level_before_a_day_does_not_know_the_day():
    counts = np.random.default_rng(1).poisson(4, (3, 80)).astype(float)
    changed = counts.copy()
    changed[:, 60:] += 50
    before, after = levels(counts, np.ones((3, 80))), levels(changed, np.ones((3, 80)))
    assert np.array_equal(before.mean[:, :61], after.mean[:, :61])
    assert (after.mean[:, 62:] > before.mean[:, 62:]).all()


def test_one_outbreak_hardly_moves_the_level():
    counts = np.full((1, 100), 2.0)
    counts[0, 90] = 1000
    assert levels(counts, np.ones((1, 100))).mean[0, -1] < 2.3


def test_a_day_of_which_nothing_is_known_changes_nothing_but_what_is_forgotten():
    counts, weights = np.full((1, 200), 5.0), np.ones((1, 200))
    counts[0, 150:] = weights[0, 150:] = 0
    assert levels(counts, weights).mean[0, -1] == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(("clumped", "wandering"), [(1.6, 0.0), (1.4, 0.1)])
def test_the_scatter_of_generated_counts_is_found_again(clumped, wandering):
    chance = np.random.default_rng(3)
    means = np.repeat([0.1, 0.5, 2.0, 8.0], 10)[:, None] * np.ones((1, 300))
    over = clumped + wandering * means
    counts = chance.negative_binomial(means / (over - 1), 1 / over).astype(float)
    found = learn_spread(counts, means, np.zeros_like(means), 1)
    assert found.clumped == pytest.approx(clumped, abs=0.15)
    assert found.wandering == pytest.approx(wandering, abs=0.05)


@given(st.floats(0.01, 500), st.floats(1.01, 20), st.floats(0.01, 0.99), st.integers(0, 700))
def test_chances_and_quantiles_are_those_of_scipy(mean, over, share, count):
    size, stop = mean / (over - 1), 1 / over
    one, spread = np.array([mean]), np.array([mean * over])
    assert at_least(np.array([float(count)]), one, spread)[0] == pytest.approx(
        nbinom.sf(count - 1, size, stop), abs=1e-9
    )
    found = quantile(share, one, spread)[0]
    assert nbinom.cdf(found, size, stop) >= share - 1e-9
    assert found == 0 or nbinom.cdf(found - 1, size, stop) < share + 1e-9
