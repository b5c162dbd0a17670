"""The command line, each command in a process of its own."""

from __future__ import annotations

import csv
import json
import random

import pytest

ORDER = {"received_at": "2026-03-02T09:00", "text": "小区门口烧烤店每天半夜油烟很大，熏得睡不着"}
POLICIES = ["moushi", "nanmatou", "tangqiao", "yanji", "youyilu"]
FIELDS = {
    "order_id", "policy", "model", "request_type", "urgency", "category", "units", "territory", "dispatch",
    "obligations", "alerts", "caller", "issue", "similar", "evidence", "trace",
}  # fmt: skip


def _jsonl(*orders) -> bytes:
    return "".join(json.dumps(order, ensure_ascii=False) + "\n" for order in orders).encode()


# --- decide ------------------------------------------------------------------------------------------------


def test_a_text_gets_a_decision_with_its_clauses(triage):
    answer = triage("decide", "--policy", "nanmatou", "--text", ORDER["text"])
    assert (answer.code, answer.err) == (0, "")
    decision = json.loads(answer.out)
    assert set(decision) >= FIELDS
    assert decision["category"][0]["name"] == "餐饮油烟"
    assert decision["units"][0]["role"] == "lead"
    assert decision["dispatch"]["clause"].startswith("nanmatou:")
    assert all(one["clause"] and one["because"] for one in decision["obligations"])


def test_a_whole_request_in_a_file_is_judged_at_its_own_time(triage, written):
    body = {
        "policy": "moushi",
        "as_of": "2026-03-03T01:00:00Z",
        "order": {**ORDER, "id": "a-1"},
        "facts": {"emergency": True},
    }
    answer = triage("decide", "--file", written("order.json", json.dumps(body)))
    decision = json.loads(answer.out)
    assert decision["order_id"] == "a-1"
    assert decision["policy"]["id"] == "moushi"
    assert decision["as_of"] == "2026-03-03T09:00:00+08:00"


def test_a_bare_order_takes_its_policy_from_the_option(triage, written):
    answer = triage("decide", "--policy", "tangqiao", "--file", written("order.json", json.dumps(ORDER)))
    assert json.loads(answer.out)["policy"]["id"] == "tangqiao"


def test_a_jsonl_file_gets_a_decision_a_line_in_order(triage, written):
    orders = [
        {**ORDER, "id": "a"},
        {"policy": "yanji", "order": {**ORDER, "id": "b", "text": "路灯不亮\u2028很黑"}},
        {**ORDER, "id": "c", "text": ""},
    ]
    answer = triage("decide", "--policy", "nanmatou", "--file", written("orders.jsonl", _jsonl(*orders)))
    assert (answer.code, answer.err) == (0, "")
    decisions = [json.loads(line) for line in answer.out.splitlines()]
    assert [one["order_id"] for one in decisions] == ["a", "b", "c"]
    assert [one["policy"]["id"] for one in decisions] == ["nanmatou", "yanji", "nanmatou"]
    assert decisions[2]["category"] == [] and not decisions[2]["dispatch"]["auto"]


