"""The coming week: loads with bounds that hold, reasons, and what to look at beforehand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from triage.domain.errors import BadInput
from triage.trends.ahead import preparations
from triage.trends.forecast import forecast
from triage.trends.seasons import SEASONS, matters_of
from triage.trends.series import DailyCounts, Event, Key, daily_counts

MONDAY = date(2023, 1, 2)
TAXONOMY = Path(__file__).resolve().parents[2] / "models" / "default" / "taxonomy.json"


def _counts(rows: list[np.ndarray]) -> DailyCounts:
    cells = {Key(f"c{row}"): {int(day): int(of[day]) for day in np.flatnonzero(of)} for row, of in enumerate(rows)}
    return DailyCounts(MONDAY, MONDAY + timedelta(days=len(rows[0]) - 1), cells)


def _start(counts: DailyCounts) -> date:
    return counts.until + timedelta(days=1)


def test_four_days_of_five_and_four_weeks_of_five_lie_within_their_bounds():
    chance = np.random.default_rng(2)
    mean = np.repeat([0.3, 2.0, 10.0], 40)[:, None] * np.array([1.2, 1.2, 1.1, 1.1, 1.1, 0.7, 0.6])[np.arange(203) % 7]
    matrix = chance.negative_binomial(mean / 0.5, 1 / 1.5)
    coming = {one.key: one for one in forecast(_counts(list(matrix[:, :196])), MONDAY + timedelta(days=196))}
    days = weeks = 0.0
    for row, real in enumerate(matrix[:, 196:]):
        one = coming[Key(f"c{row}")]
        days += np.mean([load.low <= orders <= load.high for load, orders in zip(one.days, real, strict=True)])
        weeks += one.whole.low <= real.sum() <= one.whole.high
    assert days / len(matrix) >= 0.8
    assert weeks / len(matrix) >= 0.75


def test_the_week_and_the_days_agree_and_the_heaviest_comes_first():
    coming = forecast(_counts([np.full(100, 1), np.full(100, 6)]), MONDAY + timedelta(days=100))
    assert [one.key.category for one in coming] == ["c1", "c0"]
    for one in coming:
        assert one.whole.mean == pytest.approx(sum(load.mean for load in one.days), abs=0.05)
        assert one.whole.low <= one.whole.mean <= one.whole.high


def test_weekends_and_holidays_are_told_as_reasons():
    week = np.array([10, 10, 10, 10, 10, 2, 2])
    counts = _counts([np.tile(week, 20)])
    festival = _start(counts) + timedelta(days=1)
    told = forecast(counts, _start(counts), is_off=lambda day: day.weekday() >= 5 or day == festival)[0]
    assert told.reasons[0] == "近四周平均每天7.7件"
    assert "周六约为平均的0.3倍" in told.reasons
    assert "工作日放假约为平均的0.3倍" in told.reasons
    assert told.days[1].mean < told.days[2].mean / 2


def test_a_season_of_earlier_years_is_expected_and_told():
    wave = np.round(20 * (1 + 0.6 * np.sin(2 * np.pi * np.arange(3 * 365) / 365)))
    at = 2 * 365 + 30
    coming = forecast(_counts([wave]), MONDAY + timedelta(days=at))[0]
    flat = forecast(_counts([wave[at - 300 : at]]), MONDAY + timedelta(days=300))[0]
    real = wave[at : at + 7].sum()
    assert abs(coming.whole.mean - real) < abs(flat.whole.mean - real)
    assert any(reason.startswith("往年同期比前四周高") for reason in coming.reasons)


def test_a_level_that_changed_is_told():
    coming = forecast(_counts([np.repeat([2, 6], [60, 28])]), MONDAY + timedelta(days=88))[0]
    assert coming.reasons[0] == "近四周平均每天6.0件，再前四周2.0件"


def test_what_came_from_the_start_on_is_not_seen():
    rows = np.random.default_rng(5).poisson(3, 120)
    changed = rows.copy()
    changed[100:] = 50
    start = MONDAY + timedelta(days=100)
    assert (
        forecast(_counts([rows]), start)
        == forecast(_counts([changed]), start)
        == forecast(_counts([rows[:100]]), start)
    )


def test_no_series_zeros_and_a_single_day_are_forecast_soberly():
    assert forecast(daily_counts([], MONDAY), MONDAY + timedelta(days=1)) == ()
    zeros = forecast(daily_counts([], MONDAY, since=date(2022, 1, 1), known=[Key("dust")]), MONDAY + timedelta(days=1))
    assert (zeros[0].whole.low, zeros[0].whole.high) == (0, 0)
    single = forecast(daily_counts([Event(MONDAY, "dust")], MONDAY), MONDAY + timedelta(days=1))[0]
    assert single.reasons == ("有记录的1天平均每天1.0件",)
    assert single.whole.low < single.whole.mean < single.whole.high


@pytest.mark.parametrize(("start", "days"), [(MONDAY, 7), (date(2025, 1, 1), 7), (date(2023, 1, 20), 0)])
def test_starts_too_far_off_and_spans_too_long_are_refused(start, days):
    with pytest.raises(BadInput, match="must"):
        forecast(daily_counts([], date(2023, 1, 19), since=MONDAY), start, days)


def test_every_seasonal_matter_names_categories_that_exist_and_something_to_do():
    known = {category["id"] for category in json.loads(TAXONOMY.read_text(encoding="utf-8"))}
    assert len({matter.id for matter in SEASONS}) == len(SEASONS)
    for matter in SEASONS:
        assert set(matter.categories) <= known, matter.id
        assert matter.look_at and matter.months <= set(range(1, 13))


@pytest.mark.parametrize(
    ("month", "named"),
    [(7, "flooding"), (7, "summer-nights"), (6, "enrolment"), (1, "frost"), (1, "wages"), (5, "exams")],
)
def test_each_season_has_its_matters(month, named):
    first = date(2026, month, 1)
    assert named in {matter.id for matter in matters_of(first, first + timedelta(days=6))}


def test_without_a_year_of_counts_a_matter_is_said_to_be_general_knowledge():
    counts = daily_counts([Event(date(2026, 5, 1), "waterlogging")], date(2026, 5, 31))
    found = preparations(counts, date(2026, 6, 1))
    assert {one.matter.id for one in found} >= {"flooding", "summer-nights", "enrolment"}
    assert all(one.measured is None and one.because.startswith("属一般经验") for one in found)


def test_with_a_year_of_counts_the_same_days_of_last_year_bear_a_matter_out_or_not():
    rain = [Event(date(2025, 6, 1) + timedelta(days=number), "waterlogging", "甲路") for number in range(28)]
    school = [Event(date(2025, 6, 1) + timedelta(days=7 * number), "school-enrolment", None, 1) for number in range(52)]
    found = preparations(daily_counts([*rain, *school], date(2026, 5, 31)), date(2026, 6, 1))
    reasons = {one.matter.id: one.because for one in found}
    assert found[0].matter.id == "flooding"
    assert reasons["flooding"] == "本地去年同期28天28件，全年平均同样天数2件，为13.0倍"
    assert reasons["enrolment"] == "本地去年同期28天4件，全年平均同样天数4件，本地数据尚未显示高发"
    assert reasons["summer-nights"] == "属一般经验：本地近一年这类工单不足10件，看不出季节"
