"""Cuts of lessons: never a near copy, an issue or an order on both sides, and the newest are judged by."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fit import near_copies
from training.lessons.splits import by_time, groups_of, joined
from triage.desk.learning.lessons import Lesson
from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI

START = datetime(2026, 3, 2, tzinfo=SHANGHAI)
TEXTS = ["路灯坏了没人修", "路灯坏了 3 天没人修", "烧烤店油烟很大", "烧烤店油烟很大！", "楼上漏水", "电梯又停了"]


def _lesson(number, day=0, text="", issue=None, task="category", order_id=None, title=""):
    at = START + timedelta(days=day)
    return Lesson(
        order_id or str(number), "p", issue, at, title, text or f"第{number}件", task, "x", 1.0, ("accepted",)
    )


LESSONS = st.lists(
    st.builds(
        _lesson,
        st.integers(0, 12),
        day=st.integers(0, 9),
        text=st.sampled_from(TEXTS),
        issue=st.sampled_from([None, None, None, "i-1", "i-2"]),
        title=st.sampled_from(["", "", "投诉", "求助"]),
    ),
    max_size=25,
)


@given(LESSONS, st.sampled_from([0.1, 0.2, 0.5]))
def test_nothing_that_belongs_together_is_on_both_sides(found, share):
    try:
        cut = by_time(found, share)
    except BadInput:
        assert len(set(groups_of(found))) < 2
        return
    assert sorted(map(id, [*cut.learnt, *cut.asked])) == sorted(map(id, found))
    for of_what in (lambda one: one.issue, lambda one: one.order_id, lambda one: _bare(one.text)):
        sides = [{of_what(one) for one in side} - {None} for side in cut]
        assert not sides[0] & sides[1]


def _bare(text):
    return TEXTS[near_copies([*TEXTS, text])[-1]]


@given(LESSONS)
def test_what_is_judged_by_begins_no_earlier_than_what_is_learnt_from(found):
    try:
        cut = by_time(found)
    except BadInput:
        return
    assert min(one.at for one in cut.learnt) <= min(one.at for one in cut.asked)


def test_the_newest_fifth_is_held_back():
    found = [_lesson(number, day=number, text=f"{'甲乙丙丁戊己庚辛壬癸'[number]}事一件") for number in range(10)]
    assert [one.order_id for one in by_time(found).asked] == ["8", "9"]


def test_one_group_cannot_be_cut():
    found = [_lesson(number, issue="i-1") for number in range(5)]
    with pytest.raises(BadInput, match="too few"):
        by_time(found)


def test_two_numberings_join_what_neither_joins_alone():
    assert joined([[0, 1, 1, 2], [4, 4, -1, -1]]) == [0, 0, 0, 1]
