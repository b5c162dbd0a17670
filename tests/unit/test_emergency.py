"""The net of words under the emergency head: it must hold what is happening now, and nothing that is over or feared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classify.emergency import LONGEST, cry_for_help


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("对门两口子打起来了，男的拿着刀", "110", "打起来了"),
        ("老人走失了，穿一件灰棉袄", "110", "走失了"),
        ("后排仓库起火，门前停满了车，消防车过不去", "119", "仓库起火"),
        ("厨房着火，我们都跑下楼了", "119", "厨房着火"),
        ("电动车正在燃烧，就在单元门口", "119", "正在燃烧"),
        ("有人落水，岸上没人会游泳", "119", "落水"),
        ("我妈躺在地上叫不醒", "120", "叫不醒"),
        ("前面两辆货车追尾了", "122", "追尾了"),
        ("您好。电梯困人。请快一点。", "119", "电梯困人"),
    ],
)
def test_what_is_happening_now_calls_for_its_line(text, line, words):
    cry = cry_for_help(text)
    assert cry is not None
    assert (cry.line, text[cry.start : cry.end]) == (line, words)


@pytest.mark.parametrize(
    "text",
    [
        "去年仓库起火，赔偿到现在没有谈拢",
        "厨房起火原因是电线老化，请问保险赔吗",
        "楼道起火隐患请消防来看一看",
        "楼道着火的那户说是物业的责任",
        "万一仓库起火，消防车根本进不来",
        "电梯困人频发，物业不修",
        "预防煤气中毒要注意什么",
        "落水洞村的路灯不亮",
        "老人走失了怎么办理寻人登记",
        "跟抢劫一样，一小时收二十",
        "路灯不亮",
        "",
    ],
)
def test_what_is_over_feared_asked_about_or_a_figure_of_speech_does_not(text):
    assert cry_for_help(text) is None


def test_what_is_over_does_not_silence_the_next_sentence():
    text = "去年就烧过一次。现在仓库起火，快来人！"
    cry = cry_for_help(text)
    assert cry is not None
    assert text[cry.start : cry.end] == "仓库起火"


def test_a_long_story_is_no_cry():
    cry = "仓库起火。"
    assert cry_for_help(cry + "事" * (LONGEST - len(cry))) is not None
    assert cry_for_help(cry + "事" * (LONGEST - len(cry) + 1)) is None


@given(st.text(max_size=2 * LONGEST))
def test_whatever_is_written_a_cry_lies_inside_it(text):
    cry = cry_for_help(text)
    assert cry is None or 0 <= cry.start < cry.end <= len(text)
