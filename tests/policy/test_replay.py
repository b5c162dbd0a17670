"""Replay: every kind of change is told by name, every bad row by line, and no row is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from triage.bootstrap import Service, packs_and_hours
from triage.cli import app
from triage.desk import replays
from triage.desk.replays import Wanted, replay_file
from triage.domain.errors import BadInput, PackFault, UnknownPolicy
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.pack.load import PackShelf
from triage.policy.scenarios.cases import read_case
from triage.policy.scenarios.replay import Change, Side, Tally, changes

TOWNS = Path(__file__).parent / "towns"
SECOND = str(TOWNS / "liuhe@2027.yaml")

QUAY = """\
id: quay
name: 码头镇
version: "1"
kind: sub_district
source: {title: 码头镇热线办法}
office_hours: {start: "09:00", end: "17:00"}
leaders:
  - {id: head, title: 镇长, role: main_leader}
  - {id: deputy, title: 分管热线的副镇长, role: centre_leader}
units:
  - {id: works, name: 建设办, leader: head}
duties:
  road-damage: {lead: works, entry: 道路养护}
clauses:
  "1": {kind: decides, text: 直接派单}
  "2": {kind: decides, text: 超期的由镇长指定}
  "3": {kind: clock, text: 五个工作日办结}
  "4": {kind: clock, text: 五个工作日办结}
  "5": {kind: alert, text: 反复来电的督办}
  "6": {kind: [decides, refusal], text: 退单由热线办审核，写明理由}
  "7": {kind: refusal, text: 答复后方可结案}
dispatch:
  - {clause: "quay:2", when: overdue, mode: designated, decider: main_leader, because: 超期}
  - {clause: "quay:1", mode: statutory, decider: dispatcher, because: 直接派单}
clocks:
  - id: sign
    clause: quay:4
    actor: unit
    starts: {kind: dispatched}
    met_by: {kind: signed}
  - id: finish
    clause: quay:3
    actor: unit
    starts: {kind: dispatched}
    within: {workdays: 5}
    met_by: {kind: replied}
alerts:
  - {clause: "quay:5", kind: supervision, level: town, notify: centre, when: repeat_count >= 3, because: 反复来电}
refusals:
  - {clause: "quay:6", event: {kind: return_requested}, lacks: [reason], because: 未写理由}
approvals:
  - {clause: "quay:6", request: return, by: centre, because: 退单由热线办审核}
closing:
  - {clause: "quay:7", when: "!replied", because: 尚未答复}
