"""What a town remembers: who called how often about what, who else complains, and nothing of after a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.town.stream import START
from tests.town.told import DOGS, LIFT
from tests.unit.grouping_town import FreshService
from triage.bootstrap import Service
from triage.domain.orders import Caller, Order
from triage.similar.callers.tokens import CallerTokens
from triage.similar.memory import Memory, Recalled

MORNING = START + timedelta(hours=9)
# One nuisance, as those see it who know its name and those who only smell it.
BY_NAME = "恒砼建材厂环评手续存疑，恒砼建材厂投产之前没有公示，恒砼建材厂的环评批复在哪里能查到？"
BY_SMELL = "鹭洲湾清晨刺鼻沥青味，鹭洲湾清晨总有刺鼻沥青味飘进来，鹭洲湾的住户头晕恶心。"


@pytest.fixture
def memory(service: Service) -> Memory:
    """A town's memory before its first order."""
    linker = FreshService(service).new_linker(service.town("nanmatou").places)
    return Memory(linker, CallerTokens(b"a secret of the town"))


def order(order_id: str, hours: float = 0, phone: str = "", about=LIFT, **more: str) -> Order:
    """An order so many hours after nine in the morning of a Monday, in the words of the number its id ends with."""
    title, said = about
    text = said[int(order_id[-1:] if order_id[-1:].isdigit() else 0) % len(said)]
    caller = Caller(more.pop("name", ""), phone)
    return Order(MORNING + timedelta(hours=hours), id=order_id, title=title, text=text, caller=caller, **more)


def phone(number: int) -> str:
    return f"1390001{number:04}"


def take(memory: Memory, *taken: Order) -> list[Recalled]:
    return [memory.remember(one, one.received_at) for one in taken]


def ask(memory: Memory, one: Order, at: datetime | None = None, **more: object) -> Recalled:
    return memory.recall(one, at or one.received_at, **more)


# What an order alone is


def test_the_first_order_of_a_town_stands_alone(memory):
    [found] = take(memory, order("1", phone=phone(1)))
    assert found.issue is not None
    assert (found.counts.orders, found.counts.today, found.counts.week, found.counts.callers_week) == (1, 1, 1, 1)
    assert (found.repeats.count, found.unit_callers, found.sending, found.similar) == (1, 0, None, ())


def test_an_order_that_is_only_asked_about_has_no_issue_yet_and_counts_itself(memory):
    found = ask(memory, order("1", phone=phone(1)))
    assert found.issue is None
    assert (found.counts.today, found.counts.week, found.counts.callers) == (1, 1, 1)


def test_asking_remembers_nothing(memory):
    for _ in range(3):
        ask(memory, order("1", phone=phone(1)))
    assert len(memory.linker.grouping.issues.orders) == 0
    assert take(memory, order("2", phone=phone(1)))[0].repeats.count == 1


def test_an_order_that_is_remembered_is_asked_about_as_it_was_answered(memory):
    *_, last = (order(str(number), number, phone(number)) for number in range(3))
    answers = take(memory, *(order(str(number), number, phone(number)) for number in range(3)))
    assert ask(memory, last) == answers[-1]


def test_an_order_counts_once_under_one_id(memory):
    take(memory, order("1", phone=phone(1)))
    [again] = take(memory, order("1", 1, phone(1)))
    assert again.counts.orders == again.counts.today == again.repeats.count == 1


# Days and weeks


def test_orders_of_the_day_and_of_seven_days_are_told_apart(memory):
    hours = [-24 * 8, -24 * 6, -30, -1, 0]
    *_, last = take(memory, *(order(str(at), hour, phone(at)) for at, hour in enumerate(hours)))
    assert (last.counts.orders, last.counts.week, last.counts.today) == (5, 4, 2)
    assert (last.counts.callers, last.counts.callers_week) == (5, 4)


def test_a_day_begins_at_midnight_in_shanghai(memory):
    *_, last = take(memory, order("1", -9.02, phone(1)), order("2", -8.98, phone(2)), order("3", 0, phone(3)))
    assert last.counts.today == 2


def test_what_comes_in_late_is_counted_by_when_it_was_received(memory):
    take(memory, order("1", 0, phone(1)), order("2", 10, phone(2)))
    [late] = take(memory, order("3", 5, phone(3)))
    assert late.counts.orders == 2, "the one of ten hours was not there yet"
    assert ask(memory, order("2", 10, phone(2))).counts.orders == 3


