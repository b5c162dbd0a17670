from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.language.clean import clean


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("１２号楼Ａ座，电话０２１", "12号楼A座，电话021"),
        ("工 单 编 号", "工单编号"),
        ("噪 音扰 民", "噪音扰民"),
        ("临沂路 88 弄", "临沂路 88弄"),
        ("有噪音,请处理!!", "有噪音，请处理！"),
        ("金额3.5万,共1,200户", "金额3.5万，共1,200户"),
        ("早上７：３０开始", "早上7:30开始"),
        ("油烟很大！！！！！！", "油烟很大！"),
        ("啊啊啊啊啊啊太吵了", "啊啊啊太吵了"),
        ("电话13800000000", "电话13800000000"),
        ("嗯，那个那个，路灯不亮，然后然后然后没人修", "那个，路灯不亮，然后没人修"),
        ("病人呃逆不止", "病人呃逆不止"),
        ("電梯壞了，請儘快處理", "电梯坏了，请尽快处理"),
        ("乾隆年間的廟", "乾隆年间的庙"),
        ("⼯单", "工单"),
        ("<p>路灯不亮</p>请&nbsp;修&amp;换", "路灯不亮\n请修&换"),
        ("温度<30度，湿度>60", "温度<30度，湿度>60"),
        ("搅\u200b拌\ufeff站\u202e\x00", "搅拌站"),
        ("坏\ud800了", "坏了"),
        ("　　路灯　　不亮　　", "路灯 不亮"),
        ("第一行\r\n\r\n  第二行", "第一行\n第二行"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_a_text_is_brought_into_one_writing(written: str, read: str) -> None:
    assert clean(written).text == read


def test_a_blank_between_two_typed_words_stays_a_border() -> None:
    assert clean("临沂路 路灯不亮").text == "临沂路 路灯不亮"
    assert clean("A 3区").text == "A 3区"


def test_clean_text_is_left_as_it_is() -> None:
    text = "临沂路88弄8号楼下烧烤店油烟扰民，请处理。"
    cleaned = clean(text)
    assert cleaned.text is text
    assert list(cleaned.offsets) == list(range(len(text) + 1))


def test_a_span_leads_back_to_the_words_written() -> None:
    original = "<b>嗯，</b>臨沂路　　的　攪 拌 站！！！！"
    cleaned = clean(original)
    start = cleaned.text.index("搅拌站")
    assert original[slice(*cleaned.span(start, start + 3))] == "攪 拌 站"
    start = cleaned.text.index("临沂路")
    assert original[slice(*cleaned.span(start, start + 3))] == "臨沂路"
    assert cleaned.span(2, 2) == (cleaned.offsets[2], cleaned.offsets[2])


def test_of_a_long_text_the_head_and_the_tail_stay() -> None:
    original = "头" + "中间" * 30_000 + "尾"
    cleaned = clean(original, limit=1_000)
    assert len(cleaned.text) == 1_000
    assert cleaned.text[0] == "头"
    assert cleaned.text[-1] == "尾"
    assert original[slice(*cleaned.span(999, 1_000))] == "尾"


@given(
    st.text(alphabet=st.characters(), max_size=80)
    | st.text(alphabet="工 单號，,!！嗯那个<b>&amp;\n\ud8001：:", max_size=60)
)
def test_offsets_stay_true_whatever_comes(original: str) -> None:
    cleaned = clean(original, limit=70)
    assert len(cleaned.offsets) == len(cleaned.text) + 1
    assert all(a < b for a, b in zip(cleaned.offsets, cleaned.offsets[1:-1], strict=False))
    assert all(0 <= offset <= len(original) for offset in cleaned.offsets)
    cleaned.text.encode("utf-8")


@pytest.mark.parametrize(
    "part",
    ["<", "<a ", "&amp;", " ", " 工", "a", "，。", "那个，", "嗯，", "處", "\u200b", "\ud800", "<!--", "！", ",", "1 "],
)
def test_a_hostile_text_costs_no_more_than_its_limit(part: str) -> None:
    started = time.perf_counter()
    clean(part * (5_000_000 // len(part)))
    clean(part * (100_000 // len(part)), limit=100_000)
    assert time.perf_counter() - started < 2
