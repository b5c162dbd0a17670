"""A memory that took up another's state goes on as that one does, to the last bit; what is no state is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from tests.town.told import DOGS, LIFT
from tests.unit.grouping_town import FreshService
from tests.unit.test_memory import BY_NAME, BY_SMELL, MORNING, order, phone
from triage.bootstrap import Service
from triage.domain.errors import ModelFault
from triage.domain.orders import Caller, Order
from triage.similar.callers.tokens import CallerTokens
from triage.similar.copies import CopyIndex, fingerprint
from triage.similar.grouping.issues import Issues
from triage.similar.memory import Memory, Recalled
from triage.similar.packed import Reading, moments, runs, texts

SAYINGS = [*((LIFT[0], said) for said in LIFT[1]), (DOGS[0], DOGS[1][0]), ("", BY_NAME), ("", BY_SMELL), ("", "吵")]
BODIES = ("阿毛面馆", "汇禾面馆")
DOORS = ("", "临沂路88弄8号301室", "临沂路88弄8号302室")


@pytest.fixture(scope="module")
def new_memory(service: Service) -> Callable[[], Memory]:
    """Makes memories of one town."""
    fresh, places = FreshService(service), service.town("nanmatou").places
    return lambda: Memory(fresh.new_linker(places), CallerTokens(b"a secret of the town"))


@dataclass(frozen=True)
class Step:
    """An order comes, late or again perhaps, or, where `deed` says so, a person does something to issues."""

    number: int
    said: int
    hours: float
    caller: int
    door: int
    body: int
    deed: str


STEPS = st.lists(
    st.builds(
        Step,
        number=st.integers(0, 25),
        said=st.integers(0, len(SAYINGS) - 1),
        hours=st.integers(-300, 300).map(lambda tenths: tenths / 10),
        caller=st.integers(0, 4),
        door=st.integers(0, len(DOORS) - 1),
        body=st.integers(0, 2),
        deed=st.sampled_from(["", "", "", "", "", "", "merge", "split", "forget"]),
    ),
    min_size=1,
    max_size=14,
)


def asked(step: Step) -> Order:
    title, text = SAYINGS[step.said]
    caller = Caller("", phone(step.caller) if step.caller else "")
    at = MORNING + timedelta(hours=step.hours)
    return Order(at, text, title, f"order {step.number}", DOORS[step.door], caller)


def take(memory: Memory, steps: list[Step]) -> list[Recalled]:
    return [found for step in steps if (found := taken(memory, step))]


def taken(memory: Memory, step: Step) -> Recalled | None:
    grouping, at = memory.linker.grouping, MORNING + timedelta(hours=step.hours)
    issues = [grouping.issues.ids[number] for number in grouping.issues.now()]
    one, other = (issues[at % len(issues)] if issues else "" for at in (step.number, step.said))
    if not step.deed or not issues:
        return memory.remember(asked(step), asked(step).received_at, bodies=BODIES[: step.body])
    if step.deed == "merge":
        grouping.merge(one, other, at, "王")
    elif step.deed == "split":
        members = [grouping.issues.orders[number] for number in grouping.issues.members(grouping.issues.get(one))]
        if len(members) > 1:
            grouping.split(one, members[:: step.body + 2], at, "李")
    else:
        memory.forget_callers([f"order {step.number}"])
    return None


def through_bytes(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return load(save({name: np.ascontiguousarray(array) for name, array in state.items()}))


def equal(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(
        array.dtype == other[name].dtype and np.array_equal(array, other[name]) for name, array in one.items()
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=STEPS, after=STEPS)
def test_a_memory_goes_on_from_a_state_as_if_nothing_had_been(new_memory, before, after):
    lived, restored = new_memory(), new_memory()
    take(lived, before)
    state = lived.state()
    restored.restore(through_bytes(state))
    assert equal(restored.state(), state)
    assert take(restored, after) == take(lived, after)
    assert equal(restored.state(), lived.state())
    as_of = MORNING + timedelta(hours=2)
    for step in before:
        assert restored.recall(asked(step), as_of) == lived.recall(asked(step), as_of)


@pytest.fixture(scope="module")
def lived(new_memory) -> Memory:
    """A memory of some orders, one merger, one split."""
    memory = new_memory()
    more = {"address": DOORS[1]}
    answers = [memory.remember(one, one.received_at, bodies=BODIES[:1]) for one in (
        *(order(str(at), at, phone(at), **more) for at in range(4)),
        *(order(f"dogs {at}", at, phone(at), DOGS) for at in range(3)),
        order("smoke", 5, phone(7), ("", [BY_SMELL])),
    )]  # fmt: skip
    grouping = memory.linker.grouping
    grouping.merge(answers[0].issue, answers[4].issue, MORNING + timedelta(hours=9), "王")
    grouping.split(answers[0].issue, ["2", "3"], MORNING + timedelta(hours=10), "李")
    return memory


def test_a_frozen_state_is_that_of_its_moment(new_memory):
    memory = new_memory()
    memory.remember(order("1", 0, phone(1)), MORNING)
    frozen, then = memory.frozen(), memory.state()
    memory.remember(order("2", 1, phone(2)), MORNING)
    memory.remember(order("3", 1, phone(2), DOGS), MORNING)
    assert equal(frozen(), then)


def test_an_empty_memory_has_a_state_too(new_memory):
    empty, again = new_memory(), new_memory()
    again.remember(order("1", 0, phone(1)), MORNING)
    again.restore(through_bytes(empty.state()))
    assert equal(again.state(), empty.state())
    assert not again.orders_of(again.recall(order("1", 0, phone(1)), MORNING).token)


def test_deeds_and_names_come_back(new_memory, lived):
    again = new_memory()
    again.restore(through_bytes(lived.state()))
    one, other = lived.linker.grouping.issues, again.linker.grouping.issues
    assert (one.deeds, one.ids, one.orders, one.received) == (other.deeds, other.ids, other.orders, other.received)
    assert [one.joined(number) for number in range(8)] == [other.joined(number) for number in range(8)]


def test_a_state_says_no_word_no_name_no_number_and_no_door(lived):
    content = save({name: np.ascontiguousarray(array) for name, array in lived.state().items()})
    for secret in ("电梯", "故障", phone(1), "临沂路", "301"):
        assert secret.encode() not in content


def test_a_caller_who_is_forgotten_is_in_no_state_after(new_memory):
    memory = new_memory()
    said = ("", ["欧阳建国说：" + LIFT[1][0]])
    token = memory.remember(order("1", 0, phone(1), said, address=DOORS[1]), MORNING).token
    memory.remember(order("2", 1, phone(2), said), MORNING)
    digest, household = fingerprint(said[1][0]).digest, memory._kept[0].household
    memory.forget_callers(["1", "not there"])
    content = save({name: np.ascontiguousarray(array) for name, array in memory.state().items()})
    assert token.value.encode() not in content and household.encode() not in content
    assert memory.state()["kept.digests"][0].tobytes() != digest
    assert digest not in memory.state()["copies.texts.digests"].tobytes()
    assert int(memory.linker.grouping.remembered.of(0)["caller"]) == 0
    assert list(memory.orders_of(token)) == []
    assert memory.recall(order("3", 2, phone(1), said), MORNING + timedelta(hours=2)).repeats.count == 1


def test_a_forgotten_caller_stays_so_when_forgotten_again(new_memory):
    memory = new_memory()
    memory.remember(order("1", 0, phone(1)), MORNING)
    memory.forget_callers(["1"])
    once = memory.state()
    memory.forget_callers(["1"])
    assert equal(memory.state(), once)


# What is no state


SPOILS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "of another kind": lambda array: array.astype(np.complex128),
    "of another shape": lambda array: array[None],
    "longer": lambda array: np.concatenate([array, np.ones((3, *array.shape[1:]), array.dtype)]),
    "huge": lambda array: np.full_like(array, np.inf if array.dtype.kind == "f" else np.iinfo(array.dtype).max),
    "negative": lambda array: np.full_like(array, -2 if array.dtype.kind in "fi" else 2),
}


@pytest.mark.parametrize("how", SPOILS)
def test_a_spoilt_state_is_refused_or_taken_up_whole(new_memory, lived, how):
    memory = new_memory()
    memory.remember(order("9", 0, phone(9)), MORNING)
    state, before = through_bytes(lived.state()), memory.state()
    for name in sorted(state):
        try:
            memory.restore({**state, name: SPOILS[how](state[name])})
        except ModelFault:
            assert equal(memory.state(), before), name
        else:
            assert how in ("huge", "negative") or not state[name].size, name
            memory.recall(order("10", 1, phone(1)), MORNING)
            memory.restore(before)


def test_a_state_without_one_of_its_arrays_is_refused(new_memory, lived):
    memory, state = new_memory(), lived.state()
    before = memory.state()
    for name in sorted(state):
        with pytest.raises(ModelFault):
            memory.restore({key: array for key, array in state.items() if key != name})
        assert equal(memory.state(), before), name


@pytest.mark.parametrize("name", ["linker.strange", "kept.strange", "copies.texts.strange", "strange", "kept"])
def test_what_is_not_known_is_refused(new_memory, lived, name):
    memory = new_memory()
    before = memory.state()
    with pytest.raises(ModelFault):
        memory.restore(through_bytes(lived.state()) | {name: np.zeros(1)})
    assert equal(memory.state(), before)


def test_a_memory_of_other_orders_than_its_issues_have_is_refused(new_memory, lived):
    memory, other = new_memory(), new_memory()
    other.remember(order("1", 0, phone(1)), MORNING)
    mixed = lived.state() | {name: array for name, array in other.state().items() if name.startswith("kept.")}
    before = memory.state()
    with pytest.raises(ModelFault, match="as many orders"):
        memory.restore(mixed)
    assert equal(memory.state(), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("deeds", [[2, 1]]),
        ("deeds", [[1, 9]]),
        ("joined", [1, 0]),
        ("received", [0.0, float("nan")]),
        ("ids", [5, 5]),
        ("orders", list(b"aa")),
    ],
)
def test_issues_that_cannot_be_are_refused(name, value):
    issues = Issues()
    issues.add("a", 1.0)
    issues.add("b", 2.0)
    issues.merge(1, 2, MORNING, "王")
    state = issues.state()
    with pytest.raises(ModelFault):
        Issues().restore({**state, name: np.array(value, dtype=state[name].dtype)})


def test_a_split_of_orders_of_another_issue_is_refused():
    issues = Issues()
    for name in "abc":
        issues.add(name, 1.0, 1 if name == "b" else 0)
    issues.split(1, ["b"], MORNING, "王")
    with pytest.raises(ModelFault, match="split"):
        Issues().restore({**issues.state(), "deed_orders": np.array([2])})


def test_copies_come_back_in_the_order_in_which_they_go():
    index, noon = CopyIndex(texts=3, orders=2), datetime(2026, 3, 2, 12, tzinfo=UTC)
    said = [fingerprint(text) for _, text in SAYINGS[:5]]
    for at, text in enumerate(said):
        index.add(str(at), text, noon + timedelta(hours=at))
        index.add(f"again {at}", text, noon + timedelta(hours=at))
    again = CopyIndex(texts=3, orders=2)
    again.restore(through_bytes(index.state()))
    for one in (index, again):
        one.add("last", said[0], noon + timedelta(hours=9))
    late = noon + timedelta(hours=10)
    assert [again.find(text, late) for text in said] == [index.find(text, late) for text in said]
    assert equal(again.state(), index.state())


# Lists as arrays


@given(st.lists(st.text(st.characters(codec=None), max_size=4)))
def test_texts_come_back(given_texts):
    assert Reading("test", through_bytes(texts("some", given_texts))).texts("some") == given_texts


@given(st.lists(st.lists(st.integers(0, 9), max_size=4)))
def test_runs_come_back(lists):
    assert Reading("test", through_bytes(runs("some", lists))).runs("some", None, 0, 9) == lists


@given(st.lists(st.datetimes(timezones=st.none() | st.timezones() | st.just(timezone(timedelta(hours=8))))))
def test_times_come_back_on_their_own_clocks(times):
    again = Reading("test", through_bytes(moments("some", times))).moments("some")
    assert [at.replace(tzinfo=None) for at in again] == [at.replace(tzinfo=None, fold=0) for at in times]
    assert [at.utcoffset() for at in again] == [at.utcoffset() for at in times]


def test_what_could_not_be_decoded_is_refused():
    state = texts("some", ["a", "b"])
    for spoilt_state in ({**state, "some": np.array([0xFF, 0xFF], np.uint8)}, {**state, "some": state["some"][:1]}):
        with pytest.raises(ModelFault, match="some"):
            Reading("test", spoilt_state).texts("some")


def test_kept_orders_are_the_same_however_often_they_come_back(new_memory, lived):
    first, second = new_memory(), new_memory()
    first.restore(through_bytes(lived.state()))
    second.restore(through_bytes(first.state()))
    assert [replace(one) for one in second._kept] == lived._kept
