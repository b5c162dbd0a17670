"""What may be asked of the service, and how a faulty question is answered."""

from __future__ import annotations

import pytest

from triage.desk.requests import LONGEST_TEXT, check_request
from triage.domain.errors import BadInput
from triage.domain.vocabulary import RequestType

ORDER = {"received_at": "2026-03-02T09:00", "text": "路灯不亮"}
GOOD = {"policy": "nanmatou", "order": ORDER}


def _with(**changes):
    return {**GOOD, "order": {**ORDER, **changes}}


def _faults(data) -> dict[str, str]:
    with pytest.raises(BadInput) as caught:
        check_request(data)
    return {".".join(map(str, problem.loc)): problem.msg for problem in caught.value.problems}


def test_the_smallest_request_is_enough():
    request = check_request(GOOD)
    assert request.at.isoformat() == "2026-03-02T09:00:00+08:00"
    assert request.stated == {}
    order = request.order.to_order()
    assert (order.text, order.title, order.id, order.address, order.request_type) == ("路灯不亮", "", None, "", None)


def test_everything_that_can_be_said_arrives():
    data = _with(
        id="2026-1", title="路灯", address="南码头路1号", request_type="help", caller={"name": "甲", "phone": "1"}
    )
    request = check_request(
        {**data, "as_of": "2026-03-03T01:00:00Z", "facts": {"issue_today": 5, "candidate_units": ["u1"]}}
    )
    order = request.order.to_order()
    assert (order.id, order.title, order.address) == ("2026-1", "路灯", "南码头路1号")
    assert order.request_type is RequestType.HELP
    assert (order.caller.name, order.caller.phone) == ("甲", "1")
    assert request.at.isoformat() == "2026-03-03T09:00:00+08:00"
    assert request.stated == {"issue_today": 5, "candidate_units": ("u1",)}


def test_a_caller_is_never_printed():
    request = check_request(_with(caller={"name": "欧阳娜娜", "phone": "13812345678"}))
    for shown in (repr(request), str(request), repr(request.order.to_order()), repr(request.order.caller)):
        assert "欧阳" not in shown
        assert "13812345678" not in shown


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({}, "policy"),
        ({"policy": "nanmatou"}, "order"),
        ({"policy": "nanmatou", "order": {"text": "x"}}, "order.received_at"),
        ({"policy": "nanmatou", "order": {"received_at": "2026-03-02T09:00"}}, "order.text"),
    ],
)
def test_what_is_missing_is_named(data, place):
    assert _faults(data)[place] == "Field required"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({**GOOD, "policy": 7}, "policy"),
        ({**GOOD, "order": "路灯"}, "order"),
        ({**GOOD, "order": [ORDER]}, "order"),
        ({**GOOD, "facts": []}, "facts"),
        ({**GOOD, "as_of": 1772413200}, "as_of"),
        (_with(text=None), "order.text"),
        (_with(text=["路灯"]), "order.text"),
        (_with(title=5), "order.title"),
        (_with(id=20260302), "order.id"),
        (_with(caller="张三"), "order.caller"),
        (_with(caller={"phone": 13812345678}), "order.caller.phone"),
        (_with(request_type="angry"), "order.request_type"),
        (_with(received_at=float("nan")), "order.received_at"),
        (_with(text="路灯\ud800"), "order.text"),
        (_with(colour="red"), "order.colour"),
        ({**GOOD, "polcy": "x"}, "polcy"),
        (_with(text="灯" * (LONGEST_TEXT + 1)), "order.text"),
        (_with(title="灯" * 2001), "order.title"),
        (_with(id="1" * 101), "order.id"),
        ({**GOOD, "policy": "p" * 101}, "policy"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_the_wrong_type_or_size_is_named(data, place):
    assert list(_faults(data)) == [place]


@pytest.mark.parametrize("data", [None, 5, "text", [], [GOOD]])
def test_what_is_no_object_is_refused(data):
    assert _faults(data)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-02-30T09:00", "day is out of range"),
        ("2026-13-01T09:00", "month must be in"),
        ("2026-03-02T25:00", "hour must be in"),
        ("2026-03-02", "the time of day is missing"),
        ("yesterday", "is not ISO 8601"),
        ("", "is not ISO 8601"),
        ("0001-01-01T00:00", "must lie in the years"),
        ("9999-12-31T23:59-23:59", "must lie in the years"),
        ("2026-03-02T09:00:00+99:00", "cannot be"),
    ],
)
def test_an_impossible_time_is_refused_with_its_reason(moment, said):
    assert said in _faults(_with(received_at=moment))["order.received_at"]
    assert said in _faults({**GOOD, "as_of": moment})["as_of"]


def test_every_fault_is_told_at_once():
    faults = _faults({"polcy": 1, "order": {"received_at": "never", "text": 5}})
    assert set(faults) == {"policy", "polcy", "order.received_at", "order.text"}


@pytest.mark.parametrize(
    ("facts", "place", "said"),
    [
        ({"isue_today": 5}, "facts.isue_today", "did you mean issue_today?"),
        ({"zzz": 5}, "facts.zzz", "known are request_type"),
        ({"issue_today": "5"}, "facts.issue_today", "must be a whole number"),
        ({"issue_today": -1}, "facts.issue_today", "must be a whole number"),
        ({"issue_today": True}, "facts.issue_today", "must be a whole number"),
        ({"issue_today": 1e99}, "facts.issue_today", "must be a whole number"),
        ({"issue_today": 2**31}, "facts.issue_today", "must be a whole number"),
        ({"emergency": 1}, "facts.emergency", "must be true or false"),
        ({"urgency": "very"}, "facts.urgency", "is not one of urgent, semi_urgent, normal"),
        ({"candidate_units": "u1"}, "facts.candidate_units", "must be a list of texts"),
        ({"candidate_units": [1]}, "facts.candidate_units", "must be a list of texts"),
        ({"emergency": None}, "facts.emergency", "must be true or false"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_with_what_was_allowed(facts, place, said):
    assert said in _faults({**GOOD, "facts": facts})[place]


def test_control_characters_in_a_text_are_no_fault():
    assert check_request(_with(text="路灯\x00\x07不亮\u200b")).order.text == "路灯\x00\x07不亮\u200b"
