from __future__ import annotations

import csv
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similar.copies import CopyIndex, Sent, fingerprint, group_sending, same_text

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
TEXT = (
    "尊敬的领导：您好！我们小区北侧原规划为绿地，现在要改建垃圾中转站，距离居民楼不足三十米，异味和噪音会严重影响生活，"
    "全体业主坚决反对，请立即停止施工并公开规划审批材料。投诉人：张建国，电话13812341234"
)
OTHERS = [
    "每天晚上十点以后广场上有人放音响跳舞，孩子第二天要上学，多次劝说没有效果，希望派人管理一下",
    "公交站台的遮雨棚被大风吹坏已经一个月，下雨天老人候车都淋湿，请问什么时候能够修复好",
    "咨询一下外地户口的孩子在本区上小学需要准备哪些材料，什么时候开始报名，在哪里办理手续",
]


def _sent(order_id: str, caller: str | None, minutes: float = 0, text: str = TEXT) -> Sent:
    return Sent(order_id, caller, NOON + timedelta(minutes=minutes), fingerprint(text))


@pytest.mark.parametrize(
    "copy",
    [
        TEXT.replace("张建国", "李秀英").replace("13812341234", "13912345678"),
        TEXT.replace("尊敬的领导：您好！", "书记你好，"),
        TEXT.replace("三十米", "50米"),
        TEXT.replace("，", ",").replace("建", "　建"),
        "<p>" + TEXT + "</p>",
        TEXT.replace("请立即停止施工", "请马上停止施工") + "希望早日得到答复",
        TEXT[20:],
    ],
)
def test_a_copy_with_small_changes_is_the_same_text(copy: str) -> None:
    assert same_text(fingerprint(TEXT), fingerprint(copy))


@pytest.mark.parametrize("other", OTHERS)
def test_another_text_is_not(other: str) -> None:
    assert not same_text(fingerprint(TEXT), fingerprint(other))


def test_a_short_text_is_the_same_only_letter_for_letter() -> None:
    assert same_text(fingerprint("路灯坏了"), fingerprint("路灯，坏了！"))
    assert not same_text(fingerprint("小区门口的路灯坏了"), fingerprint("小区门口的路灯坏"))


def test_a_text_without_a_letter_is_the_same_as_none() -> None:
    for text in ("", " ", "。", "12345", "您好！", "\ud800"):
        assert fingerprint(text).letters == 0
        assert not same_text(fingerprint(text), fingerprint(text))


def test_an_excerpt_is_not_the_same_text() -> None:
    assert not same_text(fingerprint(TEXT), fingerprint(TEXT + "。".join(OTHERS)))
    assert not same_text(fingerprint("太吵了怎么没人管" * 5), fingerprint("太吵了怎么没人管" * 500))


@given(st.text(max_size=200))
def test_any_text_has_a_fingerprint_of_bounded_size(text: str) -> None:
    mark = fingerprint(text)
    assert len(mark.digest) == 16
    assert len(mark.sketch) <= 256
    assert mark == fingerprint(text)
    assert mark.letters == 0 or mark.resemblance(mark) == 1


@given(st.text(alphabet="小区门口路灯坏了请修", max_size=60), st.text(alphabet="小区门口路灯坏了请修", max_size=60))
def test_resemblance_is_the_same_both_ways(one: str, other: str) -> None:
    a, b = fingerprint(one), fingerprint(other)
    assert a.resemblance(b) == b.resemblance(a)
    assert same_text(a, b) == same_text(b, a)


def test_the_longest_text_costs_what_its_beginning_and_end_cost() -> None:
    text = "".join(chr(0x4E00 + at * 7919 % 20_000) for at in range(100_000))
    assert fingerprint(text).letters <= 20_000
    assert fingerprint("啊" * 100_000).letters <= 6


# --- the index -----------------------------------------------------------------------------------------------


