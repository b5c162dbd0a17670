"""From written orders to issues: one by one, as a stream and by the service it is the same, with reasons."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.town.stream import PLACES, START, TownOrder, all_matters, orders
from tests.unit.grouping_town import FreshService
from triage.bootstrap import Service
from triage.desk.requests import check_request
from triage.similar.linker import SHOWN_FROM, Entry, Linker, Similar

STREAM = orders(4, PLACES, all_matters(), subjects=20, days=10)

HERE, THERE = "金浦小区", "临沂二村"
PLANT = "{}北侧的搅拌站夜里一直开工，罐车进出轰鸣，住户睡不着，请环保部门查一查。"
SAID = {
    "plant-1": (f"{HERE}附近搅拌站噪音扰民", PLANT.format(HERE)),
    "plant-2": (f"{HERE}旁搅拌站夜间施工噪音大", f"搅拌站半夜还在装料，噪音很大，灰尘也多，{HERE}的窗户都不敢开。"),
    "plant-3": ("", f"{HERE}旁边的混凝土搅拌站又在夜里开工，噪音吵得老人孩子整夜没法睡，什么时候能搬走？"),
    "lift": (f"{HERE}电梯频繁故障", f"{HERE}3号楼的电梯这个月坏了四次，昨天又把老人关在里面，请尽快维修。"),
    "dogs": (f"{HERE}有人遛狗不牵绳", f"{HERE}早晚有人遛大型犬不牵绳，小孩被吓哭好几次，狗粪也没人清理。"),
}


@pytest.fixture
def linker(service: Service) -> Linker:
    """A linker that ships and has seen no order."""
    return FreshService(service).new_linker(service.town("nanmatou").places)


@pytest.fixture(scope="module")
def entries(service: Service) -> list[Entry]:
    """The stream as the service hands it to the linker."""
    likely = service.likely_categories([(order.title, order.text) for order in STREAM])
    return [
        Entry(order.order_id, order.received_at, order.title, order.text, categories=categories)
        for order, categories in zip(STREAM, likely, strict=True)
    ]


def _said(service: Service, name: str, hours: float = 0, place: str = HERE) -> Entry:
    title, text = (part.replace(HERE, place) for part in SAID[name])
    [likely] = service.likely_categories([(title, text)])
    return Entry(name, START + timedelta(hours=hours), title, text, categories=likely)


def _issues(linker: Linker, ids: Sequence[str]) -> list[str]:
    """The id of the issue of each order, as it is now."""
    issues = linker.grouping.issues
    return [issues.ids[issues.issue_of(issues.number(order_id))] for order_id in ids]


def _linked(linker: Linker, entries: Sequence[Entry]) -> list[str]:
    for entry in entries:
        linker.link(entry)
    return _issues(linker, [entry.order_id for entry in entries])


# The same, whichever way it comes


def test_one_by_one_and_as_a_stream_it_is_the_same(service, linker, entries):
    other = service.new_linker(service.town("nanmatou").places)
    numbers = list(other.group(entries))
    assert numbers == list(range(len(entries)))
    assert _linked(linker, entries) == _issues(other, [entry.order_id for entry in entries])


def test_a_second_run_gives_the_same_ids(service, linker, entries):
    again = service.new_linker(service.town("nanmatou").places)
    assert _linked(linker, entries) == _linked(again, entries)


def test_the_rows_of_a_file_in_any_order_give_the_same_when_sorted_by_when_they_were_received(service, linker, entries):
    shuffled = random.Random(5).sample(entries, len(entries))
    arrived = sorted(shuffled, key=lambda entry: (entry.received_at, entry.order_id))
    again = service.new_linker(service.town("nanmatou").places)
    assert _linked(linker, entries) == _linked(again, arrived)


def test_the_service_that_receives_orders_one_by_one_gives_the_same_ids(service, linker, entries):
    receiving = FreshService(service)
    for order in STREAM:
        receiving.receive(check_request({"policy": "nanmatou", "order": _plain(order)}))
    ids = [order.order_id for order in STREAM]
    assert _issues(receiving.memory("nanmatou").linker, ids) == _linked(linker, entries)


def _plain(order: TownOrder) -> dict[str, str]:
    return {
        "id": order.order_id,
        "received_at": order.received_at.isoformat(),
        "title": order.title,
        "text": order.text,
    }


def test_a_look_tells_the_issue_and_the_neighbours_that_linking_then_tells(linker, entries):
    issues = linker.grouping.issues
    for entry in entries:
        seen = linker.look(entry)
        assert seen == linker.look(entry), "a look changes nothing"
        linked = linker.link(entry)
        assert seen.similar == linked.similar
        assert seen.signature == linked.signature
        assert (issues.root[seen.found.issue] if seen.found.issue else linked.found.issue) == linked.found.issue
        assert seen.found.issue or list(issues.members(linked.found.issue)) == [issues.number(entry.order_id)]


def test_the_same_id_again_changes_nothing_and_does_not_name_itself(linker, entries):
    before = _linked(linker, entries)
    learnt = linker.grouping.rarity.counts.copy()
    for entry in entries[:10]:
        again = linker.link(replace(entry, text="说的是另一件事情。", title=""))
        assert entry.order_id not in [one.order_id for one in again.similar]
    assert _issues(linker, [entry.order_id for entry in entries]) == before
    assert (linker.grouping.rarity.counts == learnt).all()


def test_an_order_that_comes_again_in_a_stream_keeps_its_number(linker, entries):
    assert list(linker.group([*entries[:3], entries[1], entries[3]])) == [0, 1, 2, 1, 3]


# The first orders of a town


def test_the_first_orders_of_a_town_about_three_matters_at_one_compound_are_three_issues(service, linker):
    found = dict(zip(SAID, _linked(linker, [_said(service, name) for name in SAID]), strict=True))
    assert found["plant-1"] == found["plant-2"] == found["plant-3"]
    assert len({found["plant-1"], found["lift"], found["dogs"]}) == 3


def test_the_same_matter_in_other_words_at_another_compound_is_another_issue(service, linker):
    first = _linked(linker, [_said(service, name) for name in ("plant-1", "plant-2", "plant-3")])[0]
    assert _linked(linker, [replace(_said(service, "plant-2", place=THERE), order_id="there")]) != [first]


def test_a_linker_of_a_new_town_knows_which_words_are_common(linker):
    assert linker.grouping.issues.orders == []
    assert linker.grouping.rarity.orders > 1_000


# Reasons


def _neighbours(service: Service, linker: Linker, last: str, before: Sequence[str]) -> dict[str, Similar]:
    for name in before:
        linker.link(_said(service, name))
    return {one.order_id: one for one in linker.look(_said(service, last, 50)).similar}


def test_the_reasons_name_the_place_the_object_and_the_words_in_common(service, linker):
    why = _neighbours(service, linker, "plant-3", ["plant-1"])["plant-1"].why
    assert why[:2] == ("同一地点：金浦", "同一对象：搅拌站")
    [shared] = [reason for reason in why if reason.startswith("共同用词：")]
    assert {"噪音", "夜里"} <= set(shared.removeprefix("共同用词：").split("、"))
    assert "类别相近" in why
    assert why[-1] == "相隔2天"


def test_an_object_that_only_one_names_is_no_reason(service, linker):
    assert not any(
        reason.startswith("同一对象")
        for one in _neighbours(service, linker, "lift", ["plant-1", "dogs"]).values()
        for reason in one.why
    )


def test_what_is_less_likely_than_the_least_shown_is_not_shown(linker, entries):
    model, hidden = linker.grouping.model, 0
    for entry in entries:
        linked = linker.link(entry)
        assert all(one.probability >= SHOWN_FROM - 5e-5 for one in linked.similar), "rounded to four places"
        hidden += any(float(model.probability(near.score)) < SHOWN_FROM for near in linked.found.nearest)
    assert hidden, "and there was something to hide"


def test_the_likeliest_neighbour_stands_first(linker, entries):
    for entry in entries:
        chances = [one.probability for one in linker.link(entry).similar]
        assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize(("first", "second", "same"), [("a", "a", True), ("a", "b", False), (None, None, False)])
def test_a_neighbour_of_the_same_caller_is_marked(service, linker, first, second, same):
    linker.link(replace(_said(service, "plant-1"), caller=first))
    [found] = linker.look(replace(_said(service, "plant-2"), caller=second)).similar
    assert found.same_caller is same


def test_no_reason_holds_a_number_that_stood_in_both_texts(service, linker):
    for name in ("plant-1", "plant-2"):
        entry = _said(service, name)
        linked = linker.link(replace(entry, text=entry.text + "请回电13800001111。"))
    assert linked.similar
    assert "13800001111" not in repr(linked)


@pytest.mark.parametrize("text", ["", "吵", "😀", "\x00", "。" * 100_000], ids=["none", "one", "sign", "nul", "long"])
def test_a_text_that_says_nothing_is_taken_in_and_stands_alone(linker, text):
    first, second = linker.link(Entry("1", START, "", text)), linker.link(Entry("2", START, "", text))
    assert first.found.issue != second.found.issue
    assert second.similar == ()