def test_the_same_caller_counts_once_and_unknown_ones_prove_nobody(memory):
    callers = [phone(1), phone(1), "", "", phone(2)]
    *_, last = take(memory, *(order(str(at), at, one) for at, one in enumerate(callers)))
    assert (last.counts.orders, last.counts.callers, last.counts.callers_week) == (5, 2, 2)
    assert last.callers.remark == "另有2件来电人不明，未计入人数"


def test_where_nobody_is_known_there_is_one_caller_and_a_remark(memory):
    *_, last = take(memory, *(order(str(at), at) for at in range(3)))
    assert (last.counts.orders, last.counts.callers, last.token) == (3, 1, None)
    assert last.callers.remark == "3件均来电人不明，合计为1人"


def test_two_callers_behind_one_door_are_two_callers_of_one_household(memory):
    door = "临沂路88弄8号301室"
    *_, last = take(memory, order("1", 0, phone(1), address=door), order("2", 1, phone(2), address=door))
    assert last.counts.callers == 2
    assert last.callers.households == 1
    assert last.callers.remark == "2位来电人按住址计为1户"


# Whom an order comes from


def test_a_caller_who_calls_again_about_one_matter_calls_for_the_second_and_third_time(memory):
    answers = take(memory, *(order(str(at), 24 * at, phone(1)) for at in range(3)))
    assert [one.repeats.count for one in answers] == [1, 2, 3]
    assert answers[-1].repeats.because.startswith("该来电人就同一事项第3次来电")


def test_other_matters_of_a_caller_and_other_callers_of_a_matter_are_no_repeats(memory):
    take(memory, order("1", 0, phone(1), DOGS), order("2", 1, phone(2)), order("3", 2, ""))
    assert take(memory, order("4", 3, phone(1)))[0].repeats.count == 1


def test_a_caller_is_one_however_the_number_is_written(memory):
    take(memory, order("1", 0, "139 0001 0007"))
    [found] = take(memory, order("2", 5, "+86-13900010007"))
    assert found.repeats.count == 2
    assert found.similar[0].same_caller


def test_an_unknown_caller_calls_for_the_first_time_each_time(memory):
    assert [one.repeats.count for one in take(memory, order("1"), order("2", 1))] == [1, 1]


def test_one_call_passed_on_twice_is_named(memory):
    take(memory, order("0", 0, phone(1)))
    [found] = take(memory, order("10", 0.2, phone(1)))
    assert found.repeats.perhaps_one_call == ("10",)
    assert "请核对是否为同一来电重复流转" in found.repeats.because


def test_the_orders_of_a_caller_can_be_listed(memory):
    found = take(memory, order("1", 0, phone(1)), order("2", 1, phone(2)), order("3", 2, phone(1), DOGS))
    assert list(memory.orders_of(found[0].token)) == [0, 2]
    assert list(memory.orders_of(replace(found[0].token, value="c1-nobody"))) == []


# Nothing of after a moment


def test_what_came_after_the_moment_is_not_seen(memory):
    first = order("1", 0, phone(1))
    [before] = take(memory, first)
    take(memory, *(order(str(at), at, phone(1)) for at in range(2, 5)))
    assert ask(memory, first) == before
    assert ask(memory, first, MORNING + timedelta(hours=2.5)).counts.orders == 2


def test_an_order_asked_about_at_a_moment_does_not_see_an_issue_founded_later(memory):
    take(memory, order("1", 5, phone(1)))
    found = ask(memory, order("2", 0, phone(2)))
    assert (found.issue, found.similar, found.counts.orders) == (None, (), 1)


def test_a_merger_that_came_later_is_not_seen_from_before(memory):
    one, hour = Caller("", phone(1)), timedelta(hours=1)
    by_name = Order(MORNING + hour / 2, id="name", text=BY_NAME, caller=one)
    by_smell = [Order(MORNING, id=f"smell {at}", text=BY_SMELL, caller=one) for at in range(3)]
    before = take(memory, by_name, *by_smell)
    assert [found.counts.orders for found in before] == [1, 1, 2, 3]
    memory.linker.grouping.merge(before[0].issue, before[-1].issue, MORNING + 3 * hour, "王")
    assert [ask(memory, known) for known in (by_name, by_smell[-1])] == [before[0], before[-1]]
    asked = ask(memory, replace(by_smell[0], id="smell 9", received_at=MORNING + hour))
    assert asked.issue == before[-1].issue, "what is only asked about belonged to the one that it is like"
    assert (asked.counts.orders, asked.repeats.count) == (4, 4)
    after = ask(memory, by_smell[0], MORNING + 3 * hour)
    assert (after.issue, after.counts.orders) == (before[0].issue, 4)


