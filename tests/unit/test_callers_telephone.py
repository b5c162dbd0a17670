from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.errors import BadInput
from triage.similar.callers.telephone import read_telephone

MOBILES = st.integers(13_000_000_000, 19_999_999_999).map(str)
FULL_WIDTH = str.maketrans("0123456789+-() ", "０１２３４５６７８９＋－（）　")
SPOKEN = str.maketrans("0123456789", "零幺二三四五六七八九")
GROUPS = [(3, 4, 4), (3, 3, 5), (11,), (4, 4, 3), (1,) * 11]


def _digits(written: str, area_code: str = "") -> str | None:
    found = read_telephone(written, area_code)
    return found.digits if found else None


@st.composite
def _written(draw: st.DrawFn, number: str) -> str:
    parts, rest = [], number
    for size in draw(st.sampled_from(GROUPS)):
        parts, rest = [*parts, rest[:size]], rest[size:]
    form = draw(st.sampled_from(["", "+86", "0086", "86", "+86 ", "(+86)", "+86-", "0"]))
    form += draw(st.sampled_from(["", " ", "-", ".", " - "])).join(parts)
    form = form.translate(draw(st.sampled_from([{}, FULL_WIDTH, SPOKEN])))
    before = st.sampled_from(["", " ", "电话：", "手机", "（本人）", "\u202d", "1、"])
    after = st.sampled_from(["", " ", "转123", "ext 5", "，", "（微信同号）", "\u202c", " 12345"])
    return draw(before) + form + draw(after)


@given(MOBILES.flatmap(lambda number: st.tuples(st.just(number), _written(number))))
def test_every_written_form_of_a_mobile_number_is_one_number(pair: tuple[str, str]) -> None:
    number, written = pair
    assert _digits(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "021-58701234",
        "021-5870 1234",
        "(021)58701234",
        "（０２１）５８７０－１２３４",
        "021 5870 1234 转 805",
        "021-58701234-805",
        "+86 21 5870 1234",
        "0086-021-58701234",
        "2158701234",
        "2158701234.0",
        "零二一 五八七〇 一二三四",
        "座机02158701234（晚上）",
        "5870 1234",
        "58701234",
        "58701234-805",
    ],
)
def test_a_landline_is_one_number_with_and_without_its_area_code(written: str) -> None:
    assert _digits(written, "021") == "02158701234"


def test_a_landline_of_an_unknown_area_stands_for_itself() -> None:
    assert _digits("5870-1234") == _digits("58701234") == "58701234"
    assert _digits("8765432", "0571") == _digits("0571-8765432") == "05718765432"
    assert _digits("8765432", "021") is None  # Shanghai's have eight digits


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "0", "1", "无", "匿名", "不详", "12345", "11111111111", "12012345678", "1381234123", "138123412345"),
        *("95588", "110", "400-820-1234", "4008201234", "88888888", "20240301", "0000000", "+", "()", "1.38E+10"),
        *("110101199003071234", "6222 0212 3456 7890 123", "58", "5870123*", "138****", "一" * 300, "9" * 100_000),
    ],
)
def test_what_is_no_number_of_a_person_is_none(written: str) -> None:
    assert read_telephone(written) is None


def test_the_first_of_several_numbers_counts_and_the_others_are_told() -> None:
    for written in [
        "13812341234/13912341234",
        "13812341234 13912341234",
        "138 1234 1234、021-58701234",
        "1、13812341234",
    ]:
        assert _digits(written) == "13812341234"
    found = read_telephone("12345；13812341234，13912341234 021-58701234, 138-1234-1234")
    assert found is not None
    assert (found.digits, found.further) == ("13812341234", 2)
    assert _digits("58701234 58705678") == "58701234"


def test_a_masked_number_is_told_apart_however_it_is_masked() -> None:
    masked = [
        read_telephone(written) for written in ("138****1234", "138***1234", "138-xxxx-1234", "＋86 138＊＊＊＊1234")
    ]
    assert {found and (found.kind, found.digits) for found in masked} == {("masked", "138*1234")}
    assert _digits("138****1234 / 13912341234") == "13912341234"
    assert _digits("138*****234") is None  # too little is shown


def test_an_area_code_that_is_none_is_refused() -> None:
    for wrong in ("21", "0", "abc", "０２１"):
        with pytest.raises(BadInput, match="area code"):
            read_telephone("58701234", wrong)


@given(st.text(max_size=300), st.sampled_from(["", "021", "0571"]))
def test_any_text_gives_a_number_of_a_known_form_or_none(written: str, area_code: str) -> None:
    found = read_telephone(written, area_code)
    assert found is None or found.digits.isascii()
    assert found is None or found.digits not in repr(found)


@given(
    st.lists(st.sampled_from(["1", "13", "138", " ", "-", "+", "(", "86", "021", "*", "5870", ".", "转"]), max_size=150)
)
def test_fragments_of_numbers_are_read_to_the_end(parts: list[str]) -> None:
    found = read_telephone("".join(parts))
    assert found is None or 7 <= len(found.digits) <= 12
