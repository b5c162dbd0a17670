"""What to ask the caller, so that the answer decides who leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from triage.classify.taxonomy import Category, Taxonomy
from triage.desk.candidates import TOGETHER
from triage.desk.question import ASKED, LONGEST_DESCRIPTION, LONGEST_HINT, hint, question
from triage.desk.requests import check_request
from triage.domain.decisions import CategoryGuess, Guess, Question
from triage.policy.pack.schema import Duty

FUMES = Category("fumes", "餐饮油烟", "环境保护", "餐馆排放油烟。", {"food": "说的是店里食品不干净，而不是排烟"})
FOOD = Category("food", "食品安全", "卫生计生", "食品变质、有异物。", {"fumes": "餐馆排烟熏到居民归餐饮油烟"})
NOISE = Category("noise", "经营噪声", "环境保护", "商店、酒吧的声音。")
DOGS = Category("dogs", "犬只管理", "政法", "养犬问题。")
TAXONOMY = Taxonomy({one.id: one for one in (FUMES, FOOD, NOISE, DOGS)})
PACK: Any = SimpleNamespace(
    duties={
        "fumes": Duty(lead="squad", entry="油烟"),
        "food": Duty(lead="market", entry="食品"),
        "noise": Duty(lead="squad", entry="噪声"),
    },
    units={"squad": SimpleNamespace(name="执法队"), "market": SimpleNamespace(name="市场所")},
)


def _asked(chances: dict[str, float], request_type: str = "complaint", understood: bool = True) -> Question | None:
    listed = [CategoryGuess(name, name, "", chance, True) for name, chance in list(chances.items())[:3]]
    reading: Any = SimpleNamespace(
        understood=understood, categories=chances, listed=listed, request_type=Guess(request_type, 1.0)
    )
    return question(reading, TAXONOMY, PACK)


def test_the_question_names_both_categories_and_how_to_know_them():
    asked = _asked({"fumes": 0.5, "food": 0.4})
    assert asked is not None
    assert asked.text == "请问您主要想反映的是餐饮油烟，比如餐馆排烟熏到居民；还是食品安全，比如店里食品不干净？"
    assert [(one.id, one.name, one.units) for one in asked.between] == [
        ("fumes", "餐饮油烟", ("squad",)),
        ("food", "食品安全", ("market",)),
    ]


def test_the_reason_says_who_leads_after_which_answer():
    asked = _asked({"fumes": 0.5, "food": 0.4})
    assert asked is not None
    assert asked.because == "答案决定主办单位：餐饮油烟归执法队，食品安全归市场所"


def test_a_category_nobody_has_the_duty_for_is_said_to_be_so():
    asked = _asked({"fumes": 0.5, "dogs": 0.4})
    assert asked is not None
    assert asked.because.endswith("犬只管理在职责清单中没有对应单位")


def test_three_categories_are_asked_about_in_one_sentence():
    asked = _asked({"fumes": 0.4, "food": 0.3, "noise": 0.2})
    assert asked is not None
    assert asked.text.count("；") == 2 and asked.text.count("还是") == 1
    assert asked.text.endswith("还是经营噪声，比如商店、酒吧的声音？")


@pytest.mark.parametrize(
    ("request_type", "opening"), [("consultation", "想咨询的是"), ("suggestion", "您的建议主要是关于")]
)
def test_the_opening_suits_what_the_caller_wants(request_type, opening):
    asked = _asked({"fumes": 0.5, "food": 0.4}, request_type)
    assert asked is not None and opening in asked.text


@pytest.mark.parametrize(
    ("why", "chances"),
    [
        ("clear", {"fumes": 0.9, "food": ASKED - 0.01}),
        ("the same unit", {"fumes": 0.5, "noise": 0.4}),
        ("too many", {"fumes": 0.3, "food": 0.25, "noise": 0.2, "dogs": 0.15}),
        ("too vague", {"fumes": TOGETHER - ASKED - 0.02, "food": ASKED + 0.01}),
        ("nothing written", {}),
    ],
)
def test_nothing_is_asked_where_an_answer_would_not_decide(why, chances):
    assert _asked(chances) is None, why


def test_nothing_is_asked_about_a_text_that_was_not_understood():
    assert _asked({"fumes": 0.5, "food": 0.4}, understood=False) is None


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("说的是店里食品不干净，而不是排烟", "店里食品不干净"),
        ("主要嫌店里脏归食品安全", "店里脏"),
        ("吃坏了肚子归食品安全，嫌排烟归这里", "吃坏了肚子"),
        ("同一家饭店，说的是饭菜", "饭菜"),
        ("饭菜馊了，与排烟无关", "饭菜馊了"),
        ("饭菜不新鲜而不是排烟", "饭菜不新鲜"),
        ("食品", "食品变质、有异物"),
        ("来源不是厨房", "食品变质、有异物"),
    ],
)
def test_what_writers_were_told_becomes_words_for_callers(why, words):
    other = Category("other", "其他", "环境保护", "其他。", {"food": why})
    assert hint(FOOD, [other]) == words


def test_what_a_category_says_of_itself_beside_the_other_is_used_too():
    kept = Category("kept", "占道施工", "城乡建设", "施工占路。", {"food": "路坏了归道路破损，正在施工才归这里"})
    assert hint(kept, [FOOD]) == "正在施工"


def test_every_pair_of_the_shipped_taxonomy_has_a_short_hint_without_the_writers_words(service):
    categories = service.taxonomy.categories
    for one in categories.values():
        for name in one.look_alikes:
            words = hint(categories[name], [one])
            assert 2 <= len(words) <= max(LONGEST_HINT, LONGEST_DESCRIPTION) + 1, (one.id, name, words)
            assert not any(mark in words for mark in ("归这里", "而不是", "说的是")), (one.id, name, words)


def test_no_category_of_the_shipped_taxonomy_says_only_when_it_happens(service):
    hints = {one.id: hint(one, []) for one in service.taxonomy.categories.values()}
    assert {name: words for name, words in hints.items() if words.endswith(("后", "时"))} == {}


def test_an_older_taxonomy_without_look_alikes_can_still_be_read():
    old = '[{"id": "fumes", "name": "餐饮油烟", "domain": "环境保护", "description": "油烟。"}]'
    assert Taxonomy.from_json(old.encode()).categories["fumes"].look_alikes == {}
    assert Taxonomy.from_json(TAXONOMY.to_json()) == TAXONOMY


AMBIGUOUS = [
    "物业把消防通道锁起来了",
    "公交车的票价乱涨",
    "河边的养猪场往河里排粪水",
    "老房子装修把外墙敲坏漏水",
    "学校门口的小吃摊不卫生",
    "村干部把修路的钱贪了",
    "学校的房子漏水",
    "退休教师的绩效工资和养老金都少算了",
    "商场里的电梯收费",
    "工地的车把村里的路压坏了",
]
PLAIN = [
    "小区路灯坏了一个月没人修",
    "楼下烧烤店油烟熏得开不了窗",
    "公司拖欠工资三个月",
    "路口的窨井盖不见了，怕有人掉下去",
    "孩子上小学的学区怎么划分",
    "邻居家的狗每天半夜叫",
    "楼上经常往下扔烟头",
    "共享单车堆满了地铁口",
]


def _decided(service: Any, text: str, **facts: Any) -> Any:
    order = {"received_at": "2026-03-02T09:00", "text": text}
    return service.decide(check_request({"policy": "nanmatou", "order": order, "facts": facts}))


def test_the_shipped_model_asks_about_what_has_two_homes(service):
    asked = [decision for decision in (_decided(service, text) for text in AMBIGUOUS) if decision.question]
    assert len(asked) >= len(AMBIGUOUS) // 3
    for decision in asked:
        assert not decision.matters
        assert decision.question.text.startswith("请问您") and decision.question.text.endswith("？")
        assert all(choice.name in decision.question.text for choice in decision.question.between)
        assert len({choice.units for choice in decision.question.between}) > 1


@pytest.mark.parametrize("text", PLAIN)
def test_the_shipped_model_asks_nothing_where_the_matter_is_clear(service, text):
    assert _decided(service, text).question is None


def test_nothing_is_asked_where_the_order_goes_back(service):
    text = next(text for text in AMBIGUOUS if _decided(service, text).question)
    assert _decided(service, text, territory="outside").question is None
