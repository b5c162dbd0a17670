"""Decisions that hang on other orders: what the towns' rules ask of a day, a week, a caller and a body."""

from __future__ import annotations

import pytest

from tests.town.told import DOGS, LIFT
from tests.unit.grouping_town import FreshService
from triage.bootstrap import Service
from triage.desk.requests import DecisionRequest, check_request
from triage.domain.decisions import Alert, Decision
from triage.domain.errors import UnknownPolicy

SHOP = (
    "",
    [
        "投诉老灶坊烧烤店，油烟直接排到楼道里，多次劝说不听，要求处罚老灶坊烧烤店。",
        "我要投诉，在老灶坊烧烤店办的储值卡不给退，店员态度恶劣，要求老灶坊烧烤店退款。",
        "投诉老灶坊烧烤店拖欠员工工资，已经三个月没有发了，老板一直不露面。",
    ],
)
QUESTION = ("", ["请问老灶坊烧烤店几点开门，怎么办理会员卡？"])


@pytest.fixture
def town(service: Service) -> Service:
    """A service that has not received an order."""
    return FreshService(service)


def request(
    policy: str, number: int, at: str, phone: int | None = None, about: tuple[str, list[str]] = LIFT, **more: object
) -> DecisionRequest:
    """An order in the words of its number; a phone of None is a caller who is not known."""
    title, said = about
    order = {"id": f"o{number}", "received_at": at, "title": title, "text": said[number % len(said)]}
    if phone is not None:
        order["caller"] = {"name": "欧阳建国", "phone": f"1390001{phone:04}"}
    as_of = {"as_of": more.pop("as_of")} if "as_of" in more else {}
    return check_request({"policy": policy, "order": order | dict(more.pop("order", {})), "facts": more, **as_of})


def received(town: Service, *requests: DecisionRequest) -> list[Decision]:
    return [town.receive(one) for one in requests]


def alerts(decision: Decision, kind: str) -> list[Alert]:
    return [alert for alert in decision.alerts if alert.kind == kind]


def warnings(decision: Decision) -> list[str]:
    return [alert.kind.value for alert in decision.alerts if alert.kind in ("yellow", "red")]


def hour(at: int) -> str:
    return f"2026-03-02T{9 + at:02}:00"


# Tangqiao: similar orders of one day


def test_the_fifth_similar_order_of_a_day_is_a_yellow_warning_and_the_fourth_is_not(town):
    *before, fifth = received(town, *(request("tangqiao", at, hour(at), at) for at in range(5)))
    assert [warnings(one) for one in before] == [[]] * 4
    [alert] = alerts(fifth, "yellow")
    assert (alert.clause, alert.because) == ("tangqiao:4.2.5", "类似工单当天5件，制作黄色预警单")
    assert (fifth.issue.today, fifth.issue.orders, fifth.issue.callers) == (5, 5, 5)


def test_five_orders_of_two_days_are_none(town):
    days = ["2026-03-02T09:00"] * 2 + ["2026-03-03T09:00"] * 3
    assert warnings(received(town, *_on("tangqiao", days))[-1]) == []


def test_the_tenth_is_a_red_one(town):
    answers = received(town, *(request("tangqiao", at, f"2026-03-02T09:{at:02}", at) for at in range(10)))
    assert [warnings(one) for one in answers[-2:]] == [["yellow"], ["red"]]


def _on(policy: str, days: list[str]) -> list[DecisionRequest]:
    return [request(policy, at, day, at) for at, day in enumerate(days)]


# Moushi: different callers of seven days, about one matter or about one body


def test_three_telephones_about_one_matter_in_a_week_are_key_supervision(town):
    days = ["2026-03-02T09:00", "2026-03-04T09:00", "2026-03-08T09:00"]
    *before, third = received(town, *_on("moushi", days))
    assert not any(alerts(one, "key_supervision") for one in before)
    [alert] = alerts(third, "key_supervision")
    assert (alert.clause, alert.because) == ("moushi:2.2.4", "同一事项近7日3人投诉")


