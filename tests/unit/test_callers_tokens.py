from __future__ import annotations

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.errors import BadInput
from triage.domain.orders import Caller
from triage.similar.callers.tokens import CallerTokens

SECRET = b"a secret of the town"
TOKENS = CallerTokens(SECRET, area_code="021")
MOBILES = st.integers(13_000_000_000, 19_999_999_999).map(str)
HOME = "临沂路88弄8号301室"


def _value(name: str = "", phone: str = "", address: str = "", tokens: CallerTokens = TOKENS) -> str | None:
    token = tokens.token(Caller(name, phone), address)
    return token.value if token else None


def test_a_number_with_a_country_prefix_gives_the_same_token() -> None:
    assert _value(phone="+86 138-1234-1234") == _value("张建国", "13812341234", HOME)


def test_a_number_beats_the_name_and_a_name_with_a_place_a_masked_number() -> None:
    strengths = [
        (Caller("张建国", "13812341234"), "phone"),
        (Caller("张建国", "138****1234"), "name_and_place"),
        (Caller("匿名", "138****1234"), "masked_phone"),
        (Caller("张建国", "不详"), "name_and_place"),
        (Caller("张先生", ""), "name_and_place"),
    ]
    for caller, strength in strengths:
        token = TOKENS.token(caller, HOME)
        assert token is not None
        assert (token.strength, token.weak) == (strength, strength != "phone")


def test_nobody_has_no_token() -> None:
    assert _value() is None
    assert _value("匿名", "12345", HOME) is None
    assert _value("市民", "11111111111", HOME) is None
    assert _value("张建国", "无") is None  # a name without a place
    assert _value("张先生", "", "临沂路88弄8号") is None  # a surname without a door
    assert _value("张先生", "", "") is None


def test_a_full_name_holds_within_its_compound_and_a_surname_behind_its_door() -> None:
    assert (
        _value("张建国", "", HOME) == _value("张建国先生", "", "浦东新区临沂路88弄") != _value("张建国", "", "浦三路")
    )
    assert _value("张先生", "", HOME) == _value("张先生", "", "临沂路88弄8-301") != _value("张女士", "", HOME)


@given(MOBILES, MOBILES)
def test_two_numbers_never_have_one_token(one: str, other: str) -> None:
    assert (_value(phone=one) == _value(phone=other)) == (one == other)


@given(MOBILES)
def test_nothing_of_the_number_stands_in_the_token(number: str) -> None:
    token = TOKENS.token(Caller("张建国", number))
    assert token is not None
    assert len(token.value) == len("c1-") + 24
    assert not any(number[at : at + 7] in repr(token) for at in range(5))
    assert number not in repr(TOKENS)


def test_tokens_of_different_strength_never_meet() -> None:
    values = [
        _value(phone="13812341234"),
        _value(phone="138****1234"),
        _value("张建国", "", HOME),
        TOKENS.household(HOME),
    ]
    assert [value and value[:3] for value in values] == ["c1-", "m1-", "n1-", "h1-"]
    assert len({value and value[3:] for value in values}) == 4


def test_another_secret_or_version_gives_another_token() -> None:
    values = {
        _value(phone="13812341234", tokens=tokens)
        for tokens in (TOKENS, CallerTokens(SECRET, version=2), CallerTokens(b"another secret of it"))
    }
    assert len(values) == 3
    assert {(value or "")[:3] for value in values} == {"c1-", "c2-"}


def test_a_token_is_what_the_page_about_callers_says() -> None:
    digest = hmac.digest(SECRET, b"1\0phone\x0013812341234", "sha256")
    assert _value(phone="138 1234 1234") == "c1-" + base64.b32encode(digest[:15]).decode().lower()


def test_numbers_that_are_nobodys_give_no_token() -> None:
    tokens = CallerTokens(SECRET, area_code="021", not_callers=["13800138000", "5870 1234"])
    assert _value("匿名", "138 0013 8000", HOME, tokens) is None
    assert (_value("张建国", "021-58701234", HOME, tokens) or "").startswith("n1-")


def test_a_short_secret_and_other_bad_settings_are_refused_without_being_repeated() -> None:
    with pytest.raises(BadInput, match="secret: has 15 bytes; at least 16 are needed; version: 0") as short:
        CallerTokens(b"fifteen bytes!!", version=0)
    assert "fifteen" not in str(short.value)
    with pytest.raises(BadInput, match="area code"):
        CallerTokens(SECRET, area_code="21")
    with pytest.raises(BadInput, match=r"not_callers\.1") as no_number:
        CallerTokens(SECRET, not_callers=["13800138000", "4711"])
    assert "4711" not in str(no_number.value)


def test_the_secret_is_neither_kept_nor_shown() -> None:
    assert repr(TOKENS) == "CallerTokens(…, version=1)"
    assert not any(getattr(TOKENS, name) == SECRET for name in CallerTokens.__slots__)


def test_a_household_is_its_door_in_the_address_or_in_the_text() -> None:
    assert TOKENS.household(HOME) == TOKENS.household("临沂路88弄", "我家住临沂路88弄8-301，楼上漏水") is not None
    assert TOKENS.household("临沂路88弄8号") is TOKENS.household("") is None


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_any_caller_has_a_token_or_none(name: str, phone: str, address: str) -> None:
    token = TOKENS.token(Caller(name, phone), address)
    assert token == TOKENS.token(Caller(name, phone), address)
