"""A bad scenario file is refused with its line and what was allowed; a differing one says expected and found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from triage.bootstrap import Service
from triage.cli import app
from triage.domain.errors import BadInput
from triage.policy.scenarios.run import Outcome, read_scenarios, run_scenarios, scenario_files

DOCS = Path(__file__).parents[2] / "docs"

HEAD = """\
- name: first
  policy: nanmatou
  order: {received_at: "2026-03-02T09:00", units: [urban-squad]}
  expect:
    dispatch: {mode: statutory}
- name: second
  policy: nanmatou
"""
TIMED = '  as_of: "2026-03-02T09:00"\n'
EMPTY = "  expect: {}\n"

Run = Callable[[str], list[Outcome]]


@pytest.fixture
def run(service: Service, tmp_path: Path) -> Run:
    def run_text(text: str) -> list[Outcome]:
        path = tmp_path / "told.yaml"
        path.write_text(text, encoding="utf-8")
        return list(run_scenarios([path], service.shelf, lambda pack: service.town_of(pack).hours))

    return run_text


def refusal(run: Run, text: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        run(text)
    return [str(fault) for fault in refused.value.problems]


BAD = [
    ("  expct: {}\n", 6, "unknown key expct; known are as_of, events, expect, facts, name, order, policy"),
    (TIMED, 6, "expect is missing"),
    (EMPTY, 6, "as_of is missing, and there is no received_at and no event to take it from"),
    ('  as_of: "2026-02-30T09:00"\n' + EMPTY, 6, "time '2026-02-30T09:00' cannot be: day is out of range for month"),
    ('  as_of: "2026-03-02"\n' + EMPTY, 6, "the time of day is missing, as in 2026-03-02T09:30"),
    ("  order: {received_at: soon}\n" + EMPTY, 6, "time 'soon' is not ISO 8601, such as 2026-03-02T09:30"),
    ("  order: {colour: red}\n" + EMPTY, 6, "unknown key order.colour; known are category, complexity, received_at"),
    (TIMED + "  order: {urgency: urgnt}\n" + EMPTY, 9, "'urgnt' is not one of urgent, semi_urgent, normal"),
    (TIMED + "  order: {units: squad}\n" + EMPTY, 9, "must be a list of texts, not 'squad'"),
    (TIMED + "  order: [squad]\n" + EMPTY, 9, "order: must be a mapping, not ['squad']"),
    (TIMED + "  facts: {isue_today: 5}\n" + EMPTY, 9, "facts.isue_today: no such fact; did you mean issue_today?"),
    (TIMED + "  facts: {zzz: 5}\n" + EMPTY, 9, "facts.zzz: no such fact; known are request_type, urgency, complexity"),
    (TIMED + "  facts: {issue_today: five}\n" + EMPTY, 9, "must be a whole number from 0, not 'five'"),
    (TIMED + "  facts: {overdue: 1}\n" + EMPTY, 9, "facts.overdue: must be true or false, not 1"),
    (TIMED + "  facts: [overdue]\n" + EMPTY, 9, "facts: must be a mapping, not ['overdue']"),
    (TIMED + "  events: {kind: dispatched}\n" + EMPTY, 9, "events: must be a list, not {'kind': 'dispatched'}"),
    ("  events:\n    - {kind: dispatched}\n" + EMPTY, 9, "events.0: at is missing"),
    ("  events:\n    - 3\n" + EMPTY, 9, "events.0: an event is a mapping with at and kind, not 3"),
    (
        '  events:\n    - {at: "2026-03-02T09:00", kind: sent}\n' + EMPTY,
        9,
        "kind 'sent' is not one of received, contact",
    ),
    ("  events:\n    - {at: noon, kind: signed}\n" + EMPTY, 9, "events.0: time 'noon' is not ISO 8601"),
    (
        '  events:\n    - {at: "2026-03-02T09:00", kind: note, facts: {overdue: x}}\n' + EMPTY,
        9,
        "facts.overdue: must be true",
    ),
    ('  events:\n    - {at: "2026-03-02T09:00", kind: note, facts: [x]}\n' + EMPTY, 9, "facts of a note are a mapping"),
    (TIMED + "  expect: [dispatch]\n", 9, "expect: must be a mapping, not ['dispatch']"),
    (TIMED + "  expect: {dispach: {}}\n", 9, "unknown key; known are dispatch, obligations, no_obligations, alerts"),
    (TIMED + "  expect: {dispatch: statutory}\n", 9, "must be a mapping of fields, not 'statutory'"),
    (TIMED + "  expect: {dispatch: {mod: agreed}}\n", 9, "unknown key; known are mode, decider, clause, because"),
    (TIMED + "  expect: {obligations: {finsh: {}}}\n", 9, "unknown key; known are centre_contact, sign, first_contact"),
    (TIMED + "  expect: {obligations: [finish]}\n", 9, "must be a mapping of id to fields, not ['finish']"),
    (TIMED + "  expect: {obligations: {finish: {due: x}}}\n", 9, "unknown key; known are id, actor, due_at, clause"),
    (TIMED + "  expect: {obligations: {finish: {due_at: x}}}\n", 9, "finish.due_at: time 'x' is not ISO 8601"),
    (TIMED + "  expect: {no_obligations: [finsh]}\n", 9, "'finsh' is not one of centre_contact, sign"),
    (TIMED + "  expect: {no_obligations: finish}\n", 9, "must be a list, not 'finish'"),
    (TIMED + "  expect: {alerts: {kind: red}}\n", 9, "must be a list of alerts, not {'kind': 'red'}"),
    (TIMED + "  expect: {alerts: [{kind: rad}]}\n", 9, "'rad' is not one of supervision, key_supervision, yellow, red"),
    (TIMED + "  expect: {alerts: [{kind: red, notify: unit}]}\n", 9, "notify: must be a list of roles, not 'unit'"),
    (TIMED + "  expect: {no_alerts: [rad]}\n", 9, "'rad' is not one of supervision, key_supervision, yellow, red"),
]


@pytest.mark.parametrize(("rest", "line", "told"), BAD, ids=[told for _, _, told in BAD])
def test_a_bad_scenario_is_refused_with_its_line_and_what_was_allowed(
    run: Run, rest: str, line: int, told: str
) -> None:
    faults = refusal(run, HEAD + rest)
    assert len(faults) == 1
    assert faults[0].startswith(f"told.yaml:{line}: ")
    assert told in faults[0]


def test_all_faults_of_a_file_come_at_once(run: Run) -> None:
    text = HEAD + TIMED + "  facts: {isue_today: 5, overdue: 1}\n" + EMPTY + "- 3\n"
    assert [fault.split(": ")[:2] for fault in refusal(run, text)] == [
        ["told.yaml:9", "1.facts.isue_today"],
        ["told.yaml:9", "1.facts.overdue"],
        ["told.yaml:11", "2"],
    ]


def test_an_unknown_policy_is_told_with_its_line_and_the_known_ones(run: Run) -> None:
    text = HEAD.replace("policy: nanmatou\n", "policy: nowhere\n") + TIMED + EMPTY
    assert refusal(run, text) == [
        f"told.yaml:{line}.policy: unknown policy 'nowhere'; known are moushi, nanmatou, tangqiao, yanji, youyilu"
        for line in (1, 6)
    ]


@pytest.mark.parametrize("text", ["name: alone\n", "", "5\n"])
def test_a_file_that_is_no_list_is_refused(run: Run, text: str) -> None:
    assert refusal(run, text) == ["told.yaml:1: the file must be a list of scenarios"]


def test_an_entry_that_is_no_scenario_is_refused(run: Run) -> None:
    assert refusal(run, "- 3\n") == ["told.yaml:1: 0: a scenario is a mapping, not 3"]


def test_a_repeated_key_is_refused(run: Run) -> None:
    assert refusal(run, HEAD + "  policy: yanji\n" + EMPTY) == ["told.yaml:8: key 'policy' is repeated"]


def test_broken_yaml_is_refused_with_its_line(run: Run) -> None:
    (fault,) = refusal(run, HEAD + "  order: {\n")
    assert fault.startswith("told.yaml:") and "not valid YAML" in fault


def test_bytes_that_are_no_utf_8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    path.write_bytes("- name: 工单办理\n".encode("gb18030"))
    with pytest.raises(BadInput, match=r"told\.yaml: cannot be read as UTF-8 text"):
        read_scenarios(path)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file or folder"):
        scenario_files([tmp_path / "nowhere"])


def test_folders_are_searched_for_yaml_files_in_order(tmp_path: Path) -> None:
    names = ("b/second.yml", "a/first.yaml", "c/third.yaml", "a/notes.txt")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("[]", encoding="utf-8")
    found = [str(path.relative_to(tmp_path)) for path in scenario_files([tmp_path])]
    assert sorted(found) == ["a/first.yaml", "b/second.yml", "c/third.yaml"]


# What differs.
def differing(run: Run, expect: str) -> list[str]:
    text = f"""\