def test_one_telephone_three_times_is_none(town):
    *_, third = received(town, *(request("moushi", at, hour(at), 1) for at in range(3)))
    assert alerts(third, "key_supervision") == []
    assert (third.issue.orders, third.issue.callers, third.caller.repeat_count) == (3, 1, 3)


def test_three_telephones_of_more_than_a_week_are_none(town):
    days = ["2026-03-02T09:00", "2026-03-04T09:00", "2026-03-09T09:01"]
    third = received(town, *_on("moushi", days))[-1]
    assert alerts(third, "key_supervision") == []
    assert (third.issue.callers, third.issue.week) == (3, 2)


def test_three_callers_who_complain_about_one_shop_are_key_supervision(town):
    *before, third = received(town, *(request("moushi", at, hour(at), at, SHOP) for at in range(3)))
    assert not any(alerts(one, "key_supervision") for one in before)
    [alert] = alerts(third, "key_supervision")
    assert "同一单位3人投诉" in alert.because


def test_who_only_asks_a_shop_something_complains_about_nobody(town):
    asked, *complained = (
        request("moushi", 9, hour(0), 9, QUESTION),
        *(request("moushi", at, hour(at), at, SHOP) for at in (1, 2)),
    )
    answers = received(town, asked, *complained, request("moushi", 8, hour(3), 8, QUESTION))
    assert answers[0].request_type.value == answers[-1].request_type.value == "consultation"
    assert not any("同一单位" in alert.because for one in answers for alert in one.alerts)


def test_one_caller_who_complains_three_times_about_a_shop_is_one(town):
    *_, third = received(town, *(request("moushi", at, hour(at), 1, SHOP) for at in range(3)))
    assert alerts(third, "key_supervision") == []


# Youyilu: one caller again and again


def test_the_third_call_about_one_matter_is_supervision_and_the_second_is_not(town):
    days = ["2026-03-02T09:00", "2026-03-05T09:00", "2026-03-20T09:00"]
    *before, third = received(town, *(request("youyilu", at, day, 1) for at, day in enumerate(days)))
    assert not any(alerts(one, "supervision") for one in before)
    [alert] = alerts(third, "supervision")
    assert (alert.clause, alert.because) == ("youyilu:12.2", "同一事项重复投诉3次")
    assert third.caller.because.startswith("该来电人就同一事项第3次来电")


def test_other_matters_of_the_caller_and_other_callers_of_the_matter_do_not_count(town):
    received(town, request("youyilu", 0, hour(0), 1), request("youyilu", 1, hour(1), 1, DOGS))
    received(town, request("youyilu", 2, hour(2), 2), request("youyilu", 3, hour(3)))
    [found] = received(town, request("youyilu", 4, hour(4), 1))
    assert found.caller.repeat_count == 2
    assert alerts(found, "supervision") == []


def test_a_caller_who_is_not_known_never_calls_again(town):
    *_, third = received(town, *(request("youyilu", at, hour(at)) for at in range(3)))
    assert (third.caller.token, third.caller.repeat_count) == (None, 1)
    assert alerts(third, "supervision") == []
    assert third.issue.remark == "3件均来电人不明，合计为1人"


# What a person or the platform states


def test_a_stated_number_beats_what_is_remembered(town):
    *_, fifth = received(town, *(request("tangqiao", at, hour(at), at) for at in range(4)), _stated(issue_today=1))
    assert fifth.issue.today == 1
    assert warnings(fifth) == []
    assert warnings(received(town, _stated(6, issue_today=10))[0]) == ["red"]


def _stated(number: int = 5, **facts: object) -> DecisionRequest:
    return request("tangqiao", number, hour(5), number, **facts)


def test_a_stated_repeat_beats_what_is_remembered_and_says_so(town):
    received(town, request("youyilu", 0, hour(0), 1))
    [found] = received(town, request("youyilu", 1, hour(1), 1, repeat_count=3))
    assert (found.caller.repeat_count, found.caller.because) == (3, "人工或上级平台说明")
    assert len(alerts(found, "supervision")) == 1


# Moments