"""
ORDER: dict[str, Any] = {
    "order": {"received_at": "2026-03-02T09:00", "units": ["works"]},
    "facts": {"repeat_count": 3},
    "events": [
        {"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "works"},
        {"at": "2026-03-02T11:00", "kind": "return_requested", "unit": "works"},
    ],
    "as_of": "2026-03-05T12:00",
}
REPLIED = {**ORDER, "events": [*ORDER["events"], {"at": "2026-03-04T10:00", "kind": "replied"}]}

Changed = Callable[..., list[Change]]


@pytest.fixture
def changed(service: Service, hours: WorkingTime, tmp_path: Path) -> Changed:
    """What is otherwise of one order once these words of the pack are replaced."""

    def side(name: str, text: str) -> Side:
        path = tmp_path / name / "quay.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return Side(PackShelf(service.taxonomy.ids).find_or_raise(str(path)), hours)

    def run(*pairs: tuple[str, str], order: dict[str, Any] = ORDER, refusals: bool = False) -> list[Change]:
        text = QUAY
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        return changes(side("before", QUAY), side("after", text), read_case(order), refusals=refusals)

    return run


# One order.
def test_the_same_pack_changes_nothing(changed: Changed) -> None:
    assert changed(refusals=True) == []


CHANGES: list[tuple[str, str, list[Change]]] = [
    ("mode: statutory", "mode: agreed", [Change("dispatch.mode statutory -> agreed", "statutory", "agreed")]),
    ("decider: dispatcher", "decider: unit", [Change("dispatch.decider dispatcher -> unit", "dispatcher", "unit")]),
    (
        "{workdays: 5}",
        "{workdays: 6}",
        [Change("obligations.finish.due_at", "2026-03-09T17:00:00+08:00", "2026-03-10T17:00:00+08:00")],
    ),
    (
        "    within: {workdays: 5}\n",
        "",
        [Change("obligations.finish.due_at", "2026-03-09T17:00:00+08:00", None)],
    ),
    ("actor: unit", "actor: centre", [Change("obligations.sign.actor unit -> centre", "unit", "centre")]),
    (
        "level: town",
        "level: district",
        [
            Change("alerts - supervision town quay:5", "supervision town quay:5", None),
            Change("alerts + supervision district quay:5", None, "supervision district quay:5"),
        ],
    ),
    ("count >= 3", "count >= 4", [Change("alerts - supervision town quay:5", "supervision town quay:5", None)]),
    (
        "notify: centre",
        "notify: [main_leader, centre]",
        [Change("alerts.supervision town quay:5 notify", ["centre"], ["centre", "main_leader"])],
    ),
    ("return, by: centre", "return, by: district", [Change("awaits.return by", ["centre"], ["district"])]),
    (
        "request: return",
        "request: extension",
        [Change("awaits - return", "return", None)],
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), CHANGES, ids=[told[0].what for *_, told in CHANGES])
def test_a_change_is_told_with_what_was_and_what_would_be(
    changed: Changed, old: str, new: str, told: list[Change]
) -> None:
    assert changed((old, new)) == told


def test_the_same_may_be_decided_by_another_clause(changed: Changed) -> None:
    swapped = (("quay:2", "quay:0"), ("quay:1", "quay:2"), ("quay:0", "quay:1"))
    assert changed(*swapped) == [Change("dispatch.clause quay:1 -> quay:2", "quay:1", "quay:2")]


def test_an_obligation_may_be_new_or_gone(changed: Changed) -> None:
    gone = ("  - id: sign\n", "  - id: centre_contact\n")
    assert changed(gone) == [
        Change("obligations.sign gone", "open, None", None),
        Change("obligations.centre_contact new", None, "open, None"),
    ]


def test_a_shorter_time_may_change_the_state_and_who_decides(changed: Changed) -> None:
    found = {change.what: (change.before, change.after) for change in changed(("workdays: 5", "workdays: 2"))}
    assert found["obligations.finish.state open -> missed"] == ("open", "missed")
    assert found["dispatch.mode statutory -> designated"] == ("statutory", "designated")


def test_a_clock_may_run_by_another_clause(changed: Changed) -> None:
    swapped = (("clause: quay:4", "clause: quay:0"), ("clause: quay:3", "clause: quay:4"), ("quay:0", "quay:3"))
    assert [change.what for change in changed(*swapped)] == [
        "obligations.sign.clause quay:4 -> quay:3",
        "obligations.finish.clause quay:3 -> quay:4",
    ]


def test_closing_may_become_harder_or_easier(changed: Changed) -> None:
    done = {**REPLIED, "events": [*REPLIED["events"], {"at": "2026-03-04T11:00", "kind": "signed"}]}
    harder = ('when: "!replied"', 'when: "!called_back"')
    assert changed(harder, order=done) == [
        Change("why_not + quay:7", None, "quay:7"),
        Change("may_close", True, False),
    ]
    easier = ('when: "!replied"', "when: closed")
    assert [change.what for change in changed(easier)] == ["why_not - quay:7"]  # what is owed still stands against it


def test_refused_events_are_compared_only_when_asked_and_told_by_their_kind(changed: Changed) -> None:
    easier = ("lacks: [reason]", "lacks: [by]"), ("return_requested}, lacks", "return_approved}, lacks")
    assert changed(*easier) == []
    assert changed(*easier, refusals=True) == [Change("refused - return_requested quay:6", 1, None)]


# Many orders.
def test_an_order_that_shows_the_same_twice_counts_once() -> None:
    tally = Tally()
    tally.add("a", [Change("refused + closed x:1", None, 1), Change("refused + closed x:1", None, 2)])
    tally.add("b", [])
    assert tally.report() == {
        "orders": 2,
        "changed": 1,
        "changes": [
            {"what": "refused + closed x:1", "orders": 1, "examples": [{"id": "a", "before": None, "after": 1}]}
        ],
    }


def test_parts_that_are_joined_are_the_whole_with_the_first_examples() -> None:
    whole, parts = Tally(), [Tally(), Tally()]
    for number in range(10):
        found = [Change("may_close", True, False)] * (number % 2)
        whole.add(str(number), found)
        parts[number // 5].add(str(number), found)
    parts[0].join(parts[1])
    assert parts[0].report() == whole.report()
    assert [example["id"] for example in whole.examples["may_close"]] == ["1", "3", "5"]


# A file.
GOOD_ROW: dict[str, Any] = {"order": {"received_at": "2026-03-02T09:00", "units": ["works"]}}
BAD_ROWS: list[tuple[bytes | dict[str, Any], str]] = [
    (b"{", "not valid JSON"),
    (b"\xff\xfe{}", "not valid JSON"),
    (b"[" * 100_000, "not valid JSON"),
    (b"[]", "an order is a mapping, not list"),
    ({}, "as_of is missing"),
    ({**GOOD_ROW, "colour": 1}, "unknown key colour; known are as_of, events, facts, id, order, policy"),
    ({**GOOD_ROW, "policy": "nanmatou"}, "policy is 'nanmatou', not 'liuhe'"),
    ({"order": 5}, "order: must be a mapping, not 5"),
    ({"order": {"received_at": "soon"}}, "time 'soon' is not ISO 8601"),
    ({**GOOD_ROW, "order": {"urgency": "urgnt"}}, "order.urgency: 'urgnt' is not one of urgent"),
    ({**GOOD_ROW, "facts": {"isue_today": 1}}, "facts.isue_today: no such fact; did you mean issue_today?"),
    ({**GOOD_ROW, "as_of": "2500-01-01T00:00"}, "must lie in the years 1992 to 2199"),
    ({**GOOD_ROW, "events": [{"kind": "dispatched"}]}, "events.0: at is missing"),
    ({**GOOD_ROW, "events": [{"at": "2026-03-02T09:30", "kind": "sent"}]}, "events.0: kind 'sent' is not one of"),
    (
        {**GOOD_ROW, "events": [{"at": "2026-03-02T09:30", "kind": "replied", "elements": 5}]},
        "events.0: elements must be a list of texts, not 5",
    ),
    (
        {**GOOD_ROW, "events": [{"at": "2026-03-02T09:30", "kind": "corrected", "event": []}]},
        "events.0: event must be a text, not []",
    ),
    (
        {**GOOD_ROW, "events": [{"at": "2026-03-02T09:30", "kind": "called_back", "solved": "no"}]},
        "events.0: solved must be true or false, not 'no'",
    ),
]


@pytest.fixture(autouse=True)
def in_the_towns_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_PACKS", str(TOWNS))


@pytest.fixture
def past(tmp_path: Path) -> Callable[[Iterable[bytes | dict[str, Any]]], Path]:
    def write(rows: Iterable[bytes | dict[str, Any]]) -> Path:
        path = tmp_path / "past.jsonl"
        lines = (row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return path

    return write


Past = Callable[[Iterable[bytes | dict[str, Any]]], Path]


def replayed(path: Path, pack: str = SECOND, workers: int = 1, as_of: str | None = None) -> dict[str, Any]:
    return replay_file(path, packs_and_hours, Wanted("liuhe", pack, as_of=as_of), lambda line: None, workers)


def test_every_bad_row_is_told_by_its_line_and_none_is_lost(past: Past) -> None:
    rows = [row for bad, _ in BAD_ROWS for row in (GOOD_ROW, bad, b"")]
    report = replayed(past(rows))
    assert report["orders"] == len(BAD_ROWS)
    assert [one["line"] for one in report["rejected"]] == [3 * place + 2 for place in range(len(BAD_ROWS))]
    for one, (_, told) in zip(report["rejected"], BAD_ROWS, strict=True):
        (problem,) = one["problems"]
        assert told in problem


def test_texts_and_callers_may_stand_in_a_row_and_are_not_repeated(past: Past) -> None:
    told = {"id": "o-1", "title": "路灯", "text": "采莲街路灯不亮", "caller": {"phone": "021"}, "address": "采莲街"}
    row = {**GOOD_ROW, "order": {**GOOD_ROW["order"], **told}, "facts": {"issue_today": 3}}
    report = replayed(past([row]))
    assert report["rejected"] == []
    assert report["changes"][0]["examples"][0]["id"] == "o-1"
    assert "采莲街" not in json.dumps(report, ensure_ascii=False)


def test_one_process_and_two_give_the_same_report(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "ROWS_A_PART", 50)
    rows: list[bytes | dict[str, Any]] = [
        {**GOOD_ROW, "id": f"o-{number}", "facts": {"issue_today": number % 9}} for number in range(300)
    ]
    rows[77] = rows[178] = b"{"
    path = past(rows)
    alone, together = replayed(path), replayed(path, workers=2)
    assert alone == together
    assert (alone["orders"], [one["line"] for one in alone["rejected"]]) == (298, [78, 179])


def test_each_order_is_judged_before_by_the_version_in_force_at_its_receipt(past: Past) -> None:
    def received(at: str) -> dict[str, Any]:
        order = {"received_at": at, "units": ["works"]}
        return {"id": at, "order": order, "facts": {"issue_today": 3}, "as_of": "2027-02-01T09:00"}

    report = replayed(past([received("2026-12-31T23:00"), received("2027-01-01T01:00")]))
    assert report["before"] == ["2026", "2027"]
    assert report["after"] == {"id": "liuhe", "version": "2027"}
    assert report["changes"] == [
        {
            "what": "alerts - yellow liuhe:6",
            "orders": 1,
            "examples": [{"id": "2026-12-31T23:00", "before": "yellow liuhe:6", "after": None}],
        }
    ]


def test_all_orders_may_be_judged_at_one_time(past: Past) -> None:
    dispatched = {"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "works"}
    path = past([{**GOOD_ROW, "events": [dispatched], "as_of": "2026-03-02T10:00"}])
    states = [
        {change["what"] for change in replayed(path, as_of=as_of)["changes"]} for as_of in (None, "2026-03-20T09:00")
    ]
    assert "obligations.finish.due_at" in states[0] & states[1]
    assert "obligations.finish.state open -> missed" in states[1] - states[0]


def test_another_towns_pack_may_be_tried(past: Past) -> None:
    report = replayed(past([GOOD_ROW]), pack="nanmatou")
    assert report["after"]["id"] == "nanmatou"
    assert "dispatch.clause liuhe:1 -> nanmatou:opinion/3.1" in [one["what"] for one in report["changes"]]


def test_what_cannot_be_used_at_all_is_told_before_any_process_starts(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(replays, "ProcessPoolExecutor", no_process)
    path, faulty = past([GOOD_ROW]), tmp_path / "liuhe.yaml"
    faulty.write_text(Path(SECOND).read_text(encoding="utf-8").replace("lead: fire", "lead: fier"), encoding="utf-8")
    with pytest.raises(PackFault, match=r"liuhe.yaml:\d+: duties.fire-safety.lead: no unit 'fier'"):
        replayed(path, pack=str(faulty), workers=2)
    with pytest.raises(BadInput, match="no such file"):
        replayed(path, pack=str(tmp_path / "none.yaml"), workers=2)
    with pytest.raises(BadInput, match="no such file"):
        replayed(tmp_path / "none.jsonl", workers=2)
    with pytest.raises(UnknownPolicy, match="unknown policy 'atlantis'"):
        replay_file(path, packs_and_hours, Wanted("atlantis", SECOND), lambda line: None, 2)
    with pytest.raises(BadInput, match="time .soon. is not ISO 8601"):
        replayed(path, as_of="soon", workers=2)


# The command.
def test_the_command_ends_with_0_where_every_row_was_used(past: Past) -> None:
    words = ["policy", "replay", "--policy", "liuhe", "--pack", SECOND, "--workers", "1", "--data"]
    answer = CliRunner().invoke(app, [*words, str(past([GOOD_ROW]))])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["orders"] == 1
    assert answer.stderr == "replayed 1 orders, 0 changed, 0 rejected\n"


def test_it_ends_with_2_and_the_whole_report_where_one_was_not(past: Past) -> None:
    words = ["policy", "replay", "--policy", "liuhe", "--pack", SECOND, "--workers", "1", "--data"]
    answer = CliRunner().invoke(app, [*words, str(past([GOOD_ROW, b"{"]))])
    assert answer.exit_code == 2
    report = json.loads(answer.stdout)
    assert (report["orders"], report["rejected"]) == (1, [{"line": 2, "problems": ["not valid JSON"]}])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--policy", "atlantis", "--pack", SECOND], "unknown policy 'atlantis'"),
        (["--policy", "liuhe", "--pack", "/nowhere/liuhe.yaml"], "no such file"),
        (["--policy", "liuhe", "--pack", SECOND, "--as-of", "soon"], "time 'soon' is not ISO 8601"),
    ],
)
def test_it_ends_with_2_and_says_why_where_nothing_can_be_replayed(past: Past, words: list[str], told: str) -> None:
    answer = CliRunner().invoke(app, ["policy", "replay", *words, "--data", str(past([GOOD_ROW]))])
    assert answer.exit_code == 2
    assert told in answer.stderr
