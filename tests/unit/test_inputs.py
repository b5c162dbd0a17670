"""What `triage decide` reads, and what it says of what it cannot read."""

from __future__ import annotations

import io
import json

import pytest

from triage.desk.inputs import decoded, read_inputs
from triage.domain.errors import BadInput
from triage.policy.calendar.workdays import parse_time

ORDER = {"received_at": "2026-03-02T09:00", "text": "路灯不亮"}
POLICIES = ["moushi", "nanmatou"]
NOW = parse_time("2026-03-02T09:00:07.5")


def _read(*, policy="nanmatou", text=None, file=None, source=None, stdin=b""):
    return read_inputs(
        policy=policy, text=text, file=file, source=source, stdin=io.BytesIO(stdin), policies=POLICIES, now=NOW
    )


def _faults(**given) -> list[str]:
    with pytest.raises(BadInput) as caught:
        _read(**given)
    return [str(problem) for problem in caught.value.problems]


def _lines(*orders) -> str:
    return "\n".join(json.dumps(order, ensure_ascii=False) for order in orders) + "\n"


def test_a_text_alone_is_received_now():
    [request] = _read(text="路灯不亮").requests
    assert request.order.text == "路灯不亮"
    assert request.order.received_at.isoformat() == "2026-03-02T09:00:07+08:00"


@pytest.mark.parametrize("given", [{}, {"text": "a", "source": "-"}, {"text": "a", "file": "b"}])
def test_exactly_one_source_is_wanted(given):
    assert "exactly one of --text, --file or -" in _faults(**given)[0]


def test_only_a_dash_may_stand_for_standard_input():
    assert "'order.json': only - for standard input" in _faults(source="order.json")[0]


@pytest.mark.parametrize("body", [ORDER, {"order": ORDER}, {"policy": "nanmatou", "order": ORDER}])
def test_a_json_file_holds_an_order_or_a_whole_request(written, body):
    inputs = _read(file=written("order.json", json.dumps(body)))
    assert not inputs.by_line
    assert [request.policy for request in inputs.requests] == ["nanmatou"]


def test_the_policy_of_the_input_beats_the_option(written):
    body = {"policy": "moushi", "order": ORDER}
    assert _read(file=written("order.json", json.dumps(body))).requests[0].policy == "moushi"


def test_without_any_policy_it_is_asked_for(written):
    assert _faults(policy=None, file=written("order.json", json.dumps(ORDER))) == ["policy: Field required"]
    assert _faults(policy=None, text="路灯") == ["policy: Field required"]


@pytest.mark.parametrize("name", ["one.json", "many.jsonl"])
def test_an_unknown_policy_is_told_with_the_known_ones_and_the_row(written, name):
    body = {"policy": "atlantis", "order": ORDER}
    [fault] = _faults(file=written(name, json.dumps(body)))
    assert "unknown policy 'atlantis'; known are moushi, nanmatou" in fault
    assert fault.startswith("row 1.policy") == name.endswith("l")


def test_a_jsonl_file_is_read_in_order_and_blank_lines_are_skipped(written):
    content = _lines({**ORDER, "text": "甲"}) + "\n  \r\n" + _lines({**ORDER, "text": "乙"}, {**ORDER, "text": "丙"})
    inputs = _read(file=written("orders.jsonl", content))
    assert inputs.by_line
    assert [request.order.text for request in inputs.requests] == ["甲", "乙", "丙"]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_a_line_break_ends_a_line(written, mark):
    line = '{"received_at": "2026-03-02T09:00", "text": "甲' + mark + '乙"}\n'
    if mark < " ":
        assert "is not JSON: Invalid control character" in _faults(file=written("orders.jsonl", line))[0]
    else:
        assert _read(file=written("orders.jsonl", line * 2)).requests[1].order.text == f"甲{mark}乙"


def test_every_faulty_row_is_named_at_once(written):
    content = _lines(ORDER, {"text": "x"}) + "not json\n" + _lines([1], {**ORDER, "received_at": "2026-02-30T09:00"})
    faults = _faults(file=written("orders.jsonl", content))
    assert [fault.split(":")[0] for fault in faults] == [
        "row 2.order.received_at",
        "row 3",
        "row 4",
        "row 5.order.received_at",
    ]


def test_an_id_may_stand_once(written):
    content = _lines({**ORDER, "id": "a"}, {**ORDER, "id": "b"}, ORDER, ORDER, {**ORDER, "id": "a"})
    assert _faults(file=written("orders.jsonl", content)) == ["row 5.order.id: 'a' stands already in row 1"]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_jsonl_file_is_refused(written, content):
    assert "is empty" in _faults(file=written("orders.jsonl", content))[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"text": ' + "9" * 5000 + "}", "is not JSON"),
    ],
)
def test_a_json_file_that_is_none_is_refused(written, content, said):
    assert said in _faults(file=written("order.json", content))[0]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nothing\.json: cannot be read: No such file"):
        _read(file=tmp_path / "nothing.json")
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        _read(file=tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_and_standard_input_may_be_in_either_encoding(written, encoding):
    content = json.dumps(ORDER, ensure_ascii=False).encode(encoding)
    assert _read(file=written("order.json", content)).requests[0].order.text == "路灯不亮"
    assert _read(source="-", stdin=content).requests[0].order.text == "路灯不亮"
    assert _read(source="-", stdin="路灯不亮".encode(encoding)).requests[0].order.text == "路灯不亮"


def test_bytes_in_no_encoding_are_told_with_their_row(written):
    content = _lines(ORDER, ORDER).encode() + b'{"text": "\xff\xff"}\n'
    assert _faults(file=written("orders.jsonl", content)) == ["row 3: is neither UTF-8 nor GB18030 text"]


def test_the_row_told_is_that_of_the_encoding_that_got_further():
    utf8 = "灯\n灯\n".encode() + b"\xff\n"
    with pytest.raises(UnicodeDecodeError):
        "灯".encode().decode("gb18030")
    with pytest.raises(BadInput, match="row 3"):
        decoded("file", utf8)


# --- standard input ----------------------------------------------------------------------------------------


def test_standard_input_is_a_text_unless_it_begins_like_json():
    inputs = _read(source="-", stdin="路灯不亮\n很黑\n".encode())
    assert [request.order.text for request in inputs.requests] == ["路灯不亮\n很黑\n"]


def test_standard_input_may_hold_one_json_over_several_lines():
    inputs = _read(source="-", stdin=json.dumps(ORDER, indent=2).encode())
    assert not inputs.by_line
    assert len(inputs.requests) == 1


def test_standard_input_may_hold_json_a_line():
    inputs = _read(source="-", stdin=_lines(ORDER, ORDER).encode())
    assert inputs.by_line
    assert len(inputs.requests) == 2
    assert not _read(source="-", stdin=_lines(ORDER).encode()).by_line


def test_a_fault_in_json_over_several_lines_is_told_once_and_as_such():
    body = json.dumps({**ORDER, "received_at": "never"}, indent=2)
    assert [fault.split(":")[0] for fault in _faults(source="-", stdin=body.encode())] == ["order.received_at"]
    assert "is not JSON" in _faults(source="-", stdin=body[:-3].encode())[0]