- name: told
  policy: tangqiao
  order: {{received_at: "2026-03-02T09:00", units: [urban-squad]}}
  events:
    - {{at: "2026-03-02T10:00", kind: dispatched, unit: urban-squad}}
    - {{at: "2026-03-03T10:00", kind: called_back, solved: false}}
  expect: {expect}
"""
    (outcome,) = run(text)
    return [str(difference) for difference in outcome.differences]


DIFFERING = [
    ("{dispatch: {decider: unit}}", ["dispatch.decider: expected unit, found dispatcher"]),
    (
        "{dispatch: {mode: agreed, decider: unit}}",
        ["dispatch.mode: expected agreed, found statutory", "dispatch.decider: expected unit, found dispatcher"],
    ),
    ("{obligations: {sign: {}}}", ["obligations.sign: expected present, found absent"]),
    ("{obligations: {rework_finish: {state: met}}}", ["obligations.rework_finish.state: expected met, found open"]),
    (
        '{obligations: {rework_finish: {due_at: "2026-03-05T16:00"}}}',
        ["obligations.rework_finish.due_at: expected 2026-03-05T16:00:00+08:00, found 2026-03-05T17:00:00+08:00"],
    ),
    (
        '{obligations: {finish: {due_at: "2026-03-05T16:00"}}}',
        ["obligations.finish.due_at: expected 2026-03-05T16:00:00+08:00, found None"],
    ),
    (
        "{obligations: {rework_finish: {due_at: null}}}",
        ["obligations.rework_finish.due_at: expected None, found 2026-03-05T17:00:00+08:00"],
    ),
    ("{no_obligations: [finish]}", ["obligations.finish: expected absent, found finish (open)"]),
    (
        "{may_close: true}",
        [
            "may_close: expected True, found tangqiao:4.2.3 最近一次答复未经八审通过, tangqiao:4.2.2 办结答复尚未完成, "
            "tangqiao:4.2.2 重办办结尚未完成"
        ],
    ),
    (
        '{why_not: ["tangqiao:4.2.5"]}',
        [
            "why_not: expected tangqiao:4.2.5, found tangqiao:4.2.3 最近一次答复未经八审通过, "
            "tangqiao:4.2.2 办结答复尚未完成, tangqiao:4.2.2 重办办结尚未完成"
        ],
    ),
    ("{awaits: [{what: return}]}", ["awaits: expected {'what': 'return'}, found none"]),
    ('{refused: [{event: 0, clause: "tangqiao:4.2.3"}]}', ["refused.0: expected tangqiao:4.2.3, found none"]),
    ("{no_alerts: [missing_parameter]}", ["alerts.missing_parameter: expected absent, found present"]),
    (
        "{alerts: [{kind: missing_parameter, notify: [centre]}]}",
        [
            "alerts: expected {'kind': 'missing_parameter', 'notify': ['centre']}, "
            "found missing_parameter tangqiao:4.2.2"
        ],
    ),
]


@pytest.mark.parametrize(("expect", "told"), DIFFERING)
def test_a_differing_scenario_says_expected_and_found(run: Run, expect: str, told: list[str]) -> None:
    assert differing(run, expect) == told


SAME = [
    "{}",
    "{dispatch: {decider: dispatcher}}",
    "{obligations: {finish: {due_at: null}}}",
    '{obligations: {rework_finish: {due_at: "2026-03-05T17:00:00+08:00"}}}',
    '{obligations: {rework_finish: {due_at: "2026-03-05T09:00:00Z"}}}',
    "{obligations: {finish: {}, rework_finish: }}",
    "{alerts: [{kind: missing_parameter, notify: [centre, admin]}]}",
    "{alerts: [{notify: [admin, centre]}]}",
    "{no_obligations: [sign, call_back], no_alerts: [red, yellow]}",
    "{may_close: false, why_not: [tangqiao:4.2.3]}",
    "{refused: []}",
]


@pytest.mark.parametrize("expect", SAME)
def test_only_what_is_named_is_compared(run: Run, expect: str) -> None:
    assert differing(run, expect) == []


RETURN = """\
- name: told
  policy: tangqiao
  order: {received_at: "2026-03-02T09:00"}
  events:
    - {at: "2026-03-02T10:00", kind: dispatched, unit: urban-squad}
    - {at: "2026-03-02T11:00", kind: return_requested, unit: urban-squad}
