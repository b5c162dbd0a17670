"""Who is in which issue, now and at any moment before, against a list of deeds that is replayed from the beginning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.errors import BadInput
from triage.similar.grouping.issues import ALWAYS, NEVER, Issues

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LONGEST = 20


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass
class Replayed:
    """The same by hand: every question replays every deed."""

    issues: int = 0
    received: list[int] = field(default_factory=list)
    put_into: list[int] = field(default_factory=list)
    deeds: list[tuple[int, dict[int, int], dict[int, int]]] = field(default_factory=list)  # when, orders, whole issues

    def where(self, at: float) -> list[int]:
        place = list(self.put_into)
        for when, orders, whole in self.deeds:
            if when <= at:
                place = [orders.get(order, whole.get(issue, issue)) for order, issue in enumerate(place)]
        return place

    def at(self, order: int, at: float, since: float) -> set[int]:
        place = self.where(at)
        return {
            other
            for other, received in enumerate(self.received)
            if since <= received <= at and place[other] == place[order]
        }

    def add(self, received: int, issue: int) -> None:
        self.issues += not issue
        self.received.append(received)
        self.put_into.append(issue or self.issues)

    def merge(self, one: int, other: int, at: int) -> None:
        self.deeds.append((at, {}, {max(one, other): min(one, other)}))

    def split(self, orders: list[int], at: int) -> None:
        self.issues += 1
        self.deeds.append((at, dict.fromkeys(orders, self.issues), {}))


def act(issues: Issues, replayed: Replayed, kind: str, when: int, data: st.DataObject) -> None:
    now = issues.now()
    if kind == "add":
        issue = data.draw(st.sampled_from([0, *now]))
        issues.add(str(len(issues.orders)), when, issue)
        replayed.add(when, issue)
    elif kind == "merge" and len(now) > 1:
        one, other = data.draw(st.permutations(now))[:2]
        issues.merge(one, other, moment(when), "李")
        replayed.merge(one, other, when)
    elif kind == "split" and (large := [issue for issue in now if len(issues.members(issue)) > 1]):
        issue = data.draw(st.sampled_from(large))
        members = list(issues.members(issue))
        some = data.draw(st.lists(st.sampled_from(members), min_size=1, max_size=len(members) - 1, unique=True))
        issues.split(issue, [issues.orders[order] for order in some], moment(when), "李")
        replayed.split(some, when)


def check(issues: Issues, replayed: Replayed, at: float, since: float) -> None:
    for order in range(len(issues.orders)):
        found = issues.at(order, at, since)
        assert set(found) == replayed.at(order, at, since)
        assert found == sorted(found, key=lambda other: (issues.received[other], other))
        assert issues.latest(order, at, since, 2) == (len(found), found[-2:])


_DEEDS = st.lists(
    st.tuples(st.sampled_from(["add", "add", "add", "merge", "merge", "split"]), st.integers(0, LONGEST)),
    max_size=25,
)


@settings(max_examples=150)
@given(_DEEDS, st.data())
def test_what_was_known_at_any_moment_is_what_a_replay_of_all_deeds_says(deeds, data):
    issues, replayed = Issues(), Replayed()
    for kind, when in deeds:
        act(issues, replayed, kind, when, data)
    for at in data.draw(st.lists(st.integers(-1, LONGEST + 1), min_size=4, max_size=4)):
        check(issues, replayed, at, data.draw(st.sampled_from([ALWAYS, at - 5, at, at + 1])))
    check(issues, replayed, NEVER, ALWAYS)


@settings(max_examples=60)
@given(_DEEDS, _DEEDS, st.integers(0, LONGEST), st.data())
def test_nothing_that_comes_later_changes_what_was_known_before(deeds, later, at, data):
    issues, replayed = Issues(), Replayed()
    for kind, when in deeds:
        act(issues, replayed, kind, min(when, at), data)
    before = [issues.at(order, at) for order in range(len(issues.orders))]
    for kind, when in later:
        act(issues, replayed, kind, at + 1 + when, data)
    assert [issues.at(order, at) for order in range(len(before))] == before


@settings(max_examples=60)
@given(_DEEDS, st.data())
def test_each_order_is_in_one_issue_and_each_id_ever_given_leads_to_one(deeds, data):
    issues = Issues()
    for kind, when in deeds:
        act(issues, Replayed(), kind, when, data)
    assert sorted(order for issue in issues.now() for order in issues.members(issue)) == list(range(len(issues.orders)))
    assert all(order in issues.members(issues.issue_of(order)) for order in range(len(issues.orders)))
    assert len(set(issues.ids)) == len(issues.ids)
    assert {issues.get(issue_id) for issue_id in issues.ids[1:]} == set(issues.now())


def three() -> Issues:
    issues = Issues()
    for at, name in enumerate("abc"):
        issues.add(name, at)
    return issues


def test_an_order_is_known_from_when_it_was_received():
    issues = Issues()
    _, issue = issues.add("first", 10)
    issues.add("came late", 5, issue)
    issues.add("later", 20, issue)
    assert issues.at(0, 4) == []
    assert issues.at(0, 10) == [1, 0]
    assert issues.at(0, 20, since=6) == [0, 2]


def test_of_two_issues_that_are_merged_the_older_id_stays_and_the_younger_leads_there():
    issues = three()
    older, younger = issues.ids[1], issues.ids[3]
    assert issues.merge(3, 1, AT) == 1
    assert issues.get(younger) == issues.get(older) == 1
    assert issues.now() == [1, 2]


def test_merging_in_a_chain_leads_all_the_way():
    issues = three()
    issues.merge(2, 3, AT)
    issues.merge(1, 2, AT)
    assert [issues.get(issue_id) for issue_id in issues.ids[1:]] == [1, 1, 1]
    assert list(issues.members(1)) == [0, 1, 2]


def test_a_deed_names_who_did_what_and_when():
    issues = three()
    issues.merge(1, 2, AT)
    issues.split(1, ["b"], AT + timedelta(hours=1), "王")
    merged, split = issues.deeds
    assert (merged.kind, merged.at, merged.by) == ("merged", AT, "")
    assert (merged.issue, merged.other) == (issues.ids[1], issues.ids[2])
    assert (split.kind, split.at, split.by, split.orders) == ("split", AT + timedelta(hours=1), "王", ("b",))
    assert (split.issue, split.other) == (issues.ids[1], issues.ids[4])


def test_what_was_split_is_kept_apart_through_mergers_until_a_person_joins_it():
    issues = three()
    issues.merge(1, 2, AT)
    new = issues.split(1, ["b"], AT, "王")
    assert issues.kept_apart(1, new) and issues.kept_apart(new, 1)
    issues.merge(new, 3, AT)
    assert issues.kept_apart(1, 3), "what took the split part in is kept apart as well"
    issues.merge(1, 3, AT, "王")
    assert not issues.kept_apart(1, 1)
    assert issues.now() == [1]


def test_split_off_joined_and_split_off_again_at_one_moment_it_is_two_issues_with_two_ids():
    issues = three()
    issues.merge(1, 2, AT)
    first = issues.split(1, ["b"], AT, "王")
    issues.merge(1, first, AT, "王")
    second = issues.split(1, ["b"], AT, "王")
    assert issues.ids[first] != issues.ids[second]
    assert issues.get(issues.ids[first]) == 1
    assert issues.get(issues.ids[second]) == second


def test_a_split_names_every_order_that_is_not_in_the_issue():
    issues = three()
    issues.merge(1, 2, AT)
    with pytest.raises(BadInput) as refused:
        issues.split(1, ["a", "c", "no such order"], AT, "王")
    assert [problem.loc for problem in refused.value.problems] == [("orders", 1), ("orders", 2)]
    assert "'no such order'" in str(refused.value)
    assert issues.ids[1] in str(refused.value)


@pytest.mark.parametrize("named", [[], ["a", "b"], ["b", "a", "b"]])
def test_none_or_all_orders_of_an_issue_cannot_be_split_off(named):
    issues = three()
    issues.merge(1, 2, AT)
    with pytest.raises(BadInput, match="some of them, not none or all"):
        issues.split(1, named, AT, "王")
    assert issues.now() == [1, 3]
    assert len(issues.deeds) == 1


def test_an_issue_that_is_not_known_is_refused_by_its_name():
    assert three().get("i-0") is None
    with pytest.raises(BadInput, match="'i-0' is not known"):
        three().get_or_raise("i-0")


def test_the_id_of_an_issue_comes_from_the_order_that_founded_it():
    one, other = three(), Issues()
    other.add("c", 99)
    assert one.ids[3] == other.ids[1] == "i-" + other.ids[1][2:]
    assert len(other.ids[1]) == 17


def test_a_giant_issue_that_is_taken_in_stays_in_the_order_of_time():
    issues = Issues()
    issues.add("old", 500)
    _, giant = issues.add("g0", 0)
    for number in range(1, 1_000):
        issues.add(f"g{number}", number, giant)
    issues.merge(1, giant, AT)
    assert list(issues.members(1)) == [*range(1, 501), 0, *range(501, 1_001)], "of equals the one that came first"
