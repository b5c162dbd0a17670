"""One matter or several: where a text is cut, and which of its parts are matters of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.taxonomy import Category, Taxonomy
from triage.desk.matters import SURE, SURE_IN_BRIEF, matters
from triage.desk.parts import LONGEST, MOST, cut, is_talk
from triage.desk.requests import check_request
from triage.desk.written import Written
from triage.domain.decisions import CategoryGuess, Decision, Guess
from triage.domain.orders import Order
from triage.language.clean import clean
from triage.policy.pack.schema import Duty

TAXONOMY = Taxonomy(
    {
        "light": Category("light", "路灯照明", "城乡建设", "路灯不亮。"),
        "bins": Category("bins", "垃圾清运", "城乡建设", "垃圾没人清。"),
        "fumes": Category("fumes", "餐饮油烟", "环境保护", "油烟扰民。", {"stalls": "占路的是摊贩"}),
        "stalls": Category("stalls", "占道经营", "城乡建设", "摆摊占道。"),
        "office": Category("office", "不作为", "纪检监察", "推诿。"),
    }
)
WORDS = {"路灯": "light", "垃圾": "bins", "油烟": "fumes", "摆摊": "stalls", "推诿": "office"}
PACK: Any = SimpleNamespace(
    duties={
        "light": Duty(lead="power", entry="路灯"),
        "bins": Duty(lead="cleaning", entry="垃圾"),
        "fumes": Duty(lead="squad", entry="油烟"),
        "stalls": Duty(lead="squad", entry="占道"),
    }
)


@dataclass
class _Model:
    """Is sure of the category of the one word it knows, and torn where there are two."""

    sure: float = 0.95
    read_so_far: int = 0

    def predict(self, texts: list[str], task: str) -> list[Any]:
        assert task == "category"
        self.read_so_far += len(texts)
        best = [next(iter(self.chances(text).items())) for text in texts]
        return [SimpleNamespace(label=label, confidence=confidence) for label, confidence in best]

    def chances(self, text: str) -> dict[str, float]:
        named = [name for word, name in WORDS.items() if word in text] or list(TAXONOMY.categories)
        known = {name: (self.sure if len(named) == 1 else 0.9 / len(named)) for name in named}
        rest = (1 - sum(known.values())) / len(TAXONOMY.categories)
        chances = {name: known.get(name, rest) for name in TAXONOMY.categories}
        return dict(sorted(chances.items(), key=lambda pair: -pair[1]))


def _found(
    text: str, title: str = "", model: _Model | None = None, pack: Any = PACK, **changes: Any
) -> list[tuple[str, str]]:
    """The matters found, each as its category and its place in what was sent."""
    model = model or _Model()
    order = Order(received_at=datetime(2026, 3, 2), text=text, title=title)
    written = Written(order, clean(title), clean(text))
    chances = model.chances(written.text)
    listed = [CategoryGuess(name, name, "", chance, chance >= 0.02) for name, chance in list(chances.items())[:3]]
    reading = {
        "written": written,
        "understood": True,
        "categories": chances,
        "listed": listed,
        "request_type": Guess("complaint", 1.0),
    }
    found = matters(SimpleNamespace(**reading | changes), model, TAXONOMY, pack)  # type: ignore[arg-type]
    for one in found:
        assert (text if one.field == "text" else title)[one.start : one.end] == one.text
    return [(one.category.id, one.text) for one in found]


def test_two_sure_parts_are_two_matters_each_with_its_own_words():
    assert _found("小区路灯坏了一个月，另外垃圾也好几天没人清了。") == [
        ("light", "小区路灯坏了一个月"),
        ("bins", "另外垃圾也好几天没人清了"),
    ]


def test_a_brief_text_may_go_on_with_a_mere_also():
    assert [name for name, _ in _found("路灯坏了一个月，垃圾也没人清")] == ["light", "bins"]


def test_a_longer_text_does_not_go_on_with_a_mere_also():
    assert _found("路灯坏了一个月，垃圾也没人清。" + "这里住着很多老人和孩子，大家平时都从这里走过。" * 3) == []


def test_one_matter_is_none_of_several_and_nothing_more_is_read():
    model = _Model()
    assert _found("小区的路灯坏了一个月，晚上看不清楚", model=model) == []
    assert model.read_so_far == 0


def test_consequences_without_a_word_of_addition_are_the_same_matter():
    assert _found("路灯坏了一个月。垃圾看不清踩了一脚。") == []


def test_an_unsure_part_is_no_matter():
    assert _found("路灯坏了一个月，另外垃圾没人清了", model=_Model(sure=SURE_IN_BRIEF - 0.01)) == []
    assert len(_found("路灯坏了一个月，另外垃圾没人清了", model=_Model(sure=SURE_IN_BRIEF))) == 2


def test_a_longer_text_needs_parts_that_are_surer():
    text = "路灯坏了一个月。" + "这里住着很多老人和孩子，大家平时都从这里走过。" * 4 + "另外垃圾没人清了。"
    assert _found(text, model=_Model(sure=SURE - 0.01)) == []
    assert len(_found(text, model=_Model(sure=SURE))) == 2


def test_two_parts_for_one_unit_in_one_domain_are_one_matter():
    one_unit = SimpleNamespace(duties={name: Duty(lead="power", entry="设施") for name in PACK.duties})
    assert _found("小区路灯坏了一个月，另外垃圾好几天没人清", pack=one_unit) == []


def test_two_categories_that_are_easily_confused_are_two_matters_only_if_the_whole_text_says_so():
    text = "烧烤店油烟很大，另外夜里摆摊占了人行道"
    assert [name for name, _ in _found(text)] == ["fumes", "stalls"]
    shares = {"fumes": 0.94, "stalls": 0.05, "light": 0.01, "bins": 0.0, "office": 0.0}
    assert _found(text, categories=shares) == []


def test_that_an_office_does_nothing_is_no_second_matter():
    assert _found("小区路灯坏了一个月，另外他们两家互相推诿扯皮不来看") == []


def test_the_title_is_no_part_of_its_own():
    assert _found("垃圾好几天没人清了，臭得很", title="路灯坏了") == []


def test_a_title_without_a_text_is_what_is_cut():
    assert _found("", title="路灯坏了一个月，另外垃圾没人清") == [
        ("light", "路灯坏了一个月"),
        ("bins", "另外垃圾没人清"),
    ]


def test_places_are_those_of_what_was_sent():
    assert _found("１、路灯  坏了一个月！！！！！！<br>２、垃圾沒人清了")[1] == ("bins", "２、垃圾沒人清了")


@pytest.mark.parametrize("changes", [{"understood": False}, {"request_type": Guess("suggestion", 0.9)}])
def test_what_is_not_understood_and_what_suggests_is_not_cut(changes):
    assert _found("小区路灯坏了一个月，另外垃圾没人清", **changes) == []


def test_a_long_story_is_not_cut():
    assert _found("小区路灯坏了一个月，另外垃圾没人清。" + "事情是这样的，" * (LONGEST // 7 + 1)) == []


@pytest.mark.parametrize(
    "clause",
    ["您好", "多次向物业反映无果", "打了好几次12345都没人管", "请领导尽快处理", "存在重大安全隐患", "严重影响居民休息"],
)
def test_talk_about_complaining_is_told_from_the_complaint(clause):
    assert is_talk(clause)
    assert cut(f"路灯坏了一个月，{clause}", also=True)[-1].end == len("路灯坏了一个月")


@pytest.mark.parametrize("clause", ["垃圾没人清", "我要举报饭店油烟扰民", "请问社保卡怎么补办"])
def test_a_complaint_is_no_talk(clause):
    assert not is_talk(clause)


def test_numbered_points_and_words_of_addition_begin_a_part():
    text = "1、路灯不亮了；2、垃圾没人清；还有井盖松动了"
    assert [text[part.start : part.end] for part in cut(text, also=False)] == [
        "1、路灯不亮了",
        "2、垃圾没人清",
        "还有井盖松动了",
    ]


def test_too_short_a_clause_goes_with_its_neighbour():
    text = "暖气不热，还有物业费年年涨"
    assert [text[part.start : part.end] for part in cut(text, also=False)] == [text]


@given(st.text("路灯坏了，。；！另外还有也1、请领导 \n", max_size=300), st.booleans())
def test_whatever_is_cut_the_parts_are_few_and_in_order(text, also):
    parts = cut(text, also=also)
    assert len(parts) <= MOST
    ends = [0, *(place for part in parts for place in (part.start, part.end)), len(text)]
    assert ends == sorted(ends)


def _decided(service: Any, text: str) -> Decision:
    order = {"received_at": "2026-03-02T09:00", "text": text}
    decision: Decision = service.decide(check_request({"policy": "nanmatou", "order": order}))
    return decision


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("小区路灯坏了一个月", "另外楼道里堆满了杂物没人管"),
        ("地铁口共享单车堆成山", "另外旁边的窨井盖松了，车一压咣当响"),
        ("楼下烧烤店油烟很大", "此外，小区垃圾好几天没有清运"),
        ("邻居的狗半夜叫个不停", "另外小区绿化带里的树快枯死了"),
        ("快递员把包裹弄丢了不赔", "另外楼上一直往下扔烟头"),
        ("公司拖欠我三个月工资", "还有楼上邻居的广场舞音响太吵"),
    ],
)
def test_the_shipped_model_finds_both_matters(service, first, second):
    decision = _decided(service, f"{first}，{second}。")
    assert [one.text for one in decision.matters] == [first, second]
    assert len({one.category.id for one in decision.matters}) == 2
    assert {unit for one in decision.matters for unit in one.units} <= {unit.id for unit in decision.units}
    assert decision.question is None
    assert not decision.dispatch.auto


@pytest.mark.parametrize(
    "text",
    [
        "小区路灯坏了一个月没人修",
        "楼下烧烤店油烟熏得开不了窗，多次投诉也没有用",
        "路口的窨井盖不见了，怕有人掉下去，请尽快处理",
        "邻居家的狗每天半夜叫，打了好几次电话也没人管",
        "公司拖欠工资三个月，还说没有钱发",
        "您好，孩子上小学的学区怎么划分？谢谢！",
        "学校的房子漏水",
        "饭店排风机又吵又冒油烟",
        "街边烧烤摊占着人行道，油烟也大",
    ],
)
def test_the_shipped_model_finds_one_matter(service, text):
    assert _decided(service, text).matters == ()
