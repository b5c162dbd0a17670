"""What is asked when telling matters is measured, and how the answers are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.matters import (
    JOINS,
    POLICY,
    Answered,
    Asked,
    one_matter,
    one_matter_twice,
    shares,
    two_matters,
    without,
)
from training.taxonomy import Example, read_taxonomy
from triage.bootstrap import Service

WRITTEN = read_taxonomy()
ANY = WRITTEN.categories[0].examples[0]


def _example(category: str, text: str, request_type: str = "complaint") -> Example:
    return replace(ANY, category=category, text=text, title="", request_type=request_type)


EXAMPLES = [
    _example("street-light", "巷口的路灯坏了一个月。"),
    _example("street-light", "晚上黑灯瞎火看不见路！"),
    _example("catering-fumes", "楼下烧烤店的烟直往屋里灌"),
    _example("food-safety", "快餐里吃出半截虫子来了"),
    _example("construction-waste", "装修垃圾堆在楼下没人运走"),
    _example("garbage-collection", "垃圾桶满了三天没有人清"),
    _example("garbage-collection", "请问垃圾几点来收，我好下楼", "consultation"),
    _example("garbage-collection", "太短了"),
    _example("garbage-collection", "垃圾" * 40),
]


@pytest.fixture
def pairs(service: Service) -> Callable[..., list[Asked]]:
    """Draws pairs of the examples, for a pack that ships."""
    pack = service.town(POLICY).pack

    def draw(count: int = 100, seed: int = 0) -> list[Asked]:
        return list(two_matters(EXAMPLES, count, service.taxonomy, pack, np.random.default_rng(seed)))

    return draw


def test_two_matters_go_to_different_places_and_are_not_taken_for_each_other(pairs):
    found = {tuple(sorted(asked.categories)) for asked in pairs()}
    # Fumes and building waste go to one unit; fumes and food, bins and building waste are taken for each other.
    assert found == {
        ("catering-fumes", "garbage-collection"),
        ("catering-fumes", "street-light"),
        ("construction-waste", "food-safety"),
        ("construction-waste", "street-light"),
        ("food-safety", "garbage-collection"),
        ("food-safety", "street-light"),
        ("garbage-collection", "street-light"),
    }


def test_two_matters_are_joined_by_a_word_of_addition_and_as_many_as_are_wanted(pairs):
    assert len(pairs(count=3)) == 3
    texts = [one.text.rstrip("。！") for one in EXAMPLES]
    for pair in pairs():
        assert any(f"{first}{join}" in pair.text for first in texts for join in JOINS)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_asks_the_same(pairs, seed):
    assert pairs(seed=seed) == pairs(seed=seed)


def test_a_matter_told_twice_is_two_brief_complaints_of_one_category():
    [only] = one_matter_twice(EXAMPLES, np.random.default_rng(0))
    assert only.categories == {"street-light"}
    assert only.text.startswith("巷口的路灯坏了一个月") and only.text.endswith("晚上黑灯瞎火看不见路！")


def test_one_matter_is_every_complaint_as_it_was_written():
    assert [asked.text for asked in one_matter(EXAMPLES)] == [
        one.text for one in EXAMPLES if one.request_type == "complaint"
    ]


def test_what_is_held_out_is_not_learnt_from_and_all_else_is():
    gone = [one.examples[0] for one in WRITTEN.categories]
    rest = without(WRITTEN, gone)
    assert [one.category for one in rest.categories] == [one.category for one in WRITTEN.categories]
    assert not any(row in gone for one in rest.categories for row in one.examples)
    kept = sum(len(one.examples) for one in rest.categories)
    assert kept == sum(row not in gone for one in WRITTEN.categories for row in one.examples) > 1000


def test_an_order_counts_as_wholly_told_where_all_its_matters_are():
    both, one, other, none = ({"light", "fumes"}, {"light"}, {"light", "bins"}, set())
    answers = [Answered(frozenset(both), frozenset(told)) for told in (both, other, none, none)]
    assert shares(answers) == {"texts": 4, "told_as_several": 0.5, "all_told": 0.25}
    assert shares([Answered(frozenset(one), frozenset(none))])["told_as_several"] == 0