"""


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ('[{event: 1, clause: "tangqiao:4.2.3"}]', []),
        (
            "[]",
            [
                "refused.1: expected not refused, "
                "found tangqiao:4.2.3 原则上不予退单，如需退单须由部门负责人提出：缺负责人签发"
            ],
        ),
        ('[{event: 0, clause: "tangqiao:4.2.3"}]', ["refused.0: expected tangqiao:4.2.3, found none"]),
    ],
)
def test_events_that_would_have_been_refused_are_named_by_position(run: Run, refused: str, told: list[str]) -> None:
    (outcome,) = run(RETURN + f"  expect: {{refused: {refused}}}\n")
    assert [str(difference) for difference in outcome.differences] == told


@pytest.mark.parametrize("place", ["2", "-1", "first", "true"])
def test_a_position_that_is_none_is_refused(run: Run, place: str) -> None:
    with pytest.raises(BadInput, match=r"must be the position of an event, counted from 0 \(0 to 1\)"):
        run(RETURN + f"  expect: {{refused: [{{event: {place}}}]}}\n")


def test_a_merged_mapping_may_be_overridden_and_still_has_its_lines(run: Run) -> None:
    text = """\
- &base
  name: base
  policy: nanmatou
  order: {received_at: "2026-03-02T09:00", units: [urban-squad]}
  expect: {dispatch: {mode: statutory}}
