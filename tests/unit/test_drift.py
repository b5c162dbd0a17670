"""Drift: what is found, what is not, and how often something is found where nothing drifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.drift.collective import collective
from training.drift.exact import Table, chance, limit_for
from training.drift.look import LOOKS, look
from training.drift.seen import Seen, once, voices

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(number: int, *words: str, **fields) -> Seen:
    return Seen(id=f"o{number}", matter=f"m{number}", at=NOON, words=frozenset(words), **fields)


def by_hand(table: Table, count: int) -> float:
    """The two-sided chance, in whole numbers."""
    having, recent, total = table
    ways = {
        k: comb(having, k) * comb(total - having, recent - k)
        for k in range(max(0, having + recent - total), min(having, recent) + 1)
    }
    return float(Fraction(sum(way for way in ways.values() if way <= ways[count]), comb(total, recent)))


tables = st.integers(1, 25).flatmap(
    lambda total: st.builds(Table, st.integers(0, total), st.integers(0, total), st.just(total))
)


@given(tables, st.data())
def test_a_chance_is_that_of_dealing_the_matters_out_anew(table, data):
    least, most = max(0, table.having + table.recent - table.total), min(table.having, table.recent)
    count = data.draw(st.integers(least, most))
    assert chance(table, count) == pytest.approx(by_hand(table, count))


@settings(max_examples=40)
@given(st.lists(tables, max_size=6), st.floats(0.001, 0.5))
def test_no_more_is_found_in_the_mean_than_is_allowed(found, allowed):
    limit = limit_for(found, allowed)
    expected = 0.0
    for having, recent, total in found:
        ways = {
            k: comb(having, k) * comb(total - having, recent - k) / comb(total, recent)
            for k in range(max(0, having + recent - total), min(having, recent) + 1)
        }
        expected += sum(way for k, way in ways.items() if chance(Table(having, recent, total), k) <= limit)
    assert expected <= allowed + 1e-9


def orders(chances: np.random.Generator, count: int) -> list[Seen]:
    """Orders of ten topics whose words come together, as words do."""
    made = []
    for number in range(count):
        topic = int(chances.integers(10))
        words = [f"{topic}-{word}" for word in range(8) if chances.random() < 0.6]
        words += [f"word-{word}" for word in range(60) if chances.random() < 0.05]
        outcomes = {"returned": chances.random() < 0.1}
        confidence = float(np.round(chances.beta(8, 2), 2))
        one = seen(number, *words, category=str(topic), confidence=confidence, outcomes=outcomes)
        made.append(one)
    return made


def test_where_nothing_drifts_findings_are_as_seldom_as_promised():
    """Half a finding a look is allowed here, so that fifty looks say something: 0.5 and three standard errors."""
    chances = np.random.default_rng(7)
    counts = []
    for _ in range(50):
        drawn = orders(chances, 200)
        counts.append(len(look(drawn[:40], drawn[40:], per_year=LOOKS / 2).findings))
    assert np.mean(counts) <= 0.5 + 3 * np.std(counts) / 50**0.5


def test_the_same_orders_are_answered_the_same_whatever_their_order():
    drawn = orders(np.random.default_rng(1), 200)
    one, other = look(drawn[:40], drawn[40:], per_year=52), look(drawn[:40], drawn[:39:-1], per_year=52)
    assert [(found.what, found.p) for found in one.findings] == [(found.what, found.p) for found in other.findings]


def test_a_new_word_is_found_with_the_orders_that_show_it():
    before = [seen(number, "路灯") for number in range(300)]
    now = [seen(1_000 + number, "路灯", *(["无人机"] if number % 6 == 0 else [])) for number in range(60)]
    (found,) = look(now, before).findings
    assert (found.kind, found.what, found.counts) == ("word", "无人机", (10, 60, 0, 300))
    assert found.effect > 0.8
    assert set(found.examples) <= {f"o{1_000 + number}" for number in range(0, 60, 6)}
    assert found.because == "写到“无人机”的诉求增多：近期60件中有10件（16.7%），此前300件中有0件（0.0%）"


def test_what_is_gone_is_shown_by_earlier_orders():
    before = [seen(number, *(["油烟"] if number % 4 == 0 else [])) for number in range(400)]
    (found,) = look([seen(1_000 + number) for number in range(80)], before).findings
    assert found.effect < 0
    assert all(int(name[1:]) < 400 for name in found.examples)


def test_a_category_that_doubled_is_told_by_its_name():
    before = [seen(number, category="noise" if number % 10 == 0 else "road") for number in range(600)]
    now = [seen(1_000 + number, category="noise" if number % 4 == 0 else "road") for number in range(200)]
    found = look(now, before, names={"noise": "施工噪音"}).findings
    assert {one.kind for one in found} == {"category"}
    assert "施工噪音" in next(one.because for one in found if one.what == "noise")


def test_less_sure_answers_are_found_and_shown_by_the_least_sure():
    drawn = orders(np.random.default_rng(3), 600)
    now = [replace(one, confidence=one.confidence - 0.1) for one in drawn[:200]]
    found = [one for one in look(now, drawn[200:]).findings if one.kind == "confidence"]
    assert found[0].now < found[0].before
    assert found[0].examples[0] == min(now, key=lambda one: (one.confidence, one.id)).id


def test_the_confidence_of_another_model_is_not_held_against_this_ones():
    before = [seen(number, confidence=0.9 + number % 7 / 100, model="old 1") for number in range(200)]
    now = [seen(1_000 + number, confidence=0.5 + number % 7 / 100, model="new 2") for number in range(100)]
    assert look(now, before).findings == ()


def test_outcomes_are_asked_of_those_only_of_whom_they_are_known():
    before = [seen(number, outcomes={"returned": number % 20 == 0}) for number in range(400)]
    young = [seen(2_000 + number) for number in range(500)]
    now = [seen(1_000 + number, outcomes={"returned": number % 4 == 0}) for number in range(100)]
    (found,) = look([*now, *young], before).findings
    assert (found.what, found.counts) == ("returned", (25, 100, 20, 400))


def test_nothing_to_compare_is_nothing_found():
    assert look([], [seen(1, "路灯")]).findings == ()
    assert look([seen(1, "路灯")], []).findings == ()


def test_a_matter_speaks_once_in_each_span():
    calls = [replace(seen(number, "停气"), matter="gas", at=NOON - number * DAY) for number in range(1, 57)]
    assert [one.id for one in voices(calls, NOON, 28 * DAY)] == ["o56", "o28"]


def test_the_first_moment_of_a_span_belongs_to_it():
    edge = [replace(seen(number), matter="m", at=NOON - back) for number, back in enumerate((28 * DAY, DAY))]
    assert [one.id for one in voices(edge, NOON, 28 * DAY)] == ["o0"]


def test_a_collective_issue_is_no_drift_and_is_told_as_one():
    before = [seen(number, "路灯") for number in range(300)]
    gas = [replace(seen(1_000 + number, "停气", "燃气"), matter="gas") for number in range(40)]
    now = [*[seen(2_000 + number, "路灯") for number in range(60)], *gas]
    assert look(once(now), once(before)).findings == ()
    (told,) = collective(now, before, ())
    assert (told.matter, told.orders, set(told.words)) == ("gas", 40, {"停气", "燃气"})
    assert "集中诉求" in told.because


def test_words_of_many_matters_are_nobodys_collective_issue():
    before = [seen(number, "路灯") for number in range(300)]
    now = [seen(1_000 + number, "无人机") for number in range(60)]
    assert collective(now, before, ()) == ()


def test_every_pair_of_sides_is_answered_without_a_fault():
    few = [seen(1, "路灯", confidence=1.0), seen(2, category="noise"), seen(3, outcomes={"returned": True})]
    for now in combinations(few, 2):
        assert look(now, few).findings == ()
