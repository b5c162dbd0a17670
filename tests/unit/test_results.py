"""The result of an order, and the files of a batch."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.results.files import csv_file, json_file
from triage.desk.results.given import check_receipt
from triage.desk.results.result import result_of
from triage.domain.errors import BadInput
from triage.domain.moments import in_shanghai
from triage.policy.events import parse_events
from triage.records.orders import OrderRow
from triage.records.results import Batch, Item


def at(text):
    return in_shanghai(datetime.fromisoformat(text))


ORDER = OrderRow(
    id="A-1",
    seq=1,
    policy="nanmatou",
    received_at=at("2026-03-02T09:00"),
    digest="",
    title="路灯不亮",
    text="小区门口路灯不亮",
    request_type="complaint",
    urgency="normal",
    category="street-lamps",
    caller="c-x",
    issue=None,
    derived={},
    stated={},
    status="closed",
    unit="u1",
)
DISPATCHED = {"at": "2026-03-02T09:30", "kind": "dispatched", "unit": "u1", "id": "e1"}
CONTACT = {"at": "2026-03-02T10:00", "kind": "contact_attempt", "by": "unit", "reached": True, "id": "e2"}
REPLIED = {
    "at": "2026-03-03T15:00",
    "kind": "replied",
    "unit": "u1",
    "outcome": "solved",
    "fact": "true",
    "elements": ["fact_finding", "answer_time", "her name was Li"],
    "attachments": ["after_picture", "before_picture"],
    "id": "e3",
}
CALLED = {
    "at": "2026-03-04T10:00",
    "kind": "called_back",
    "contacted": True,
    "answered": True,
    "solved": True,
    "satisfaction": "mostly",
    "id": "e4",
}
CLOSED = {"at": "2026-03-04T11:00", "kind": "closed", "id": "e5"}
ALL = (DISPATCHED, CONTACT, REPLIED, CALLED, CLOSED)


def result(*events, order=ORDER):
    return result_of(order, parse_events(events))


def test_a_result_says_what_came_of_an_order_and_when():
    told = result(*ALL)
    assert (told.outcome, told.fact, told.satisfaction) == ("solved", "true", "mostly")
    assert (told.contacted, told.answered, told.solved) == (True, True, True)
    assert told.elements == ("fact_finding", "answer_time", "before_picture", "after_picture")
    times = (told.dispatched_at, told.first_contact_at, told.replied_at, told.called_back_at, told.closed_at)
    assert times == tuple(at(event["at"]) for event in ALL)


def test_what_did_not_happen_is_not_told():
    told = result(CLOSED)
    assert (told.outcome, told.fact, told.elements, told.replied_at, told.satisfaction) == (None, None, (), None, None)
    assert told.closed_at == at(CLOSED["at"])


def test_words_of_their_own_are_not_sent_on():
    told = result(
        DISPATCHED, {**REPLIED, "outcome": "王小满说解决了", "fact": "也许"}, {**CALLED, "satisfaction": "还行"}
    )
    assert (told.outcome, told.fact, told.satisfaction) == (None, None, None)
    assert "Li" not in json.dumps(told.content, ensure_ascii=False)


def test_reopened_the_reply_and_the_call_back_belong_to_what_was_before():
    reopened = {"at": "2026-03-05T09:00", "kind": "reopened", "reason": "", "id": "e6"}
    again = {**REPLIED, "at": "2026-03-06T09:00", "outcome": "explained", "id": "e7"}
    told = result(*ALL, reopened, again, order=replace(ORDER, status="replied"))
    assert (told.outcome, told.satisfaction, told.closed_at) == ("explained", None, None)
    assert told.dispatched_at == at(DISPATCHED["at"])


def test_a_correction_holds():
    correction = {
        "at": "2026-03-05T09:00",
        "kind": "corrected",
        "event": "e3",
        "by": "centre",
        "reason": "",
        "replacement": {**REPLIED, "outcome": "excessive", "id": None},
    }
    assert result(*ALL, correction).outcome == "excessive"


def test_an_unreached_call_is_no_contact():
    assert result({**CONTACT, "reached": False}, CONTACT | {"at": "2026-03-02T12:00"}).first_contact_at == at(
        "2026-03-02T12:00"
    )


def test_a_digest_changes_with_what_the_district_gets_and_with_nothing_else():
    told = result(*ALL)
    assert result(*ALL, order=replace(ORDER, version=9, title="别的", issue="i-1")).digest == told.digest
    assert result(*ALL[:-1]).digest != told.digest
    assert replace(told, satisfaction="fair").digest != told.digest


BATCH = Batch(3, "nanmatou", at("2026-03-09T08:00"), "key:x", "d", answered=False)


def item(told):
    return Item(told.order_id, 1, told.digest, told.content)


def rows(*results):
    read = csv_file([item(one) for one in results], lambda told: "城管办")
    assert read.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(read.decode("utf-8-sig"))))


def test_the_csv_speaks_chinese():
    (row,) = rows(result(*ALL))
    assert (row["工单编号"], row["办理状态"], row["承办单位"]) == ("A-1", "已办结", "城管办")
    assert (row["诉求类型"], row["办理结果"], row["事实认定"], row["满意度"]) == (
        "投诉",
        "实际解决",
        "属实",
        "基本满意",
    )
    assert row["答复要素"] == "事实认定、答复时间、处置前图片、处置后图片"
    assert (row["是否先联"], row["受理时间"], row["结案时间"]) == ("是", "2026-03-02 09:00:00", "2026-03-04 11:00:00")


def test_what_did_not_happen_is_an_empty_cell():
    (row,) = rows(result(CLOSED))
    assert {row[name] for name in ("办理结果", "满意度", "答复要素", "是否先联", "答复时间")} == {""}


def test_a_spreadsheet_reckons_with_nothing():
    (row,) = rows(result(*ALL, order=replace(ORDER, id="=HYPERLINK(1)")))
    assert row["工单编号"] == "'=HYPERLINK(1)"


@given(st.text(min_size=1, max_size=20, alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_whatever_an_order_is_called_both_files_can_be_read(order_id):
    told = result(*ALL, order=replace(ORDER, id=order_id))
    assert json.loads(json_file(BATCH, [item(told)]))["orders"] == [told.content]
    (row,) = rows(told)
    assert row["工单编号"].removeprefix("'") == order_id.removeprefix("'")


def test_the_json_says_which_batch_it_is():
    told = json.loads(json_file(BATCH, [item(result(*ALL))] * 2))
    assert (told["number"], told["policy"], len(told["orders"])) == (3, "nanmatou", 2)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, {("number",), ("at",)}),
        ({"number": "", "at": "2026-03-09T08:00"}, {("number",)}),
        ({"number": "1", "at": "yesterday"}, {("at",)}),
        ({"number": "1", "at": "2026-03-09T08:00", "accepted": [1], "rejected": [{"why": "x"}]}, None),
        ([], {()}),
    ],
)
def test_a_receipt_of_another_shape_is_refused_with_every_fault(data, where):
    with pytest.raises(BadInput) as caught:
        check_receipt("receipt.json", data)
    if where is not None:
        assert {fault.loc for fault in caught.value.problems} == where
    else:
        assert len(caught.value.problems) == 3


def test_a_reason_is_not_told_in_an_error():
    with pytest.raises(BadInput) as caught:
        check_receipt("r", {"number": "1", "at": "x", "rejected": [{"id": "A-1", "reason": ["慕容小满"]}]})
    assert "慕容" not in str(caught.value)
