"""The words shown as reasons are the original's own, and without them the model is less sure."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.evidence import pull
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.desk.reading import read_order
from triage.domain.orders import Order

WHEN = datetime.fromisoformat("2026-03-02T09:00+08:00")
MATTERS = [
    "楼下烧烤店每天半夜油烟很大，熏得睡不着，窗户不敢开",
    "小区北门的路灯坏了一个多礼拜，晚上漆黑一片，老人走路不方便",
    "请问失业以后怎么领取失业保险金，需要带哪些材料",
    "工地凌晨两点还在打桩，声音太大，全家没法休息",
    "物业收了物业费却不打扫楼道，电梯里垃圾成堆",
    "公司拖欠了三个月工资，老板电话也不接，请帮忙讨要",
    "幼儿园门口早晚都有人乱停车，孩子过马路很危险",
    "邻居在楼顶搭了彩钢板房，雨水全流到我家墙上",
]
WORDS = "油烟 路灯 不亮 油\u200b烟 ＬＥＤ路灯 路燈壞了 噪\u3000音 𠮷野家 那个那个 物業 烧烤店 ，熏得".split(" ")
MARKS = ["😡", "<br>", "&nbsp;", "İ", "Σ", "12号", "１３楼", "！！！！", "嗯", "。", "\n", " ", "\ud800", "\x1e"]
PIECES = st.sampled_from([*WORDS, *MARKS])
written = st.lists(PIECES, max_size=25).map("".join)


@pytest.fixture(scope="module")
def town(service):
    return service.town("nanmatou")


@pytest.fixture(scope="module")
def read(service, town):
    return lambda text, title="": read_order(Order(WHEN, text=text, title=title), service.model, service.taxonomy, town)


def _assert_own_words(reading, text, title):
    for spans in reading.evidence.values():
        for span in spans:
            original = {"title": title, "text": text}[span.field]
            assert 0 <= span.start < span.end <= len(original)
            assert span.text == original[span.start : span.end]


@pytest.mark.parametrize("text", MATTERS)
def test_without_the_telling_words_the_model_is_less_sure(service, read, text):
    reading = read(text)
    best = reading.listed[0]
    rest = text
    for span in sorted(reading.evidence["category"], key=lambda span: -span.start):
        rest = rest[: span.start] + rest[span.end :]
    for span in reading.evidence["category"]:
        rest = rest.replace(span.text, "")
    after = service.model.read(as_read("", rest)).probabilities("category")[best.id]
    assert after < best.confidence


@pytest.mark.parametrize("text", MATTERS)
def test_the_strongest_word_costs_more_than_a_word_that_is_not_named(service, read, text):
    reading = read(text)
    best, spans = reading.listed[0], reading.evidence["category"]
    chance = service.model.read(as_read("", text.replace(spans[0].text, ""))).probabilities("category")[best.id]
    other = service.model.read(as_read("", text.replace("，", ""))).probabilities("category")[best.id]
    assert chance < other


def test_words_stand_strongest_first_and_each_once(read):
    spans = read("路灯坏了，路灯坏了，路灯坏了，请修路灯").evidence["category"]
    assert [span.weight for span in spans] == sorted((span.weight for span in spans), reverse=True)
    assert len({span.text for span in spans}) == len(spans) <= 5
    assert all(span.weight > 0 for span in spans)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("小区路灯坏了", "路灯"),
        ("小區路燈壞了", "路燈"),
        ("小区路\u200b灯坏了", "路\u200b灯"),
        ("😡😡𠮷小区路灯坏了", "路灯"),
        ("ＬＥＤ　路灯坏了１２天", "路灯"),
        ("&nbsp;&nbsp;<b>路灯</b>坏了", "路灯"),
        ("嗯嗯那个那个路灯坏了！！！！！！", "路灯"),
        ("İİİİ路灯坏了", "路灯"),
        ("龘龘龘龘龘路灯龘龘龘龘龘龘龘", "路灯"),
    ],
)
def test_words_are_named_as_they_were_written(read, text, word):
    reading = read(text)
    _assert_own_words(reading, text, "")
    assert word in [span.text for span in reading.evidence["category"]]


def test_words_of_the_title_are_named_in_the_title(read):
    title, text = "关于路燈壞了", "晚上看不见路"
    reading = read(text, title)
    _assert_own_words(reading, text, title)
    assert ("title", "路燈") in [(span.field, span.text) for span in reading.evidence["category"]]


def test_a_title_alone_is_enough(read):
    reading = read("", "路灯坏了")
    _assert_own_words(reading, "", "路灯坏了")
    assert {span.field for span in reading.evidence["category"]} == {"title"}


def test_words_at_the_end_of_a_very_long_text_are_found_where_they_stand(read):
    text = "龘靐齉龗" * 7500 + "小区路灯坏了"
    reading = read(text)
    _assert_own_words(reading, text, "")
    assert any(span.start > 29_990 for span in reading.evidence["category"])


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200b", "\x00\x01", "zzzz qqqq"])
def test_where_nothing_is_said_nothing_is_named(read, text):
    assert not read(text).evidence.get("category")


@given(title=written, text=written)
def test_whatever_was_written_the_words_shown_stand_there(read, title, text):
    _assert_own_words(read(text, title), text, title)


def test_words_and_the_rest_are_the_margin_with_opening_and_closing_too():
    texts = ["楼下饭店油烟太大。天天这样。请问谁来管？", "路灯不亮了。晚上摔跤。希望修好！"] * 4
    features = TextFeatures(min_df=1, ends=True).fit(texts)
    head = LinearHead(folds=2).fit(features.transform(texts), ["油烟", "路灯"] * 4)
    reading, row = features.read("饭店油烟。路灯也不亮。谁来修？")
    found = pull(features, head, 0, reading, row)
    margins = head.decision_function(row)[0]
    assert sum(weight for *_, weight in found.words) + found.elsewhere == pytest.approx(
        margins[0] - margins[1], abs=1e-3
    )