def test_a_person_who_splits_an_issue_changes_nothing_that_was_known_before(memory):
    taken = [order(str(at), at, phone(1)) for at in range(3)]
    answers = take(memory, *taken)
    memory.linker.grouping.split(answers[0].issue, ["2"], MORNING + timedelta(hours=9), "王")
    assert ask(memory, taken[2]) == answers[2]
    after = ask(memory, taken[2], MORNING + timedelta(hours=9))
    assert (after.counts.orders, after.repeats.count) == (1, 1)
    assert after.issue != answers[2].issue


# Whom they complain about


def test_different_callers_of_seven_days_about_one_body_are_counted_across_matters(memory):
    shop = {"bodies": ("阿毛面馆",)}
    for at, about in enumerate([LIFT, DOGS]):
        one = order(str(at), at, phone(at), about)
        memory.remember(one, one.received_at, **shop)
    assert ask(memory, order("3", 3, phone(3)), **shop).unit_callers == 3
    assert ask(memory, order("3", 3, phone(1)), **shop).unit_callers == 2
    assert ask(memory, order("3", 24 * 8, phone(3)), **shop).unit_callers == 1
    assert ask(memory, order("3", 3, phone(3)), bodies=("汇禾面馆",)).unit_callers == 1
    assert ask(memory, order("3", 3, phone(3))).unit_callers == 0


def test_of_several_bodies_the_one_with_the_most_callers_counts(memory):
    one = order("1", 0, phone(1))
    memory.remember(one, one.received_at, bodies=("阿毛面馆", "阿毛面馆"))
    assert ask(memory, order("2", 1, phone(2)), bodies=("汇禾面馆", "阿毛面馆")).unit_callers == 2


# One text of many


def test_one_text_of_five_telephones_is_suggested_as_a_group_sending(memory):
    answers = take(memory, *(order(f"{at}0", at, phone(at)) for at in range(6)))
    assert [one.sending is not None for one in answers] == [False] * 4 + [True] * 2
    assert len(answers[-1].sending.callers) == 6


def test_one_telephone_with_one_text_five_times_is_none(memory):
    assert take(memory, *(order(f"{at}0", at, phone(1)) for at in range(6)))[-1].sending is None


# What nobody may see, and what nobody would send


def test_nothing_that_is_remembered_or_answered_prints_a_name_a_number_or_a_door(memory):
    private = order("1", 0, phone(7), name="欧阳建国", address="临沂路88弄8号301室")
    answers = take(memory, private, replace(private, id="2"))
    kept = [getattr(memory, slot) for slot in vars(memory)]
    shown = repr([memory, kept, answers, [one.token for one in answers]])
    assert [secret for secret in ("欧阳", phone(7), "301室") if secret in shown] == []


@pytest.mark.parametrize("text", ["", "吵", "\x00", "电" * 100_000], ids=["none", "one", "nul", "long"])
def test_a_text_that_says_nothing_is_remembered(memory, text):
    taken = [Order(MORNING + timedelta(hours=at), id=str(at), text=text, caller=Caller("", phone(1))) for at in (0, 1)]
    assert len(take(memory, *taken)) == 2
    assert len(memory.linker.grouping.issues.orders) == 2


@pytest.mark.parametrize("year", [1, 1970, 9998])
def test_an_impossible_clock_spoils_nothing(memory, year):
    take(memory, order("1", 0, phone(1)))
    wrong = replace(order("2", 0, phone(1)), received_at=MORNING.replace(year=year))
    assert take(memory, wrong)[0].counts.orders == 1
    assert take(memory, order("3", 1, phone(1)))[0].repeats.count == 2


def test_a_flood_of_one_text_is_one_issue_and_each_is_counted(memory):
    title, said = LIFT
    flood = (Order(MORNING + timedelta(seconds=at), said[0], title, str(at)) for at in range(150))
    *_, last = take(memory, *flood)
    assert last.counts.orders == last.counts.today == 150
    assert len(last.similar) <= 5
