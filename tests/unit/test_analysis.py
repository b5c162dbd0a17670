"""What an analyst asks: intervals, copies of packs, what was set back; all on what is handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.analysis.handling import rates, setbacks
from triage.desk.analysis.orders import AnalysedOrder, as_events, public_place, repeat_callers
from triage.desk.analysis.uncertainty import funnel, interval
from triage.desk.analysis.what_if import change_in_words, edited_copy, replayed
from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI
from triage.language.places import PlaceFinder
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.judging.past import PastOrder
from triage.policy.pack.load import BUILT_IN
from triage.policy.scenarios.replay import Side
from triage.policy.scoring.board import Counted, Figure, PartScore, Scoreboard, TargetScore, UnitScore
from triage.policy.scoring.period import Period

NINE = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
LATER = NINE + timedelta(days=20)


def _order(order_id: str = "1", **fields: object) -> AnalysedOrder:
    plain = AnalysedOrder(
        id=order_id,
        received_at=NINE,
        domain="环境保护",
        category="餐饮油烟",
        request_type="complaint",
        urgency="normal",
        place=None,
        issue="i-1",
        caller="c1-a",
        call=1,
        unit=None,
        status="dispatched",
        satisfaction=None,
    )
    return replace(plain, **fields)


def _past(*events: dict[str, object]) -> PastOrder:
    return PastOrder("1", Case(NINE, {"urgency": "normal"}, parse_events(list(events))))


# Shares of few orders


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_an_interval_holds_the_share_and_stays_a_share(counts):
    hits, total = counts
    low, high = interval(hits, total)
    assert 0 <= low <= hits / total + 1e-12
    assert hits / total - 1e-12 <= high <= 1


@given(st.integers(0, 60), st.integers(1, 60))
def test_more_orders_of_the_same_share_narrow_the_interval(hits, misses):
    few, many = interval(hits, hits + misses), interval(9 * hits, 9 * (hits + misses))
    assert many[1] - many[0] < few[1] - few[0]


def test_no_order_says_nothing_and_never_a_hundred_per_cent():
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(2, 2)[0] < 0.5


@pytest.mark.parametrize("call", [lambda: interval(3, 2), lambda: interval(1, 2, 1.0), lambda: funnel(1.2, 3)])
def test_what_is_no_share_is_refused(call):
    with pytest.raises(BadInput):
        call()


@given(st.floats(0, 1), st.integers(1, 1000))
def test_the_funnel_narrows_around_the_middle(share, total):
    low, high = funnel(share, total)
    assert 0 <= low <= share <= high <= 1
    wider = funnel(share, 1)
    assert wider[0] <= low
    assert high <= wider[1]


# Places and callers


@pytest.mark.parametrize("text", ["王大姐烧烤店油烟", "12号楼201室漏水", "塘桥街道管不管", ""])
def test_what_may_be_somebodys_door_is_no_public_place(text):
    assert public_place(text, PlaceFinder({"names": ["塘桥街道"]})) is None


def test_who_calls_again_about_the_same_is_a_repeat_caller_and_nobody_else_is():
    orders = [
        _order("1"),
        _order("2", received_at=LATER, satisfaction="fair"),
        _order("3", issue="i-2"),
        _order("4", caller=None),
        _order("5", caller=None),
    ]
    (found,) = repeat_callers(orders)
    assert (found.caller, found.issue, found.calls, found.satisfaction) == ("c1-a", "i-1", 2, "fair")
    assert (found.first_at, found.last_at) == (NINE, LATER)


def test_an_order_counts_on_its_day_in_shanghai():
    assert next(as_events([_order(place="蓝村路")]))[:3] == (NINE.date(), "餐饮油烟", "蓝村路")


# A changed pack


def test_an_edited_copy_changes_nothing_else(tmp_path):
    source = BUILT_IN / "tangqiao.yaml"
    before = source.read_text(encoding="utf-8")
    copy = edited_copy(source, {"{at: 5, kind: yellow": "{at: 3, kind: yellow"}, tmp_path)
    assert copy.read_text(encoding="utf-8") == before.replace("{at: 5, kind: yellow", "{at: 3, kind: yellow")
    assert source.read_text(encoding="utf-8") == before


def test_every_phrase_that_is_not_there_once_is_named(tmp_path):
    with pytest.raises(BadInput) as refused:
        edited_copy(BUILT_IN / "tangqiao.yaml", {"no such phrase": "x", "clause: ": "y"}, tmp_path)
    assert [problem.loc for problem in refused.value.problems] == [("no such phrase",), ("clause: ",)]
    assert not list(tmp_path.iterdir())


def test_a_replay_counts_what_a_lower_threshold_would_have_raised(service, tmp_path):
    town = service.town("tangqiao")
    copy = edited_copy(BUILT_IN / "tangqiao.yaml", {"{at: 5, kind: yellow": "{at: 3, kind: yellow"}, tmp_path)
    changed = service.shelf.find_or_raise(str(copy))
    orders = [PastOrder(str(today), Case(NINE, {"issue_today": today})) for today in range(1, 8)]
    tally = replayed(orders, Side(town.pack, town.hours), Side(changed, town.hours), LATER)
    assert dict(tally.counts) == {"alerts + yellow tangqiao:4.2.5": 2}
    assert [one["id"] for one in tally.examples["alerts + yellow tangqiao:4.2.5"]] == ["3", "4"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("dispatch.decider dispatcher -> centre_leader", "派单.决定人 派单员 → 城运中心分管领导"),
        ("obligations.call_back new", "义务.回访 新增"),
        ("why_not + nanmatou:rules/8.8", "不可结案的理由 + nanmatou:rules/8.8"),
        ("may_close", "可否结案"),
    ],
)
def test_a_change_is_told_in_chinese_and_clauses_keep_their_ids(what, said):
    assert change_in_words(what) == said


# What was set back, and the rates


def test_what_sets_an_order_back_is_laid_to_the_unit_that_had_it_then():
    order = _past(
        {"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "a"},
        {"at": "2026-03-02T11:00", "kind": "return_requested", "unit": "a", "reason": "不属本单位"},
        {"at": "2026-03-02T12:00", "kind": "return_approved", "by": "centre_leader", "next_unit": "b"},
        {"at": "2026-03-02T13:00", "kind": "dispatched", "unit": "b"},
        {"at": "2026-03-03T09:00", "kind": "replied", "unit": "b", "outcome": "solved"},
        {"at": "2026-03-03T10:00", "kind": "review_failed", "by": "centre", "reasons": ["缺照片", "缺时间"]},
        {"at": "2026-03-04T10:00", "kind": "called_back", "contacted": True, "satisfaction": "unsatisfied"},
        {"at": "2026-03-05T10:00", "kind": "called_back", "contacted": True, "satisfaction": "satisfied"},
    )
    told = [(one.unit, one.kind, one.reason) for one in setbacks([order], LATER)]
    assert told == [
        ("a", "return_requested", "不属本单位"),
        ("b", "review_failed", "缺照片、缺时间"),
        ("b", "unsatisfied", ""),
    ]


def test_what_came_after_the_moment_sets_nothing_back():
    order = _past({"at": "2026-03-09T11:00", "kind": "reopened", "reason": "反弹"})
    assert setbacks([order], NINE) == []


def _board(unit: UnitScore) -> Scoreboard:
    return Scoreboard("p", "1", Period.parse("2026-03"), LATER, (unit,), (), ())


def test_a_rate_counts_in_part_and_names_what_did_not_count_in_full():
    figure = Figure("satisfaction", (Counted("a"), Counted("b", Fraction(4, 5), "基本满意")), ("a", "b", "c"))
    part = PartScore("satisfied", "p:1", "满意率", Fraction(30), Fraction(18), (figure,), (), "算式")
    (found,) = rates(_board(UnitScore("u", "某所", None, (part,), (), ())))
    assert (found.hits, found.total, found.credit, found.missed, found.at_least) == (2, 3, 1.8, ("b", "c"), None)


def test_where_a_pack_sets_targets_its_rates_are_those_and_empty_ones_are_left_out():
    full, empty = Figure("timely", (Counted("a"),), ("a",)), Figure("satisfaction", (), ())
    targets = (
        TargetScore("t", "p:1", "按期完成率", full, Fraction(97), True, "达到"),
        TargetScore("s", "p:1", "满意率", empty, Fraction(93), None, "没有"),
    )
    part = PartScore("timely", "p:2", "及时处置率", None, None, (full,), (), "")
    found = rates(_board(UnitScore("u", "某所", None, (part,), targets, ())))
    assert [(one.rate, one.clause, one.at_least) for one in found] == [("按期完成率", "p:1", 0.97)]