def test_a_moment_before_the_fifth_order_does_not_see_it(town):
    answers = received(town, *(request("tangqiao", at, hour(at), at) for at in range(5)))
    assert town.decide(request("tangqiao", 3, hour(3), 3)) == answers[3]
    later = town.decide(request("tangqiao", 3, hour(3), 3, as_of=hour(4)))
    assert warnings(later) == ["yellow"]


def test_an_order_that_comes_in_late_is_judged_by_when_it_was_received(town):
    received(town, *(request("tangqiao", at, hour(at), at) for at in (0, 1, 2, 4)))
    [late] = received(town, request("tangqiao", 3, hour(3), 3))
    assert late.issue.today == 4
    last = town.decide(request("tangqiao", 4, hour(4), 4))
    assert last.issue.today == 5
    assert warnings(last) == ["yellow"]


# Receiving and deciding


def test_deciding_sees_what_was_received_and_keeps_nothing(town):
    received(town, *(request("tangqiao", at, hour(at), at) for at in range(4)))
    asked = [town.decide(request("tangqiao", 4, hour(4), 4)) for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]
    assert asked[0].issue.today == 5
    assert {one.order_id for one in asked[0].similar} <= {f"o{at}" for at in range(4)}
    assert received(town, request("tangqiao", 5, hour(5), 5))[0].issue.today == 5


def test_an_order_that_was_received_twice_counts_once(town):
    one = request("youyilu", 0, hour(0), 1)
    first, again = received(town, one, one)
    assert first == again
    assert again.issue.orders == again.caller.repeat_count == 1


def test_before_anything_was_received_an_order_stands_alone(town):
    decision = town.decide(request("nanmatou", 0, hour(0), 1))
    assert (decision.issue.id, decision.issue.orders, decision.caller.token, decision.similar) == (None, 1, None, ())


def test_what_one_town_received_another_does_not_know(town):
    received(town, *(request("tangqiao", at, hour(at), at) for at in range(4)))
    assert received(town, request("yanji", 4, hour(4), 4))[0].issue.orders == 1


def test_a_town_that_no_pack_has_receives_nothing(town):
    with pytest.raises(UnknownPolicy):
        town.receive(request("nowhere", 0, hour(0), 1))


# What a leader is told, and what nobody is


def test_two_callers_behind_one_door_are_remarked_on(town):
    home = {"address": "临沂路88弄8号301室"}
    _, second = received(town, *(request("tangqiao", at, hour(at), at, order=home) for at in range(2)))
    assert (second.issue.callers, second.issue.remark) == (2, "2位来电人按住址计为1户")


def test_one_text_of_five_telephones_is_suggested_as_a_group_sending_and_of_four_it_is_not(town):
    same = (LIFT[0], LIFT[1][:1])
    answers = received(town, *(request("nanmatou", at, hour(at), at, same) for at in range(5)))
    assert [one.group_sending is not None for one in answers] == [False] * 4 + [True]
    sending = answers[-1].group_sending
    assert (sending.orders, sending.callers) == (5, 5)
    assert sending.because.endswith("疑为群发工单，请人工认定")


def test_similar_orders_come_with_reasons_and_the_same_caller_is_marked(town):
    received(town, request("nanmatou", 0, hour(0), 1), request("nanmatou", 1, hour(1), 2))
    found = {one.order_id: one for one in received(town, request("nanmatou", 2, hour(2), 2))[0].similar}
    assert {order_id: one.same_caller for order_id, one in found.items()} == {"o0": False, "o1": True}
    assert all("同一地点：金浦" in one.why and 0 < one.score <= 1 for one in found.values())


def test_no_name_no_number_and_no_door_is_in_a_decision_or_a_memory(town):
    home = {"address": "临沂路88弄8号301室"}
    answers = received(town, *(request("nanmatou", at, hour(at), at, order=home) for at in range(3)))
    memory = town.memory("nanmatou")
    shown = "".join(map(str, [answers, vars(memory), memory, vars(town)]))
    assert [secret for secret in ("欧阳", "建国", "1390001", "301室") if secret in shown] == []
    assert all(answer.caller.token and answer.caller.strength == "phone" for answer in answers)
