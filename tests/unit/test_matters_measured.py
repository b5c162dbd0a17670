"""What is asked when telling matters is measured, and how the answers are counted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.matters import JOINS, Answered, one_matter, one_matter_twice, shares, two_matters, without
from training.taxonomy import Example, read_taxonomy
from triage.classify.taxonomy import Category, Taxonomy
from triage.policy.schema import Duty

TAXONOMY = Taxonomy(
    {
        "light": Category("light", "路灯照明", "城乡建设", "路灯不亮。"),
        "fumes": Category("fumes", "餐饮油烟", "环境保护", "油烟扰民。", {"stalls": "占路的是摊贩"}),
        "stalls": Category("stalls", "占道经营", "城乡建设", "摆摊占道。"),
        "bins": Category("bins", "垃圾清运", "城乡建设", "垃圾没人清。"),
    }
)
PACK: Any = SimpleNamespace(
    duties={
        "light": Duty(lead="power", entry="路灯"),
        "fumes": Duty(lead="squad", entry="油烟"),
        "stalls": Duty(lead="street", entry="占道"),
        "bins": Duty(lead="street", entry="垃圾"),
    }
)
WRITTEN = read_taxonomy()
ANY = WRITTEN.categories[0].examples[0]


def _example(category: str, text: str, request_type: str = "complaint") -> Example:
    return replace(ANY, category=category, text=text, title="", request_type=request_type)


EXAMPLES = [
    _example("light", "巷口的路灯坏了一个月。"),
    _example("light", "晚上黑灯瞎火看不见路！"),
    _example("fumes", "楼下烧烤店的烟直往屋里灌"),
    _example("stalls", "人行道上全是摆摊的走不过去"),
    _example("bins", "垃圾桶满了三天没有人清"),
    _example("bins", "请问垃圾几点来收，我好下楼", "consultation"),
    _example("bins", "太短了"),
    _example("bins", "垃圾" * 40),
]


def _pairs(count: int = 100, seed: int = 0):
    return list(two_matters(EXAMPLES, count, TAXONOMY, PACK, np.random.default_rng(seed)))


def test_two_matters_go_to_different_places_and_are_not_taken_for_each_other():
    found = {pair.categories for pair in _pairs()}
    assert found == {
        frozenset(pair) for pair in (("light", "fumes"), ("light", "stalls"), ("light", "bins"), ("fumes", "bins"))
    }


def test_two_matters_are_joined_by_a_word_of_addition_and_as_many_as_are_wanted():
    assert len(_pairs(count=3)) == 3
    texts = [one.text.rstrip("。！") for one in EXAMPLES]
    for pair in _pairs():
        assert any(f"{first}{join}" in pair.text for first in texts for join in JOINS)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_asks_the_same(seed):
    assert _pairs(seed=seed) == _pairs(seed=seed)


def test_a_matter_told_twice_is_two_brief_complaints_of_one_category():
    [only] = one_matter_twice(EXAMPLES, np.random.default_rng(0))
    assert only.categories == {"light"}
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
