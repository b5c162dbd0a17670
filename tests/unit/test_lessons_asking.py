"""Which orders to ask about: uncertain ones that stand for many, no two about the same thing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.learning.asking import Read, asking, because
from triage.domain.moments import SHANGHAI

START = datetime(2026, 3, 2, tzinfo=SHANGHAI)
CATEGORIES = "abcd"


def _read(name, *chances, issue=None, day=0):
    return Read(name, issue, START + timedelta(days=day), tuple(zip(CATEGORIES, chances, strict=False)))


READS = st.lists(
    st.builds(
        lambda name, best, other, issue, turned: Read(
            str(name), issue, START, tuple(zip(turned, (max(best, other), min(best, other)), strict=False))
        ),
        st.integers(0, 10**6),
        st.floats(0, 1),
        st.floats(0, 1),
        st.sampled_from([None, "i-1", "i-2", "i-3"]),
        st.permutations(CATEGORIES),
    ),
    max_size=30,
    unique_by=lambda one: one.order_id,
)


def _ids(reads, most=10, answered=()):
    return [one.order_id for one in asking(reads, answered, most)]


def test_the_less_certain_order_is_asked_about_first():
    assert _ids([_read("sure", 0.9, 0.1), _read("torn", 0.5, 0.45)]) == ["torn", "sure"]


def test_an_order_that_stands_for_many_is_asked_about_first():
    many = [_read(f"m{number}", 0.5, 0.4, issue="i-1") for number in range(6)]
    assert _ids([_read("alone", 0.0, 0.0, 0.5, 0.4), *many], most=1)[0].startswith("m")


def test_of_an_issue_one_order_is_asked_about():
    assert len(_ids([_read(str(number), 0.5, 0.4, issue="i-1") for number in range(5)])) == 1


def test_what_was_answered_is_not_asked_again_nor_is_its_issue():
    reads = [_read("1", 0.5, 0.4, issue="i-1"), _read("2", 0.5, 0.4, issue="i-1"), _read("3", 0.6, 0.3)]
    assert _ids(reads, answered={"1"}) == ["3"]


def test_another_pair_of_categories_gets_its_turn():
    same = [_read(f"s{number}", 0.5, 0.45) for number in range(3)]
    other = Read("other", None, START, (("c", 0.5), ("d", 0.4)))
    assert _ids([*same, other], most=2)[1] == "other"


def test_there_is_nothing_to_ask_where_no_two_categories_are_likely():
    assert _ids([_read("nothing"), _read("one", 1.0)]) == []
    assert _ids([], most=3) == []


@given(READS, st.integers(0, 8), st.sets(st.integers(0, 10**6).map(str)))
def test_never_two_of_an_issue_never_too_many_never_the_same_answer_twice(reads, most, answered):
    found = asking(reads, answered, most)
    assert found == asking(list(reversed(reads)), answered, most)
    assert len(found) <= most
    assert not {one.order_id for one in found} & answered
    issues = [one.issue for one in found if one.issue is not None]
    assert len(issues) == len(set(issues))


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ([_read("1", 0.5, 0.4)], "请您判断。"),
        ([_read("1", 0.5, 0.4), _read("2", 0.9, 0.1)], "近期有2件类似工单，答复"),
        ([_read("1", 0.5, 0.4, issue="i"), _read("2", 0.9, 0.1, issue="i")], "其中同一诉求2件"),
    ],
)
def test_each_question_says_why_it_is_asked(reads, told):
    said = because(asking(reads, (), 1)[0], {"a": "餐饮油烟", "b": "占道经营"})
    assert said.startswith("系统在“餐饮油烟”（50%）与“占道经营”（40%）之间难以区分")
    assert told in said