def test_earlier_copies_are_found_and_nothing_later() -> None:
    index = CopyIndex()
    for at in (3, 1, 2):
        index.add(str(at), fingerprint(TEXT), NOON + timedelta(hours=at))
    index.add("other", fingerprint(OTHERS[0]), NOON)
    near = fingerprint(TEXT.replace("三十米", "50米") + "盼复")
    assert [copy.order_id for copy in index.find(near, NOON + timedelta(hours=2))] == ["1", "2"]
    assert index.find(near, NOON + timedelta(days=8)) == ()
    assert index.find(fingerprint(OTHERS[1]), NOON) == ()
    assert index.find(fingerprint(""), NOON) == ()


def test_a_million_copies_would_be_one_text_of_the_latest_orders() -> None:
    index, mark = CopyIndex(orders=5), fingerprint(TEXT)
    for at in range(10_000):
        index.add(str(at), mark, NOON + timedelta(seconds=at))
    assert len(index) == 1
    found = index.find(mark, NOON + timedelta(days=1))
    assert [copy.order_id for copy in found] == ["9995", "9996", "9997", "9998", "9999"]


def test_the_same_order_again_changes_nothing() -> None:
    index = CopyIndex()
    index.add("1", fingerprint(TEXT), NOON)
    index.add("1", fingerprint(TEXT), NOON + timedelta(hours=1))
    assert [copy.received_at for copy in index.find(fingerprint(TEXT), NOON + timedelta(hours=2))] == [NOON]


def test_what_is_older_than_the_window_is_forgotten() -> None:
    index = CopyIndex()
    for day, text in enumerate(["路灯坏了", "井盖松动", "污水外溢", "树枝折断"]):
        index.add(text, fingerprint(text), NOON + timedelta(days=day * 4))
    assert len(index) == 2
    assert index.find(fingerprint("路灯坏了"), NOON) == ()


def test_the_text_that_came_longest_ago_goes_first_when_there_are_too_many() -> None:
    index = CopyIndex(texts=2)
    for at, text in enumerate(["路灯坏了", "井盖松动", "路灯坏了", "污水外溢"]):
        index.add(str(at), fingerprint(text), NOON + timedelta(minutes=at))
    assert len(index) == 2
    assert len(index.find(fingerprint("路灯坏了"), NOON + timedelta(hours=1))) == 2
    assert index.find(fingerprint("井盖松动"), NOON + timedelta(hours=1)) == ()


def test_a_clock_far_in_the_future_or_the_past_does_not_empty_the_index() -> None:
    index = CopyIndex()
    texts = [
        f"{one}路的{other}坏了"
        for one in "甲乙丙丁戊己庚"
        for other in ("路灯", "井盖", "栏杆", "站牌", "护栏", "座椅", "花坛")
    ]
    for at, text in enumerate(texts):
        index.add(str(at), fingerprint(text), NOON + timedelta(minutes=at))
    index.add("future", fingerprint(TEXT), NOON + timedelta(days=30_000))
    index.add("past", fingerprint(OTHERS[0]), NOON - timedelta(days=30_000))
    assert len(index) == len(texts)
    assert index.find(fingerprint(texts[-1]), NOON + timedelta(hours=1))


def test_a_flood_of_texts_that_are_nearly_alike_stays_bounded() -> None:
    index = CopyIndex(texts=100)
    for at in range(300):
        unlike = "".join(chr(0x4E00 + (at * 97 + place * 31) % 20_000) for place in range(60))
        index.add(str(at), fingerprint("请有关部门尽快处理以下问题并给予答复" + unlike), NOON)
    assert len(index) == 100


# --- group sending -------------------------------------------------------------------------------------------


def test_forty_telephones_with_one_text_are_group_sending() -> None:
    sent = [_sent(f"{at:02}", f"c1-{at}", at, TEXT.replace("三十", str(at))) for at in range(40)]
    [found] = group_sending(sent, NOON + timedelta(days=1))
    assert len(found.callers) == len(found.orders) == 40
    assert (found.first_at, found.latest_at) == (NOON, NOON + timedelta(minutes=39))
    assert found.because == "40位来电人发来内容相同的工单40件（05-06 12:00至05-06 12:39），疑为群发工单，请人工认定"


