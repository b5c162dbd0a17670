from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similar.callers.repeats import Call, repeat_count
from triage.similar.callers.tokens import CallerToken
from triage.similar.copies import fingerprint

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
ONE, OTHER = CallerToken("c1-a", "phone"), CallerToken("c1-b", "phone")


def _call(
    order_id: str, hours: float = 0, caller: CallerToken | None = ONE, matter: str = "noise", text: str = ""
) -> Call:
    return Call(order_id, caller, matter, NOON + timedelta(hours=hours), fingerprint(text) if text else None)


def test_the_first_call_is_the_first() -> None:
    found = repeat_count(_call("1"), [], NOON)
    assert (found.count, found.orders, found.because) == (1, ("1",), "该来电人就同一事项第1次来电")


def test_other_matters_and_other_callers_do_not_count() -> None:
    others = [_call("1", -3, matter="lamp"), _call("2", -2, OTHER), _call("3", -1, None), _call("4", -4)]
    found = repeat_count(_call("5"), others, NOON)
    assert (found.count, found.orders) == (2, ("4", "5"))


def test_a_number_of_one_kind_is_not_a_number_of_another() -> None:
    weak = CallerToken("c1-a", "masked_phone")
    assert repeat_count(_call("2"), [_call("1", -1, weak)], NOON).count == 1


def test_later_calls_do_not_count_and_what_comes_in_late_finds_its_place() -> None:
    calls = [_call("3", 2), _call("1", -5), _call("2", -1)]
    assert repeat_count(_call("x", 0), calls, NOON).count == 3
    assert repeat_count(_call("x", -3), calls, NOON).count == 2


def test_calls_of_one_instant_have_one_order() -> None:
    first, second = _call("1"), _call("2")
    assert repeat_count(first, [second], NOON).count == 1
    assert repeat_count(second, [first], NOON).count == 2


def test_one_id_counts_once() -> None:
    assert repeat_count(_call("2"), [_call("1", -1), _call("1", -1), _call("2")], NOON).count == 2


def test_nothing_after_the_moment_asked_about_is_seen() -> None:
    others = [_call("1", -5), _call("2", -1)]
    assert repeat_count(_call("3"), others, NOON - timedelta(hours=3)).count == 2


def test_an_unknown_caller_has_a_first_call_each_time() -> None:
    found = repeat_count(_call("2", 0, None), [_call("1", -1, None)], NOON)
    assert (found.count, found.because) == (1, "来电人不明，无法辨认是否重复来电，按首次计")


def test_a_call_that_may_have_been_passed_on_twice_is_counted_and_named() -> None:
    first = _call("1", -0.4, text="楼下烧烤店油烟很大，请派人查看")
    again = _call("2", -0.2, text="楼下烧烤店油烟很大，请派人查看！")
    found = repeat_count(again, [first], NOON)
    assert (found.count, found.orders, found.perhaps_one_call) == (2, ("1", "2"), ("2",))
    assert found.because == "该来电人就同一事项第2次来电；其中1件与30分钟内的前件内容相同，请核对是否为同一来电重复流转"


def test_the_same_text_more_than_half_an_hour_later_is_another_call_for_sure() -> None:
    first, later = (_call(str(at), at * 0.6, text="楼下烧烤店油烟很大，请派人查看") for at in range(2))
    assert repeat_count(later, [first], NOON + timedelta(days=1)).perhaps_one_call == ()


def test_two_texts_without_a_letter_are_two_calls() -> None:
    assert repeat_count(_call("2", text="。"), [_call("1", -0.1, text="！")], NOON).count == 2


def test_a_weak_token_is_told() -> None:
    weak = CallerToken("n1-a", "name_and_place")
    assert repeat_count(_call("1", 0, weak), [], NOON).because.endswith("；来电人未留完整号码，请核对是否为同一人")


@pytest.mark.parametrize("text", ["楼下烧烤店油烟很大，请派人查看", ""])
def test_hostile_repetition_stays_cheap(text: str) -> None:
    mark = fingerprint(text)
    calls = [Call(str(at), ONE, "noise", NOON + timedelta(milliseconds=at), mark) for at in range(20_000)]
    found = repeat_count(calls[-1], calls, calls[-1].received_at)
    assert (found.count, len(found.perhaps_one_call)) == (20_000, 19_999 if text else 0)


@given(st.permutations([_call(str(at), at) for at in range(7)]), st.integers(0, 6))
def test_the_order_of_arrival_does_not_matter(calls: list[Call], at: int) -> None:
    call = next(one for one in calls if one.order_id == str(at))
    assert repeat_count(call, calls, NOON + timedelta(days=1)).count == at + 1
