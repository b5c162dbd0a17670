"""What of an order is compared: words, places and times, bounded, and never anybody's telephone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.language.places import PlaceFinder
from triage.similar.signature import READ, Signature, SignatureReader

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
READER = SignatureReader(PlaceFinder({"compounds": ["金浦小区"], "districts": ["云溪区"]}))


def read(title: str, text: str = "", **more: str) -> Signature:
    return READER.read("1", AT, title, text, **more)


def test_words_of_the_gist_count_twice():
    assert read("搅拌站噪音", "夜里开工，搅拌站不停。").terms["搅拌站"] == 3


def test_where_there_is_no_title_the_first_sentences_are_the_gist():
    found = read("", "金浦小区北面的搅拌站半夜开工，吵得大家睡不着。" + "请来查一查。" * 40)
    assert found.gist.startswith("金浦小区北面的搅拌站")
    assert len(found.gist) <= 60


def test_a_compound_is_the_same_place_with_and_without_its_generic_ending():
    assert read("金浦小区电梯故障").places == read("金浦居民区电梯故障").places == ("金浦",)


def test_a_road_is_a_place_but_not_a_spot():
    found = read("金浦小区旁临沂路路灯不亮")
    assert set(found.places) == {"金浦", "临沂路"}
    assert found.spots == ("金浦",)


def test_a_county_said_together_with_a_name_is_the_county_and_the_name():
    together, apart = read("云溪区锦棠苑小区电梯故障"), read("云溪区，锦棠苑小区电梯故障")
    assert together.places == apart.places == ("锦棠苑",)
    assert together.districts == apart.districts == (("云溪区",), ())


def test_one_township_has_one_name_however_its_office_is_called():
    ways = ["青石街道", "云溪区青石街道", "青石街道办", "青石街道办事处"]
    assert {read(f"{way}，金浦小区垃圾没人清").districts[1] for way in ways} == {("青石街道",)}


@pytest.mark.parametrize("name", ["社区医院", "住宅区环境", "开发区大楼", "小区花园"])
def test_what_only_ends_like_a_county_is_none(name):
    assert not read(f"{name}门口的垃圾").districts[0]


def test_the_stated_address_says_where_as_the_gist_does():
    found = read("电梯坏了", address="云溪区，金浦小区3号楼")
    assert found.spots == ("金浦",)
    assert found.districts[0] == ("云溪区",)


def test_no_telephone_number_is_among_the_words():
    found = read("请回电13812345678", "我的手机13812345678，身份证310101199003071233。")
    assert not any(mark in word for word in [found.gist, *found.terms] for mark in ("13812345678", "310101"))


def test_what_stands_after_the_part_that_is_read_changes_nothing():
    text = "金浦小区电梯坏了。" * 400
    assert read("", text) == read("", text + "垃圾")
    assert sum(read("", text * 30).terms.values()) <= 2 * READ


@pytest.mark.parametrize("text", ["", " ", "。", "吵", "😀😀", "\x00\ud800", "的了是"])
def test_a_text_that_says_nothing_has_no_words_and_no_place(text):
    found = READER.read("1", AT, text, text)
    assert found.places == ()
    assert not found.thing


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_text_can_be_read_and_twice_the_same(title, text):
    found = READER.read("1", AT, title, text)
    assert found == READER.read("1", AT, title, text)
    assert all(len(word) > 1 and count > 0 for word, count in found.terms.items())
    assert len(found.places) <= 12


def test_a_hundred_thousand_characters_are_no_more_than_their_beginning():
    assert READER.read("1", AT, "", "吵" * 100_000) == READER.read("1", AT, "", "吵" * 5_000)
