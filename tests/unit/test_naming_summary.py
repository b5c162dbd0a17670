"""The sentence that sums an issue up, out of its own messages."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from triage.similar.naming.summary import LONGEST, SHORTEST, Summary, summary_of
from triage.similar.naming.told import Told

DAY = datetime(2026, 3, 2)
TEXTS = [
    "您好！金浦小区旁边的搅拌站每天夜里施工，噪音很大，扬尘也很严重。谢谢！",
    "我是金浦小区的业主。小区旁边的搅拌站夜里施工，噪音很大。请领导尽快处理，还我们一个安静的家。",
    "搅拌站的噪音让人睡不着。我家孩子今年要中考，每天晚上都在做作业，老婆也神经衰弱。",
    "昨天去参观了博物馆，里面的展品十分丰富，讲解员也很热情。",
]


def told(*texts):
    return [Told(str(number), DAY, "", text) for number, text in enumerate(texts)]


def test_the_sentence_that_shares_most_is_taken_with_its_order():
    summary = summary_of(told(*TEXTS))
    assert summary.text in TEXTS[int(summary.order_id)]
    assert "搅拌站" in summary.text and "噪音很大" in summary.text


def test_neither_greeting_nor_plea_is_in_it():
    text = summary_of(told(*TEXTS)).text
    assert not any(word in text for word in ("您好", "谢谢", "请领导", "我是"))


def test_a_sentence_that_says_who_and_where_is_passed_over():
    said = "金浦小区搅拌站夜里施工噪音很大，我叫张建国，电话13812345678。"
    other = "金浦小区的搅拌站夜里一直在施工，噪音大得没法睡觉。"
    assert summary_of(told(said, said, other)).text == other


def test_a_name_said_in_full_once_is_known_in_later_sentences():
    said = "我叫张建国。张建国家旁边的搅拌站夜里施工噪音很大，小区都睡不好。"
    assert "张建国" not in summary_of(told(said, said)).text


def test_a_name_that_nothing_gives_away_is_passed_over():
    said = "搅拌站夜里施工噪音很大，警官赵钧对此不闻不问。"
    assert "赵钧" not in summary_of(told(said, "金浦小区搅拌站夜里施工噪音很大，没人来管。")).text


def test_a_long_sentence_ends_with_a_whole_clause():
    clause = "金浦小区旁边的搅拌站夜里施工噪音很大，"
    summary = summary_of(told(clause * 20))
    assert SHORTEST <= len(summary.text) <= LONGEST
    assert summary.text.endswith("很大")


def test_where_no_sentence_will_do_the_longest_line_is_given_without_what_is_personal():
    assert summary_of(told("停水", "停水了")) == Summary("停水了", "1")
    assert "13812345678" not in summary_of(told("电话13812345678")).text


def test_an_issue_that_says_nothing_has_no_summary():
    assert summary_of([]) == summary_of(told("")) == Summary("", "")


def test_hostile_lengths_are_bounded():
    for text in ("吵" * 100_000, "吵，" * 50_000, "您好" * 50_000, "1" * 100_000):
        assert len(summary_of(told(text, text)).text) <= LONGEST


@settings(max_examples=25, deadline=None)
@given(st.permutations(told(*TEXTS, *TEXTS)))
def test_the_list_order_changes_nothing(orders):
    assert summary_of(orders) == summary_of(told(*TEXTS, *TEXTS))
