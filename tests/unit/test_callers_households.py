from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triage.similar.callers.households import Entry, callers_of
from triage.similar.callers.tokens import CallerToken


def _caller(name: str) -> CallerToken:
    return CallerToken(f"c1-{name}", "phone")


ENTRIES = st.lists(
    st.builds(
        Entry,
        st.sampled_from("123456789"),
        st.none() | st.sampled_from("abcde").map(_caller),
        st.none() | st.sampled_from(["h1-x", "h1-y", "h1-z"]),
    ),
    max_size=12,
)


def test_five_callers_of_two_households_stay_five_and_are_told() -> None:
    doors = {"a": "h1-x", "b": "h1-x", "c": "h1-x", "d": "h1-y", "e": "h1-y"}
    found = callers_of(Entry(name, _caller(name), door) for name, door in doors.items())
    assert (found.callers, found.households) == (5, 2)
    assert found.remark == "5位来电人按住址计为2户"


def test_one_caller_of_many_orders_is_one() -> None:
    found = callers_of(Entry(str(at), _caller("a")) for at in range(40))
    assert (found.callers, found.households, found.remark) == (1, 1, "")


def test_an_order_that_comes_twice_counts_once() -> None:
    assert callers_of([Entry("1", None), Entry("1", None)]).unknown == 1


def test_unknown_callers_prove_nobody_further_but_are_told() -> None:
    found = callers_of([Entry("1", _caller("a")), Entry("2", None), Entry("3", None)])
    assert (found.callers, found.unknown, found.remark) == (1, 2, "另有2件来电人不明，未计入人数")


def test_where_nobody_is_known_there_is_still_one() -> None:
    found = callers_of([Entry("1", None), Entry("2", None)])
    assert (found.callers, found.known, found.remark) == (1, 0, "2件均来电人不明，合计为1人")


def test_no_orders_have_no_callers() -> None:
    found = callers_of([])
    assert (found.callers, found.households, found.remark) == (0, 0, "")


def test_a_caller_with_two_doors_joins_them() -> None:
    entries = [Entry("1", _caller("a"), "h1-x"), Entry("2", _caller("a"), "h1-y"), Entry("3", _caller("b"), "h1-y")]
    assert callers_of(entries).households == 1


def test_weak_tokens_are_told() -> None:
    found = callers_of([Entry("1", CallerToken("n1-a", "name_and_place")), Entry("2", _caller("b"))])
    assert (found.callers, found.weak, found.remark) == (2, 1, "1位来电人未留完整号码，可能与他人混同")


@given(ENTRIES, st.randoms(use_true_random=False))
def test_counts_hold_in_any_order_and_within_bounds(entries: list[Entry], rng) -> None:
    entries = list({entry.order_id: entry for entry in entries}.values())
    found = callers_of(entries)
    shuffled = entries[:]
    rng.shuffle(shuffled)
    assert callers_of(shuffled) == found
    assert found.households <= found.known <= found.callers <= len(entries)
    assert (found.households == 0) == (found.known == 0)