def test_one_caller_with_the_same_text_is_a_repeat() -> None:
    assert group_sending([_sent(str(at), "c1-a", at) for at in range(40)], NOON + timedelta(days=1)) == ()


def test_unknown_callers_prove_nobody_but_their_orders_are_listed() -> None:
    unknown = [_sent(f"x{at}", None, at) for at in range(40)]
    assert group_sending(unknown, NOON + timedelta(days=1)) == ()
    [found] = group_sending([*unknown, *(_sent(str(at), f"c1-{at}") for at in range(5))], NOON + timedelta(days=1))
    assert (len(found.orders), len(found.callers)) == (45, 5)


def test_only_the_window_up_to_the_moment_counts() -> None:
    sent = [_sent(str(at), f"c1-{at}", at * 24 * 60) for at in range(10)]
    assert len(group_sending(sent, NOON + timedelta(days=6))[0].orders) == 7
    assert group_sending(sent, NOON + timedelta(days=3)) == ()
    assert len(group_sending(sent, NOON + timedelta(days=3), least_callers=4)) == 1


def test_short_complaints_of_many_are_not_group_sending() -> None:
    assert group_sending([_sent(str(at), f"c1-{at}", text="小区停水了") for at in range(40)], NOON) == ()


def test_different_texts_are_different_sendings_most_callers_first() -> None:
    sent = [_sent(f"a{at}", f"c1-{at}", text=OTHERS[0]) for at in range(5)]
    sent += [_sent(f"b{at}", f"c1-{at}", text=OTHERS[1]) for at in range(6)]
    assert [len(found.callers) for found in group_sending(sent, NOON)] == [6, 5]


@given(st.permutations(range(12)))
def test_the_order_of_arrival_does_not_matter(places: list[int]) -> None:
    sent = [_sent(f"{at:02}", f"c1-{at % 7}", at, TEXT if at % 2 else OTHERS[0]) for at in range(12)]
    expected = group_sending(sent, NOON + timedelta(days=1))
    assert group_sending([sent[at] for at in places], NOON + timedelta(days=1)) == expected


def test_ten_thousand_copies_are_one_sending() -> None:
    mark = fingerprint(TEXT)
    sent = [Sent(str(at), f"c1-{at}", NOON, mark) for at in range(10_000)]
    [found] = group_sending(sent, NOON)
    assert len(found.callers) == 10_000


# --- measured ------------------------------------------------------------------------------------------------


def _changed(text: str, share: float, rng: random.Random) -> str:
    """The text with a share of its characters replaced by frequent ones."""
    letters = list(text)
    for _ in range(max(1, int(len(letters) * share))):
        letters[rng.randrange(len(letters))] = rng.choice("的一是不了在人有我他这中大来上国和说")
    return "".join(letters)


@pytest.mark.real_messages
def test_copies_of_real_messages_are_found_as_often_as_the_page_says() -> None:
    folder = Path(os.environ.get("TRIAGE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    path = folder / "messages_stream.csv"
    if not path.exists():
        pytest.skip(f"no real messages at {path}; set TRIAGE_DATA to their folder")
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [text for row in csv.DictReader(file) if len(text := row["text"].strip()) >= 25][:800]
    rng, marks = random.Random(1), [fingerprint(text) for text in texts]

    def found(share: float) -> float:
        changed = [fingerprint(_changed(text, share, rng)) for text in texts]
        return sum(map(same_text, marks, changed)) / len(texts)

    assert found(0.02) >= 0.995
    assert found(0.05) >= 0.98
    shuffled = marks[:]
    rng.shuffle(shuffled)
    assert sum(map(same_text, marks, shuffled)) <= 8  # the stream has copies, and a text may meet itself