- <<: *base
  name: the pair
  facts: {territory: outside}
  expect: {dispatch: {mode: statutory}}
"""
    first, second = run(text)
    assert first.differences == ()
    assert [str(one) for one in second.differences] == ["dispatch.mode: expected statutory, found return_upward"]
    assert second.scenario.line == 6


def test_what_cannot_be_used_keeps_nothing_else_from_being_run(service: Service, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + "  order: {received_at: never}\n  expect: {}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("- [\n", encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "- {name: far, policy: atlantis, order: {received_at: '2026-03-02T09:00'}, expect: {}}\n", encoding="utf-8"
    )
    outcomes = run_scenarios([tmp_path], service.shelf, lambda pack: service.town_of(pack).hours)
    assert next(outcomes).scenario.name == "first"
    with pytest.raises(BadInput) as told:
        next(outcomes)
    assert [str(fault).split(":")[0] for fault in told.value.problems] == ["a.yaml", "b.yaml", "c.yaml"]


def test_aliases_may_be_used(run: Run) -> None:
    text = """\
- name: one
  policy: nanmatou
  order: &order {received_at: "2026-03-02T09:00", units: [urban-squad]}
  expect: {dispatch: &told {mode: statutory}}
- name: two
  policy: youyilu
  order: *order
  expect: {dispatch: *told}
"""
    assert [outcome.differences for outcome in run(text)] == [(), ()]


def test_units_come_from_the_category_where_only_that_is_stated(run: Run) -> None:
    text = """\
- name: a category that one unit has the duty for
  policy: nanmatou
  order: {received_at: "2026-03-02T09:00", category: street-vending}
  expect: {dispatch: {mode: statutory}}
- name: stated units beat the category
  policy: nanmatou
  order: {received_at: "2026-03-02T09:00", category: street-vending, units: []}
  expect: {dispatch: {mode: agreed}}
- name: a category that no unit has the duty for
  policy: nanmatou
  order: {received_at: "2026-03-02T09:00", category: nothing-of-the-kind}
  expect: {dispatch: {mode: agreed}}
"""
    assert [outcome.differences for outcome in run(text)] == [(), (), ()]


def test_without_as_of_the_last_thing_that_happened_is_the_time(run: Run) -> None:
    text = """\
- name: the second event is seen
  policy: moushi
  order: {received_at: "2026-03-02T09:00"}
  events:
    - {at: "2026-03-02T10:00", kind: dispatched}
    - {at: "2026-03-03T10:00", kind: replied}
  expect: {obligations: {call_back: {state: open}}}
"""
    assert [outcome.differences for outcome in run(text)] == [()]


# The command.
def told_by_command(path: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policy", "test", str(path)])
    return result.exit_code, result.output


def test_the_command_ends_with_0_where_all_hold(tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    path.write_text(HEAD + TIMED + EMPTY, encoding="utf-8")
    assert told_by_command(path) == (0, "2 passed, 0 failed\n")


def test_the_command_ends_with_1_and_names_the_scenario_that_differs(tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    path.write_text(HEAD.replace("statutory", "agreed") + TIMED + EMPTY, encoding="utf-8")
    assert told_by_command(path) == (
        1,
        f"FAILED {path}:1 first\n  dispatch.mode: expected agreed, found statutory\n1 passed, 1 failed\n",
    )


def test_the_command_ends_with_2_where_a_file_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    path.write_text(HEAD + TIMED + "  expect: {no_alerts: [rad]}\n", encoding="utf-8")
    code, told = told_by_command(path)
    assert code == 2
    assert "told.yaml:9: 1.expect.no_alerts: 'rad' is not one of" in told


def test_the_command_ends_with_2_where_there_is_nothing_to_run(tmp_path: Path) -> None:
    assert told_by_command(tmp_path)[0] == 2


# The page that describes the format.
def test_the_example_of_the_documentation_holds(run: Run) -> None:
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    examples = [part.split("```", 1)[0] for part in page.split("```yaml\n")[1:]]
    assert examples
    for example in examples:
        assert [str(difference) for outcome in run(example) for difference in outcome.differences] == []
