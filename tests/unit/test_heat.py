"""How hot an issue is: more is never cooler, silence cools, the future is not seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.errors import BadInput
from triage.similar.heat import WEIGHTS, Call, Heat, heat

NOW = datetime(2026, 3, 30, 12)
calls = st.builds(
    Call,
    st.timedeltas(timedelta(days=-5), timedelta(days=90)).map(lambda age: NOW - age),
    st.sampled_from([None, "a", "b", "c", "d"]),
    st.booleans(),
)
issues = st.lists(calls, max_size=30)


def _points(found: Heat) -> dict[str, float]:
    return {part.name: part.points for part in found.parts}


def _ago(days: float, caller: str | None = None, *, unsatisfied: bool = False) -> Call:
    return Call(NOW - timedelta(days=days), caller, unsatisfied)


@settings(max_examples=40)
@given(issues)
def test_the_score_is_the_sum_of_its_parts_and_stays_on_the_scale(issue):
    found = heat(issue, NOW)
    assert 0 <= found.score < 100
    assert found.score == sum(part.points for part in found.parts)
    assert {part.name: part.weight for part in found.parts} == WEIGHTS
    assert all(0 <= part.points < part.weight and part.because for part in found.parts)


@settings(max_examples=40)
@given(issues, st.sampled_from([None, "a", "b", "new"]), st.booleans())
def test_one_more_call_now_cools_no_part(issue, caller, unsatisfied):
    before, after = _points(heat(issue, NOW)), _points(heat([*issue, Call(NOW, caller, unsatisfied)], NOW))
    assert all(after[name] >= points - 1e-9 for name, points in before.items())


@settings(max_examples=40)
@given(issues.filter(bool), st.data())
def test_a_call_that_ended_unsatisfied_is_never_cooler(issue, data):
    place = data.draw(st.integers(0, len(issue) - 1))
    worse = [call._replace(unsatisfied=call.unsatisfied or number == place) for number, call in enumerate(issue)]
    assert heat(worse, NOW).score >= heat(issue, NOW).score


@settings(max_examples=40)
@given(issues, st.randoms())
def test_the_order_in_which_calls_are_given_does_not_matter(issue, chance):
    mixed = list(issue)
    chance.shuffle(mixed)
    assert heat(mixed, NOW) == heat(issue, NOW)


@settings(max_examples=40)
@given(issues, issues)
def test_what_came_later_is_not_seen(issue, others):
    later = [call._replace(received_at=NOW + timedelta(minutes=1) + abs(NOW - call.received_at)) for call in others]
    assert heat([*issue, *later], NOW) == heat([call for call in issue if call.received_at <= NOW], NOW)


@settings(max_examples=40)
@given(issues, st.floats(7, 60), st.floats(0, 60))
def test_a_silent_issue_only_cools(issue, silent, longer):
    known = [call for call in issue if call.received_at <= NOW]
    soon = heat(known, NOW + timedelta(days=silent))
    assert heat(known, NOW + timedelta(days=silent + longer)).score <= soon.score + 1e-9


def test_an_issue_silent_for_eight_weeks_is_cold():
    issue = [_ago(0, f"p{number}", unsatisfied=True) for number in range(20)]
    assert heat(issue, NOW).score > 60
    assert heat(issue, NOW + timedelta(weeks=8)).score < 5


def test_ten_orders_now_have_half_the_points_of_volume():
    assert _points(heat([_ago(0)] * 10, NOW))["volume"] == WEIGHTS["volume"] / 2


def test_unknown_callers_are_one_caller_who_never_repeats():
    found = heat([_ago(0)] * 6, NOW)
    assert found.parts[1].value == 1
    assert _points(found)["repeat"] == 0


def test_several_callers_are_hotter_than_one_who_calls_as_often():
    many = heat([_ago(0, f"p{number}") for number in range(6)], NOW)
    assert many.score > heat([_ago(0, "p")] * 6, NOW).score


def test_two_after_none_is_a_growth_of_three():
    growth = heat([_ago(1, "a"), _ago(2, "b")], NOW).parts[2]
    assert growth.value == 3
    assert growth.because == "近7天2件，此前4周平均每周0.0件，各加1后为3.0倍"


def test_as_many_as_before_is_no_growth():
    assert _points(heat([_ago(7 * week + 1) for week in range(5)], NOW))["growth"] == 0


def test_nothing_is_nothing():
    assert heat([], NOW).score == 0


def test_times_with_and_without_an_offset_are_refused():
    with pytest.raises(BadInput, match="offset"):
        heat([Call(NOW.replace(tzinfo=UTC))], NOW)