@pytest.mark.parametrize(
    ("stdin", "count"),
    [
        ("路灯不亮\n很黑\n".encode(), 1),
        ("路灯不亮".encode("gb18030"), 1),
        (json.dumps(ORDER, indent=2).encode(), 1),
        (json.dumps(ORDER, ensure_ascii=False).encode("gb18030"), 1),
        (_jsonl(ORDER, ORDER), 2),
    ],
    ids=["text", "text in GB18030", "json", "json in GB18030", "jsonl"],
)
def test_standard_input_is_understood(triage, stdin, count):
    answer = triage("decide", "--policy", "nanmatou", "-", stdin=stdin)
    assert (answer.code, answer.err) == (0, "")
    if count == 1:
        assert json.loads(answer.out)["policy"]["id"] == "nanmatou"
    else:
        assert len(answer.out.splitlines()) == count


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", json.dumps({**ORDER, "text": 5}), "order.text: Input should be a valid string"),
        ("a.json", json.dumps({"text": "路灯"}), "order.received_at: Field required"),
        ("a.json", json.dumps({"policy": "atlantis", "order": ORDER}), "unknown policy 'atlantis'; known are moushi"),
        ("a.json", json.dumps({**ORDER, "received_at": "2026-02-30T09:00"}), "day is out of range for month"),
        ("a.json", json.dumps({"order": ORDER, "facts": {"isue_today": 1}}), "did you mean issue_today?"),
        ("a.json", json.dumps({**ORDER, "colour": "red"}), "order.colour: Extra inputs are not permitted"),
        ("a.json", json.dumps({**ORDER, "text": "灯" * 1_000_001}), "at most 1000000 characters"),
        ("a.json", '{"text": "路灯\x01"}', "is not JSON: Invalid control character"),
        ("a.json", json.dumps({**ORDER, "text": "\ud800"}), "order.text: Input should be a valid string, unable to"),
        ("a.json", "路灯不亮", "is not JSON"),
        ("a.json", "[" * 200_000, "nested too deeply"),
        ("a.json", b'\xff\xff{"text": 1}', "row 1: is neither UTF-8 nor GB18030 text"),
        ("a.jsonl", _jsonl(ORDER) + b"\xff\xff\n", "row 2: is neither UTF-8 nor GB18030 text"),
        ("a.jsonl", _jsonl({**ORDER, "id": "a"}, {**ORDER, "id": "a"}), "row 2.order.id: 'a' stands already in row 1"),
        ("a.jsonl", _jsonl(ORDER, ORDER, {**ORDER, "received_at": "never"}), "row 3.order.received_at: time 'never'"),
        ("a.jsonl", b"", "is empty"),
    ],
)  # fmt: skip
def test_bad_input_is_told_with_its_file_and_place(triage, written, name, content, said):
    path = written(name, content)
    answer = triage("decide", "--policy", "nanmatou", "--file", path)
    assert answer.code == 2
    assert answer.out == ""
    assert str(path) in answer.err
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err) < 3000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["decide", "--policy", "nanmatou"], "give exactly one of"),
        (["decide", "--text", "路灯"], "policy: Field required"),
        (["decide", "--policy", "nanmatou", "--file", "/nowhere/x.json"], "/nowhere/x.json"),
        (["decide", "--policy", "nanmatou", "--text", b"\xff\xfe"], "unable to parse raw data as a unicode string"),
        (["decide", "--colour", "red"], "--colour"),
        (["deside"], "deside"),
        (["serve", "--port", "99999"], "--port"),
        (["policy"], "Usage"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(triage, words, said):
    answer = triage(*words)
    assert answer.code == 2
    assert said in answer.err + answer.out
    assert "Traceback" not in answer.err


def test_control_characters_and_emoji_in_a_text_are_no_fault(triage):
    answer = triage("decide", "--policy", "nanmatou", "--text", "路灯\x07\x1b[31m\u200b不亮😡")
    assert answer.code == 0
    assert json.loads(answer.out)["category"][0]["name"] == "路灯照明"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TRIAGE_BODY_LIMIT": "many"}, "TRIAGE_BODY_LIMIT: Input should be a valid integer"),
        ({"TRIAGE_PARAMETERS": "{"}, "parameters"),
        ({"TRIAGE_PARAMETERS": '{"nanmatou": {"colour": 5}}'}, "no such parameter"),
        ({"TRIAGE_MODEL": "/nowhere"}, "model /nowhere: cannot read manifest.json"),
        ({"TRIAGE_PACKS": "/nowhere"}, "TRIAGE_PACKS: /nowhere is not a folder"),
        ({"TRIAGE_CALENDAR": "/nowhere"}, "calendar file /nowhere cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(triage, settings, said):
    answer = triage("decide", "--policy", "nanmatou", "--text", "路灯", **settings)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


# --- review ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "clause"), [("nanmatou", "nanmatou:rules/8.9.1"), ("yanji", None)])
def test_a_reply_gets_eight_findings_that_assist(triage, written, policy, clause):
    body = {"order": {"text": "小区路灯不亮"}, "reply": {"text": "您反映的问题已转交供电部门。"}}
    answer = triage("review", written("reply.json", json.dumps(body)), "--policy", policy)
    assert (answer.code, answer.err) == (0, "")
    review = json.loads(answer.out)
    assert (review["assists"], review["note"], review["clause"]) == (True, "仅供人工审核参考", clause)
    assert [finding["number"] for finding in review["findings"]] == list(range(1, 9))


def test_replies_by_line_are_answered_by_line(triage, written):
    body = {"order": {"text": "小区路灯不亮"}, "reply": {"text": "路灯已修复。"}}
    answer = triage("review", written("replies.jsonl", _jsonl(body, body)), "--policy", "tangqiao")
    assert len([json.loads(line) for line in answer.out.splitlines()]) == 2


def test_a_reply_that_cannot_be_used_ends_with_two_and_the_field(triage, written):
    body = {"order": {"text": "小区路灯不亮"}, "reply": {"text": "路灯已修复。", "outcome": "done"}}
    answer = triage("review", written("reply.json", json.dumps(body)), "--policy", "tangqiao")
    assert (answer.code, answer.out) == (2, "")
    assert "reply.outcome" in answer.err


# --- train, predict, evaluate ------------------------------------------------------------------------------

WORDS = {
    "油烟": ("饭店油烟", "烧烤呛人", "排烟管对着窗", "后厨油烟味"),
    "路灯": ("路灯不亮", "灯杆漆黑", "路灯坏了", "夜里没有照明"),
    "停车": ("乱停车", "占了车位", "车堵住门口", "消防通道停车"),
}


def _rows(count: int, seed: int = 1) -> list[list[str]]:
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        label = chance.choice(list(WORDS))
        first, second = chance.sample(WORDS[label], 2)
        rows.append([f"{seed}-{number}", first, f'{second}，{chance.choice("甲乙丙丁")}小区，\n“请”"尽快"处理', label])
    return rows


def _write(path, rows, header=("id", "title", "text", "label_given"), encoding="utf-8", end="\r\n"):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator=end)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def trained(triage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    data = _write(folder / "orders.csv", [*_rows(240), ["x", "无标签", "无标签", " "]])
    answer = triage("train", "--data", data, "--label", "label_given", "--out", folder / "model")
    assert answer.code == 0, answer.err
    return folder / "model", answer


def test_training_says_what_it_did_and_which_rows_it_left_out(trained):
    folder, answer = trained
    assert json.loads(answer.out)["rows"] == 240
    assert "1 rows without label_given are left out: 242" in answer.err
    assert (folder / "card.md").read_text(encoding="utf-8").startswith("# orders-label_given")
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["text_columns"] == ["title", "text"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_predicting_keeps_rows_and_their_order_and_adds_four_columns(triage, trained, tmp_path, encoding):
    rows = [*_rows(60, seed=2), ["last", "", "", ""]]
    data = _write(tmp_path / "new.csv", rows, encoding=encoding)
    answer = triage("predict", "--model", trained[0], "--data", data, "--out", tmp_path / "out.csv")
    assert (answer.code, json.loads(answer.out)["rows"]) == (0, 61)
    found = _read(tmp_path / "out.csv")
    assert [list(row.values())[:4] for row in found] == rows
    assert list(found[0])[4:] == ["label", "confidence", "auto", "set"]
    for row in found:
        assert row["auto"] in ("true", "false")
        assert 0 <= float(row["confidence"]) <= 1
        assert row["set"].split("|")[0] == row["label"]
    right = [row["label"] == row["label_given"] for row in found[:-1]]
    assert sum(right) / len(right) > 0.95


def test_rows_of_many_batches_stay_in_order(triage, trained, tmp_path):
    rows = _rows(1300, seed=3)
    data = _write(tmp_path / "new.csv", rows)
    triage("predict", "--model", trained[0], "--data", data, "--out", tmp_path / "out.csv")
    found = _read(tmp_path / "out.csv")
    assert [row["id"] for row in found] == [row[0] for row in rows]
    assert sum(row["label"] == row["label_given"] for row in found) > 1250


def test_a_label_column_that_is_there_already_is_kept_under_another_name(triage, trained, tmp_path):
    data = _write(tmp_path / "new.csv", _rows(5), header=("id", "title", "text", "label"))
    triage("predict", "--model", trained[0], "--data", data, "--out", tmp_path / "out.csv")
    assert list(_read(tmp_path / "out.csv")[0]) == [
        "id",
        "title",
        "text",
        "given_label",
        "label",
        "confidence",
        "auto",
        "set",
    ]


def test_evaluating_gives_figures_that_agree_with_predicting(triage, trained, tmp_path):
    data = _write(tmp_path / "new.csv", _rows(200, seed=4))
    figures = json.loads(triage("evaluate", "--model", trained[0], "--data", data, "--label", "label_given").out)
    triage("predict", "--model", trained[0], "--data", data, "--out", tmp_path / "out.csv")
    found = _read(tmp_path / "out.csv")
    assert figures["rows"] == 200
    assert figures["accuracy"] == pytest.approx(sum(row["label"] == row["label_given"] for row in found) / 200)
    assert figures["promise"]["coverage"] == pytest.approx(sum(row["auto"] == "true" for row in found) / 200)
    assert set(figures["per_class"]) == set(WORDS)
    assert 0.9 < figures["macro_f1"] <= 1
    assert figures["set"]["mean_size"] >= 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_training_on_either_encoding_gives_the_same_model(triage, tmp_path, encoding):
    rows = _rows(60)
    versions = []
    for name, end in (("utf-8", "\n"), (encoding, "\r\n")):
        data = _write(tmp_path / f"{name}.csv", rows, encoding=name, end=end)
        answer = triage("train", "--data", data, "--label", "label_given", "--out", tmp_path / f"m-{name}")
        versions.append(json.loads(answer.out)["version"])
    assert versions[0] == versions[1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,text,label\n1,路灯,甲\n2,油烟\n3,停车,乙,丙\n5,,,,\n", ["row 3: has 2", "row 4: has 4", "row 5: has 5"]),
        ("id,text,label\n1,路灯,甲\n\n2,油烟\n", ["row 4: has 2 fields, the header has 3"]),
        ('id,text,label\n1,路灯,甲\n2,油烟,"乙\n3,停车,丙\n', ["row 3: a quotation mark is opened here and never"]),
        ("id,text,label\n1,路灯,甲\n2,路灯,乙\n1,油烟,乙\n", ["row 4.id: '1' stands already in row 2"]),
        ("id,text,text\n1,路灯,甲\n", ["column 'text' stands twice"]),
        ("id,text,label\n", ["has a header and no rows"]),
        ("", ["is empty: a header row is needed"]),
        ("id,text,label\n1,,甲\n2,  ,乙\n", ["column text is empty in every row"]),
        ("id,text,label\n1,路灯,\n2,油烟,\n", ["column 'label' is empty in every row"]),
        ("id,text,label\n1,路灯,甲\n2,油烟,甲\n", ["at least two different labels"]),
        ("id,body,label\n1,路灯,甲\n2,油烟,乙\n", ["has no column 'text'; its columns are id, body, label"]),
        ("id,text,class\n1,路灯,甲\n2,油烟,乙\n", ["has no column 'label'; its columns are id, text, class"]),
        (b"id,text,label\n1,\xff\xff,a\n", ["row 2: is neither UTF-8 nor GB18030 text"]),
    ],
)  # fmt: skip
def test_a_faulty_table_is_refused_with_every_row_named(triage, written, tmp_path, content, said):
    data = written("data.csv", content)
    answer = triage("train", "--data", data, "--text", "text", "--label", "label", "--out", tmp_path / "model")
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert all(part in answer.err for part in said)
    assert not (tmp_path / "model").exists()


def test_many_faulty_rows_are_counted_instead_of_listed(triage, written, tmp_path):
    data = written("data.csv", "text,label\n" + "a\n" * 500)
    answer = triage("train", "--data", data, "--text", "text", "--label", "label", "--out", tmp_path / "model")
    assert answer.code == 2
    assert "and 480 more rows like these" in answer.err
    assert answer.err.count("\n") < 30


def test_what_cannot_be_read_or_written_is_named(triage, trained, written, tmp_path):
    data = _write(tmp_path / "new.csv", _rows(3))
    for words, said in (
        (("predict", "--model", tmp_path, "--data", data, "--out", tmp_path / "o.csv"), "cannot read manifest.json"),
        (("predict", "--model", trained[0], "--data", tmp_path / "no.csv", "--out", tmp_path / "o.csv"), "no.csv"),
        (("predict", "--model", trained[0], "--data", data, "--out", tmp_path / "no" / "o.csv"), "cannot be written"),
        (("train", "--data", data, "--label", "label_given", "--out", tmp_path), "holds other files"),
        (("train", "--data", data, "--label", "label_given", "--out", data), "is a file"),
    ):
        answer = triage(*words)
        assert answer.code == 2
        assert said in answer.err
        assert "Traceback" not in answer.err
    assert _read(data), "nothing was written over"


def test_a_model_that_answers_one_question_only_cannot_serve_and_says_so(triage, trained):
    answer = triage("decide", "--policy", "nanmatou", "--text", "路灯", TRIAGE_MODEL=str(trained[0]))
    assert answer.code == 2
    assert "it has no head for category" in answer.err


# --- policy ------------------------------------------------------------------------------------------------

SCENARIO = """
- name: {name}
  policy: nanmatou
  order: {{received_at: "2026-03-02T09:00"}}
  as_of: "2026-03-02T09:00"
  expect:
    obligations:
      centre_contact: {{due_at: "{due}"}}
"""


def test_the_packs_that_ship_are_sound(triage):
    answer = triage("policy", "check")
    assert answer.code == 0
    assert [line.split(":")[0] for line in answer.out.splitlines()] == POLICIES
    assert all(": ok, " in line for line in answer.out.splitlines())


def test_a_faulty_pack_is_told_with_its_line_and_ends_with_1(triage, written):
    answer = triage("policy", "check", written("moushi.yaml", "id: moushi\nname: [\n"))
    assert answer.code == 1
    assert "moushi.yaml:" in answer.out


@pytest.mark.parametrize(
    "words", [("policy", "check", "/nowhere.yaml"), ("policy", "test", "/nowhere"), ("policy", "explain", "atlantis")]
)
def test_what_is_not_there_ends_with_2(triage, words):
    answer = triage(*words)
    assert answer.code == 2
    assert words[-1] in answer.err


def test_scenarios_that_hold_end_with_0(triage, written):
    path = written("good.yaml", SCENARIO.format(name="an hour to call", due="2026-03-02T10:00"))
    answer = triage("policy", "test", path)
    assert (answer.code, answer.out) == (0, "1 passed, 0 failed\n")


def test_a_scenario_that_differs_is_printed_with_both_values_and_ends_with_1(triage, written):
    path = written("bad.yaml", SCENARIO.format(name="a wrong hope", due="2026-03-02T12:00"))
    answer = triage("policy", "test", path.parent)
    assert answer.code == 1
    assert f"FAILED {path}:2 a wrong hope" in answer.out
    assert "12:00" in answer.out and "10:00" in answer.out
    assert answer.out.endswith("0 passed, 1 failed\n")


@pytest.mark.parametrize("content", ["[]", "- {name: x, polcy: nanmatou}", "name: x", "- name: ["])
def test_a_faulty_scenario_file_ends_with_2(triage, written, content):
    answer = triage("policy", "test", written("bad.yaml", content))
    assert answer.code == 2
    assert "bad.yaml" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("policy", POLICIES)
def test_a_pack_is_explained_in_chinese(triage, policy):
    answer = triage("policy", "explain", policy)
    assert answer.code == 0
    assert f"{policy}:" in answer.out
    assert sum("\u4e00" <= mark <= "\u9fff" for mark in answer.out) > 500
