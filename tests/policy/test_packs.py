"""The packs that ship load; a bad pack is refused, every fault of it at once, with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.bootstrap import Service, build
from triage.domain.errors import BadInput, PackFault, UnknownPolicy
from triage.domain.vocabulary import AlertKind, ObligationId, ObligationState
from triage.policy.calendar.workdays import parse_time
from triage.policy.judging.judge import Judgement
from triage.policy.pack.explain import explain
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import SECTIONS, Clock, DispatchRule, Limit, Tries
from triage.policy.pack.schema import (
    ClausePart,
    Duty,
    Gazetteer,
    Leader,
    OfficeHoursPart,
    PackFile,
    Parameter,
    Source,
    TerritoryPart,
    Unit,
)
from triage.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")

# A whole small pack, as a sixth town would write it. The tests below spoil one line of it each.
GOOD = """\
id: town
name: 某镇
version: "1"
kind: sub_district
source: {title: 某镇热线工作办法}
adopts: ["moushi:2.1"]
office_hours: {start: "09:00", end: "17:00"}
parameters:
  finish_days: {value: 5, unit: 工作日}
leaders:
  - {id: director, title: 镇长, role: main_leader}
  - {id: deputy, title: 副镇长, role: deputy_leader}
  - {id: deputy-centre, title: 分管热线的副镇长, role: centre_leader}
units:
  - {id: squad, name: 执法队, leader: deputy}
  - {id: office, name: 城建办, leader: deputy}
duties:
  road-damage: {lead: office, assist: [squad], entry: 道路养护}
clauses:
  "1": {kind: decides, text: 职责清楚的直接派单}
  "2": {kind: clock, text: 按期办结}
dispatch:
  - {clause: "town:1", when: urgency == "urgent", mode: designated, decider: main_leader, because: 紧急}
  - {clause: "town:1", mode: statutory, decider: dispatcher, because: 其余}
clocks:
  - id: finish
    clause: town:2
    actor: unit
    starts: {kind: dispatched}
    within: {workdays_parameter: finish_days}
    met_by: {kind: replied}
"""
CATEGORIES = frozenset({"road-damage", "street-light"})

# The same town with rules of every kind.
RULED = (
    GOOD.replace(
        "  finish_days: {value: 5, unit: 工作日}\n",
        "  finish_days: {value: 5, unit: 工作日}\n"
        "  calls: {value: 5, unit: 次}\n"
        "  lead_hours: {value: 4, unit: 办公小时}\n",
    ).replace(
        '  "2": {kind: clock, text: 按期办结}\n',
        """\
  "2": {kind: clock, text: 按期办结}
  "3": {kind: alert, text: 多次来电的督办，同类多发的预警，临期的催办}
  "4": {kind: [decides, refusal], text: 退单写明理由，由热线办审核}
  "5": {kind: refusal, text: 答复完整方可结案}
  "6": {kind: stated, text: 耐心倾听, reason: 只能由人判断}
""",
    )
    + """\
alerts:
  - {clause: "town:3", kind: supervision, notify: centre, when: overdue, because: 超期}
  - clause: town:3
    kind: supervision
    notify: centre
    at_least: {fact: repeat_count, parameter: calls}
    because: "第{repeat_count}次来电"
escalations:
  - clause: town:3
    fact: issue_today
    steps:
      - {at: 5, kind: yellow, notify: unit_head, because: 五件}
      - {at: 10, kind: red, notify: main_leader, because: 十件}
reminders:
  - {clause: "town:3", obligation: finish, parameter: lead_hours, notify: unit, because: 请抓紧}
refusals:
  - {clause: "town:4", event: {kind: return_requested}, lacks: [reason], because: 未写理由}
approvals:
  - {clause: "town:4", request: return, when: return_count >= 2, by: main_leader, because: 再次退单}
  - {clause: "town:4", request: return, by: centre, because: 退单由热线办审核}
closing:
  - {clause: "town:5", when: "!replied", because: 尚未答复}
  - {clause: "town:5", lacks: [fact_finding], because: 答复缺}
overrides:
  - clause: town:2
    source: {title: 上级通知}
    text: 三个工作日办结
    clocks:
      - id: finish
        clause: town:2
        actor: unit
        starts: {kind: dispatched}
        within: {workdays: 3}
        met_by: {kind: replied}
"""
)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def last_line_of(text: str, part: str) -> int:
    return text[: text.rindex(part)].count("\n") + 1


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_pack(text: str, name: str = "town") -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_pack


def faults_of(path: Path, given: dict[str, dict[str, Any]] | None = None) -> list[str]:
    with pytest.raises(PackFault) as refused:
        PackShelf(CATEGORIES | real_categories(), given=given or {}).find_or_raise(str(path))
    return [str(fault) for fault in refused.value.problems]


def real_categories() -> frozenset[str]:
    """Adopting a clause reads the pack it stands in, with all of that pack's duties."""
    return frozenset(build(Settings(model=None, packs=None, calendar=None, parameters={})).taxonomy.ids)


# What ships.
@pytest.mark.parametrize("policy", POLICIES)
def test_a_pack_that_ships_loads(shelf: PackShelf, policy: str) -> None:
    pack = shelf.get_or_raise(policy)
    assert pack.id == policy
    assert pack.units and pack.duties and pack.clauses


def test_exactly_five_packs_ship(shelf: PackShelf) -> None:
    assert shelf.ids() == list(POLICIES)


def test_a_pack_is_loaded_once(shelf: PackShelf) -> None:
    assert shelf.get_or_raise("yanji") is shelf.get_or_raise("yanji")


def test_an_unknown_policy_names_the_known_ones(shelf: PackShelf) -> None:
    with pytest.raises(UnknownPolicy, match="unknown policy 'nowhere'; known are moushi, nanmatou, tangqiao"):
        shelf.get_or_raise("nowhere")


@pytest.mark.parametrize("policy", [policy for policy in POLICIES if policy != "moushi"])
def test_every_pack_adopts_the_transfer_of_emergencies(shelf: PackShelf, policy: str) -> None:
    pack = shelf.get_or_raise(policy)
    assert pack.dispatch[0].clause == "moushi:2.1"
    assert pack.clauses["moushi:2.1"].text == shelf.get_or_raise("moushi").clauses["moushi:2.1"].text


@pytest.mark.parametrize("policy", POLICIES)
def test_explain_prints_every_clause_every_unit_and_every_clock(service: Service, policy: str) -> None:
    pack = service.shelf.get_or_raise(policy)
    names = {one.id: one.name for one in service.taxonomy.categories.values()}
    text = explain(pack, names)
    assert [clause.id for clause in pack.clauses.values() if f"- {clause.id}〔" not in text] == []
    assert [clause.id for clause in pack.clauses.values() if clause.text not in text] == []
    assert [unit.name for unit in pack.units.values() if f"- {unit.name}（" not in text] == []
    assert [rule.because for rule in pack.dispatch if rule.because not in text] == []
    assert [clock.clause for clock in pack.clocks if f"〔{clock.clause}〕" not in text] == []
    assert [name for name in pack.parameters if f"- {name}：" not in text] == []
    assert [names[category] for category in pack.duties if names[category] not in text] == []


# Leaders and lines.
def test_units_share_a_leader_only_where_the_pack_says_so(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert pack.share_leader(("urban-squad", "housing-office"))
    assert not pack.share_leader(("urban-squad", "market-office"))


def test_one_unit_has_one_leader_and_no_unit_has_none(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert pack.share_leader(("urban-squad",))
    assert not pack.share_leader(())


def test_units_that_the_pack_does_not_know_share_no_leader(shelf: PackShelf) -> None:
    pack = shelf.get_or_raise("nanmatou")
    assert not pack.share_leader(("u1", "u2"))
    assert not pack.share_leader(("u1", "urban-squad"))


# What a town gives.
def with_given(value: object) -> Pack:
    parameters: dict[str, dict[str, Any]] = {"tangqiao": {"finish_workdays": value}}
    return build(Settings(model=None, packs=None, calendar=None, parameters=parameters)).shelf.get_or_raise("tangqiao")


def test_a_given_number_makes_tangqiaos_finish_computable(judged: Callable[..., Judgement]) -> None:
    dispatched = [{"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "urban-squad"}]
    found = judged(with_given(5), "2026-03-09T17:01", dispatched)
    finish = next(one for one in found.obligations if one.id is ObligationId.FINISH)
    assert finish.due_at == parse_time("2026-03-09T17:00")
    assert finish.state is ObligationState.MISSED
    assert AlertKind.MISSING_PARAMETER not in [alert.kind for alert in found.alerts]
    assert found.facts["overdue"] is True


def test_without_the_number_the_missing_parameter_is_told(judged: Callable[..., Judgement]) -> None:
    dispatched = [{"at": "2026-03-02T10:00", "kind": "dispatched", "unit": "urban-squad"}]
    found = judged(with_given(None), "2026-03-09T17:01", dispatched)
    assert [(alert.kind, "finish_workdays" in alert.because) for alert in found.alerts] == [
        (AlertKind.MISSING_PARAMETER, True)
    ]


def test_a_parameter_that_the_pack_does_not_have_is_refused() -> None:
    settings = Settings(model=None, packs=None, calendar=None, parameters={"tangqiao": {"finish_wrkdays": 5}})
    with pytest.raises(BadInput, match=r"tangqiao\.finish_wrkdays: no such parameter; known are finish_workdays"):
        build(settings).shelf.get_or_raise("tangqiao")


@pytest.mark.parametrize("value", ["5", "five", True, 0, -1, 2.5, 1001])
def test_a_given_number_of_working_days_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(BadInput, match=r"tangqiao\.finish_workdays: must be 1 to 1000 working days, or null, not"):
        with_given(value)


# A sixth town.
def test_a_further_folder_brings_a_sixth_town(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    town = PackShelf(real_categories(), (path.parent,)).get_or_raise("town")
    assert [rule.clause for rule in town.dispatch] == ["moushi:2.1", "town:1", "town:1"]
    assert town.duties["road-damage"].lead == ("office",)


def test_checking_one_file_finds_the_packs_it_adopts_from(write: Callable[..., Path]) -> None:
    assert PackShelf(real_categories()).find_or_raise(str(write(GOOD))).clauses.keys() == {
        "town:1",
        "town:2",
        "moushi:2.1",
    }


# Faults that one mapping shows: key, what is put in its place, what is told.
SHAPE_FAULTS = [
    ("kind: sub_district", "kind: sub_district\ncolour: red", "colour: red", "no such key; known are adopts, alerts"),
    ("kind: sub_district", "kind: village", "kind: village", "'sub_district' or 'county_city'"),
    ("name: 某镇\n", "", "", "name: Field required"),
    ("leader: deputy}", "leader: [deputy]}", "leader: [deputy]", "units.0.leader: Input should be a valid string"),
    ('start: "09:00"', 'start: "18:00"', "office_hours", "must be before end"),
    ("mode: designated", "mode: designate", "mode: designate,", "dispatch.0.mode: Input should be 'statutory'"),
    ("decider: main_leader", "decider: mayor", "decider: mayor", "dispatch.0.decider: Input should be 'dispatcher'"),
    ("starts: {kind: dispatched}", "starts: {kind: sent}", "kind: sent", "Input should be 'received'"),
    ("id: finish\n", "id: finsh\n", "id: finsh", "clocks.0.id: Input should be 'centre_contact'"),
    ("within: {workdays_parameter: finish_days}", "within: {}", "within: {}", "give exactly one of hours"),
    ("workdays_parameter: finish_days}", "workdays: 2, hours: 3}", "workdays: 2", "give exactly one of hours"),
    ("{workdays_parameter: finish_days}", "{when: overdue, workdays: 2}", "- id: finish", "must have no when"),
    ("{workdays_parameter: finish_days}", "{workdays: 0}", "workdays: 0", "greater than or equal to 1"),
    ('when: urgency == "urgent"', "when: 5", "when: 5", "a condition is a CEL text, not 5"),
    ('urgency == "urgent"', "repeat_count", "when: repeat_count", "must be true or false, but 'repeat_count' is a"),
    ('urgency == "urgent"', 'urgency == "urgnt"', "urgnt", "urgency is never 'urgnt'; it is one of urgent, semi_ur"),
    ('urgency == "urgent"', 'repeat_count == "two"', "two", "no matching overload"),
    ('urgency == "urgent"', "overdue &&", "overdue &&", "Syntax error"),
]


@pytest.mark.parametrize(("old", "new", "at", "told"), SHAPE_FAULTS)
def test_a_fault_of_shape_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    faults = faults_of(write(text))
    assert len(faults) == 1, faults
    line = line_of(text, at) if at else 1
    assert faults[0].startswith(f"town.yaml:{line}: ")
    assert told in faults[0]


def test_a_misspelt_fact_is_pointed_at_with_a_caret(write: Callable[..., Path]) -> None:
    text = GOOD.replace('urgency == "urgent"', 'repeat_count > 1 && urgncy == "urgent"')
    (fault,) = faults_of(write(text))
    first, *_, source, caret = fault.splitlines()
    assert first.startswith(f"town.yaml:{line_of(text, 'urgncy')}: dispatch.0.when: ")
    assert "undeclared reference to 'urgncy'" in fault
    assert caret.rstrip().endswith("^")
    assert source[caret.index("^")] == "u" and source[caret.index("^") :].startswith("urgncy")


# Faults that only the whole pack shows.
WHOLE_FAULTS = [
    ("lead: office", "lead: offce", "lead: offce", "duties.road-damage.lead: no unit 'offce' in this pack"),
    ("assist: [squad]", "assist: [sqad]", "assist", "duties.road-damage.assist: no unit 'sqad' in this pack"),
    ("assist: [squad]", "assist: [office]", "assist", "'office' already leads here"),
    ("road-damage:", "road-damge:", "road-damge", "no category 'road-damge' in the taxonomy"),
    ("城建办, leader: deputy}", "城建办, leader: nobody}", "nobody", "no leader 'nobody'; known are deputy, deputy-ce"),
    ("{id: office, name", "{id: squad, name", "城建办", "'squad' is used twice"),
    ("role: centre_leader", "role: deputy_leader", "leaders:", "exactly one leader has the role centre_leader, not 0"),
    ("clause: town:2", "clause: town:3", "clause: town:3", "clocks.0.clause: clause 'town:3' is neither stated"),
    ('"town:1", when', '"moushi:2.2.1", when', "moushi:2.2.1", "clause 'moushi:2.2.1' is neither stated under clauses"),
    ("workdays_parameter: finish_days", "workdays_parameter: days", "parameter: days", "no parameter 'days' in this"),
    ("value: 5", "value: five", "value: five", "parameters.finish_days.value: must be 1 to 1000 working days, or null"),
    ("value: 5", "value: 0", "value: 0", "parameters.finish_days.value: must be 1 to 1000 working days, or null"),
    (
        "{workdays_parameter: finish_days}",
        "{workday_before: sign}",
        "before: sign",
        "workday_before sign must stand after",
    ),
    (
        '{clause: "town:1", mode',
        '{clause: "town:1", when: overdue, mode',
        "dispatch:",
        "the last rule must have no when",
    ),
    ("id: town", "id: city", "id: city", "id: 'city' must be the file's name, 'town'"),
]


@pytest.mark.parametrize(("old", "new", "at", "told"), WHOLE_FAULTS)
def test_a_fault_of_the_whole_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    faults = [fault for fault in faults_of(write(text)) if told in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"town.yaml:{line_of(text, at)}: ")


def spoilt(*pairs: tuple[str, str], good: str = GOOD) -> str:
    text = good
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_all_faults_of_shape_come_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(
        ("kind: sub_district", "kind: village"),
        ("leader: deputy}", "leader: 7}"),
        ('urgency == "urgent"', 'urgency == "urgnt"'),
        ("actor: unit", "actor: nobody"),
    )
    lines = [fault.split(": ")[0] for fault in faults_of(write(text))]
    places = ["kind: village", "leader: 7", "urgnt", "actor: nobody"]
    assert lines == [f"town.yaml:{line_of(text, at)}" for at in places]


def test_all_faults_of_the_whole_come_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(
        ("id: town", "id: city"),
        ("lead: office", "lead: offce"),
        ("城建办, leader: deputy}", "城建办, leader: nobody}"),
        ("workdays_parameter: finish_days", "workdays_parameter: days"),
        ('{clause: "town:1", mode', '{clause: "city:1", when: overdue, mode'),
    )
    found = "\n".join(faults_of(write(text)))
    for told in ("'city' must be the file's name", "no unit 'offce'", "no leader 'nobody'", "no parameter 'days'"):
        assert told in found
    assert "the last rule must have no when" in found


# Adoptions.
def test_adopting_what_does_not_exist_is_told_with_its_line_all_at_once(write: Callable[..., Path]) -> None:
    text = spoilt(('adopts: ["moushi:2.1"]', "adopts:\n  - moushi:2.1\n  - moushi:9.9\n  - nowhere:1\n  - town:1"))
    assert faults_of(write(text)) == [
        "town.yaml:8: adopts.1: moushi:9.9 cannot be adopted: moushi has no such clause of its own",
        "town.yaml:9: adopts.2: nowhere:1 cannot be adopted: no pack 'nowhere'",
        "town.yaml:10: adopts.3: town:1 is this pack's own clause and cannot be adopted",
    ]


def test_what_a_pack_adopted_itself_cannot_be_adopted_from_it(write: Callable[..., Path]) -> None:
    text = spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["yanji:2.1"]'))
    assert faults_of(write(text)) == [
        "town.yaml:6: adopts.0: yanji:2.1 cannot be adopted: yanji has no such clause of its own"
    ]


def test_two_packs_that_adopt_from_each_other_are_a_circle_and_refused(write: Callable[..., Path]) -> None:
    write(spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["village:2"]')))
    path = write(
        spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["town:2"]'))
        .replace("town:1", "village:1")
        .replace("clause: town:2", "clause: village:2")
        .replace("id: town", "id: village"),
        "village",
    )
    shelf = PackShelf(real_categories(), (path.parent,))
    with pytest.raises(PackFault) as told:
        shelf.get_or_raise("town")
    assert [str(fault) for fault in told.value.problems] == [
        "town.yaml:6: adopts.0: village:2 cannot be adopted: town adopts from village adopts from town, a circle; "
        "drop one of these"
    ]


# Rules of every kind: what is put in place of what, on which line that is told, and what.
RULE_SHAPE_FAULTS = [
    (
        "kind: supervision, notify: centre",
        "kind: supervision, notfy: centre, notify: centre",
        "notfy",
        "did you mean no",
    ),
    (
        "parameter: calls}",
        "parameter: calls, at: 3}",
        "at: 3",
        "alerts.1.at_least.at: no such key; did you mean fact?",
    ),
    (
        "fact: issue_today\n",
        "fact: issue_today\n    level: 1\n",
        "level: 1",
        "no such key; known are clause, fact, steps",
    ),
    (
        "because: 五件",
        "because: 五件, leader: x",
        "五件",
        "escalations.0.steps.0.leader: no such key; known are at, bec",
    ),
    ("parameter: lead_hours", "parameter: lead_hours, hours: 4", "lead_hours, hours", "reminders.0.hours: no such key"),
    ("lacks: [reason]", "lack: [reason]", "lack: [reason]", "refusals.0.lack: no such key; did you mean lacks?"),
    ("request: return, by", "request: return, bye: x, by", "bye: x", "approvals.1.bye: no such key; did you mean by?"),
    (
        "lacks: [fact_finding]",
        "lacks: [fact_finding], event: x",
        "event: x",
        "closing.1.event: no such key; known are because",
    ),
    (
        "    text: 三个",
        "    note: x\n    text: 三个",
        "note: x",
        "overrides.0.note: no such key; known are alerts, approv",
    ),
    (
        "        actor: unit\n        starts",
        "        actr: x\n        actor: unit\n        starts",
        "actr: x",
        "mean actor?",
    ),
    (
        "{kind: return_requested}",
        "{kind: return_requested, reson: x}",
        "reson",
        "no field 'reson'; did you mean reason?",
    ),
    (
        "{kind: return_requested}",
        "{kind: return_requested, by: center}",
        "center",
        "by is never 'center'; it is one of di",
    ),
    ("when: overdue", "when: overdu", "when: overdu,", "undeclared reference to 'overdu' (in container ''); did you"),
    ('when: "!replied"', 'when: "!repled"', "repled", "'repled' (in container ''); did you mean replied?"),
    (
        "lacks: [reason]",
        "when: retrn_count > 1",
        "retrn_count",
        "'retrn_count' (in container ''); did you mean return_",
    ),
    (
        'when: "!replied"',
        "when: '\"finsh\" in missed'",
        "finsh",
        "missed is never 'finsh'; it is one of centre_contact",
    ),
    (
        'when: "!replied"',
        "when: 'review == \"ok\"'",
        "review",
        "review is never 'ok'; it is one of '', passed, fail",
    ),
    (
        "第{repeat_count}次",
        "第{no_such_fact}次",
        "no_such_fact",
        "no fact 'no_such_fact' to fill in; known are request_",
    ),
    ("第{repeat_count}次", "第{repeat_cont}次", "repeat_cont}", "'repeat_cont' to fill in; did you mean repeat_count?"),
    ("第{repeat_count}次", "第{repeat_count:x}次", "repeat_count:x", "braces hold the name of a fact and nothing else"),
    ("第{repeat_count}次", "第{repeat_count次", "repeat_count次", "alerts.1.because: braces in"),
    ("because: 五件", 'because: "{issues}件"', "issues", "escalations.0.steps.0.because: no fact 'issues' to fill in"),
    ("because: 请抓紧", 'because: "{due}到期"', "{due}", "reminders.0.because: no fact 'due' to fill in"),
    ("because: 再次退单", 'because: "{by}"', '"{by}"', "approvals.0.because: no fact 'by' to fill in"),
    (
        "fact: repeat_count,",
        "fact: repeat_cont,",
        "repeat_cont,",
        "'repeat_cont' cannot stand here; did you mean repeat_c",
    ),
    ("fact: issue_today", "fact: overdue", "fact: overdue", "'overdue' cannot stand here; known are dispatch_count"),
    ("at: 5", "at: five", "at: five", "escalations.0.steps.0.at: Input should be a valid integer"),
    ("at: 5", "at: 0", "at: 0", "escalations.0.steps.0.at: Input should be greater than or equal to 1"),
    ("at: 5", "at: 10", "- clause: town:3\n    fact", "thresholds must rise from step to step, but 10 follows 10"),
    ("at: 5", "at: 11", "- clause: town:3\n    fact", "thresholds must rise from step to step, but 10 follows 11"),
    ("notify: unit_head", "notify: unit-head", "unit-head", "steps.0.notify.0: Input should be 'dispatcher', 'centre'"),
    ("notify: unit_head", "notify: []", "notify: []", "steps.0.notify: Value should have at least 1 item"),
    ("kind: yellow", "kind: orange", "orange", "steps.0.kind: Input should be 'supervision', 'key_supervision'"),
    ("obligation: finish", "obligation: finsh", "finsh", "reminders.0.obligation: Input should be 'centre_contact'"),
    ("lacks: [reason]", "lacks: [reasn]", "reasn", "refusals.0.lacks: 'reasn' cannot stand here; did you mean reason?"),
    (
        "lacks: [fact_finding]",
        "lacks: [fact_findng]",
        "fact_findng",
        "'fact_findng' cannot stand here; did you mean fact_f",
    ),
    (
        "request: return, by",
        "request: closing, by",
        "closing, by",
        "approvals.1.request: Input should be 'return' or 'ext",
    ),
    ("lacks: [reason]", "until_beyond: ten", "ten", "refusals.0.until_beyond: Input should be a valid integer"),
    ("lacks: [reason]", "after: finsh", "finsh", "refusals.0.after: Input should be 'centre_contact'"),
    (" when: overdue,", "", "because: 超期", "alerts.0: give when or at_least: an alert that is always raised"),
    (" lacks: [fact_finding],", "", "答复缺", "closing.1: give when or lacks: otherwise no order could ever be cl"),
    ("reason: 只能由人判断", "note: 人", "耐心倾听", "clauses.6.note: no such key; known are kind, reason, te"),
    (", reason: 只能由人判断", "", "耐心倾听", "clauses.6: a clause is stated exactly where a reason says why"),
    (
        "text: 答复完整方可结案",
        "text: 答复完整, reason: x",
        "答复完整",
        "clauses.5: a clause is stated exactly where a reas",
    ),
    ("    source: {title: 上级通知}\n", "", "- clause: town:2", "overrides.0.source: Field required"),
    ("{title: 上级通知}", "{number: 一号}", "一号", "overrides.0.source.title: Field required"),
    ("    text: 三个工作日办结\n", "", "- clause: town:2", "overrides.0.text: Field required"),
    (
        "- clause: town:3\n    fact",
        '- clause: "3"\n    fact',
        'clause: "3"',
        "is named with its pack, such as moushi:2.1, not '3'",
    ),
    ("id: squad", "id: Squad", "Squad", "units.0.id: begins with a letter, and has only a-z, 0-9 and hyphens, not 'S"),
    ("alerts:\n", "alerts: {}\nalrts:\n", "alerts: {}", "alerts: Input should be a list"),
    ("alerts:\n", "alrts:\n", "alrts", "alrts: no such key; did you mean alerts?"),
]


def test_the_town_with_rules_of_every_kind_is_sound(write: Callable[..., Path]) -> None:
    pack = PackShelf(real_categories()).find_or_raise(str(write(RULED)))
    assert all(getattr(pack, section) for section in SECTIONS)


@pytest.mark.parametrize(("old", "new", "at", "told"), RULE_SHAPE_FAULTS, ids=[told for *_, told in RULE_SHAPE_FAULTS])
def test_a_rule_of_the_wrong_shape_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    text = spoilt((old, new), good=RULED)
    faults = [fault for fault in faults_of(write(text)) if told in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"town.yaml:{last_line_of(text, at)}: ")


FINISH = """\
  - id: finish
    clause: town:2
    actor: unit
    starts: {kind: dispatched}
"""
RULE_WHOLE_FAULTS = [
    (
        '- {clause: "town:3", kind',
        '- {clause: "town:9", kind',
        "town:9",
        "clause 'town:9' is neither stated under clauses",
    ),
    (
        "- clause: town:3\n    fact",
        "- clause: town:9\n    fact",
        "town:9",
        "escalations.0.clause: clause 'town:9' is neither",
    ),
    (
        '{clause: "town:3", obl',
        '{clause: "town:9", obl',
        "town:9",
        "reminders.0.clause: clause 'town:9' is neither stated",
    ),
    ('{clause: "town:4", event', '{clause: "town:9", event', "town:9", "refusals.0.clause: clause 'town:9' is neither"),
    (
        '- {clause: "town:5", when',
        '- {clause: "town:9", when',
        "town:9",
        "closing.0.clause: clause 'town:9' is neither",
    ),
    (
        '- {clause: "town:3", kind',
        '- {clause: "town:5", kind',
        'town:5", kind',
        "town:5 is not stated as alert; add that to",
    ),
    (
        '{clause: "town:4", event',
        '{clause: "town:3", event',
        'town:3", event',
        "town:3 is not stated as refusal; add that to",
    ),
    (
        '- {clause: "town:5", when',
        '- {clause: "town:6", when',
        'town:6", when',
        "town:6 is not stated as refusal; add that to",
    ),
    (
        "- clause: town:3\n    fact",
        "- clause: town:2\n    fact",
        "town:2\n    fact",
        "town:2 is not stated as alert; add",
    ),
    (
        '"1": {kind: decides',
        '"1": {kind: [decides, alert]',
        '"1":',
        "clauses.1: is stated as alert, but no rule under alert",
    ),
    (
        '"5": {kind: refusal',
        '"5": {kind: [refusal, clock]',
        '"5":',
        "as clock, but no rule under clocks cites it; add one, ",
    ),
    (
        '"5": {kind: refusal',
        '"5": {kind: refusal, through: "town:8"',
        '"5":',
        "no other clause 'town:8' here; did you mean",
    ),
    (
        '"5": {kind: refusal',
        '"5": {kind: refusal, through: "town:5"',
        '"5":',
        "clauses.5.through: no other clause 'town:5'",
    ),
    (
        "return_requested}, lacks: [reason]",
        "replied}",
        "{kind: replied}, because",
        "replied cannot be refused, since life ",
    ),
    (
        FINISH,
        FINISH + "    when: overdue\n",
        "    when: overdue",
        "overdue follows from the clocks: no clock can ask it; a",
    ),
    (
        FINISH,
        FINISH + "    when: '\"finish\" in missed'\n",
        '" in missed',
        "missed follows from the clocks: no clock can",
    ),
    (
        '  - {clause: "town:1", mode',
        '  - {clause: "town:1", when: urgency == "urgent" && overdue, mode: agreed, decider: centre, because: 超期}\n'
        '  - {clause: "town:1", mode',
        'urgent" && overdue',
        'dispatch.1.when: can never apply: town:1 (when: urgency == "urgent") comes first and always holds then; move',
    ),
    (
        "alerts:\n",
        FINISH + "    within: {workdays: 9}\nalerts:\n",
        FINISH + "    within: {workdays: 9}",
        "clocks.1.when: can never apply: town:2 (when: true) comes first and always holds then; move this above it",
    ),
    (
        "when: return_count >= 2, by: main_leader",
        "by: main_leader",
        'town:4", request: return, by: centre',
        "approvals.1.when: can never apply: town:4 (when: true) comes first",
    ),
    (
        "by: centre, because",
        "when: return_count >= 3, by: centre, because",
        "return_count >= 3",
        "approvals.1.when: can never apply: town:4 (when: return_count >= 2) comes first",
    ),
    (
        "parameter: calls}",
        "parameter: cals}",
        "cals}",
        "alerts.1.at_least: no parameter 'cals' in this pack; state it, with v",
    ),
    (
        "parameter: lead_hours",
        "parameter: lead",
        "parameter: lead,",
        "reminders.0.parameter: no parameter 'lead' in this pa",
    ),
    (
        "calls: {value: 5",
        "calls: {value: five",
        "value: five",
        "calls.value: must be a whole number from 1, or null, not 'f",
    ),
    ("calls: {value: 5", "calls: {value: 0", "value: 0", "calls.value: must be a whole number from 1, or null, not 0"),
    (
        "calls: {value: 5",
        "calls: {value: 2.5",
        "value: 2.5",
        "calls.value: must be a whole number from 1, or null, not 2.",
    ),
    (
        "value: 4, unit: 办",
        "value: four, unit: 办",
        "four",
        "lead_hours.value: must be 0 to 8784 office hours, or null, n",
    ),
    (
        "value: 4, unit: 办",
        "value: -1, unit: 办",
        "-1",
        "lead_hours.value: must be 0 to 8784 office hours, or null, n",
    ),
    (
        "  - clause: town:2\n    source",
        "  - clause: town:9\n    source",
        "town:9",
        "no clause 'town:9' here to override; did y",
    ),
    (
        "        clause: town:2",
        "        clause: town:1",
        "        clause: town:1",
        "of town:2 cannot rule on town:1; that ne",
    ),
    (
        "{workdays: 3}",
        "{workdays_parameter: days}",
        "parameter: days",
        "overrides.0.clocks.0.within: no parameter 'days' in",
    ),
    (
        "{workdays: 3}",
        "{workday_before: sign}",
        "workday_before",
        "overrides.0.clocks.0.within: workday_before sign must",
    ),
]


@pytest.mark.parametrize(("old", "new", "at", "told"), RULE_WHOLE_FAULTS, ids=[told for *_, told in RULE_WHOLE_FAULTS])
def test_a_rule_that_does_not_fit_the_rest_is_told_with_its_line(
    write: Callable[..., Path], old: str, new: str, at: str, told: str
) -> None:
    text = spoilt((old, new), good=RULED)
    faults = [fault for fault in faults_of(write(text)) if told in fault]
    assert len(faults) == 1
    assert faults[0].startswith(f"town.yaml:{last_line_of(text, at)}: ")


def test_an_override_that_takes_the_last_line_away_is_refused(write: Callable[..., Path]) -> None:
    text = (
        RULED
        + """\
  - clause: town:1
    source: {title: 上级通知}
    text: 超期的由主要领导指定
    dispatch:
      - {clause: "town:1", when: overdue, mode: designated, decider: main_leader, because: 超期}
"""
    )
    assert faults_of(write(text)) == [
        f"town.yaml:{line_of(text, '    dispatch:')}: overrides.1.dispatch: the last rule must have no when, "
        "so that every order has someone who decides"
    ]


def test_adopting_a_rule_that_leaves_nothing_to_the_own_ones_is_refused(write: Callable[..., Path]) -> None:
    text = spoilt(('adopts: ["moushi:2.1"]', 'adopts: ["moushi:2.1", "moushi:2.2.1"]'))
    faults = faults_of(write(text))
    assert [fault.split(": ")[0] for fault in faults] == [
        f"town.yaml:{line_of(text, at)}" for at in ("when: urgency", "because: 其余")
    ]
    assert all("can never apply: moushi:2.2.1 (when: true) comes first" in fault for fault in faults)


NEIGHBOUR = RULED.replace("id: town\n", "id: village\n").replace("town:", "village:")


def test_an_adopted_alert_whose_parameter_the_town_lacks_is_told_where_it_is_adopted(
    write: Callable[..., Path],
) -> None:
    write(NEIGHBOUR, "village")
    text = spoilt(('adopts: ["moushi:2.1"]', "adopts:\n  - moushi:2.1\n  - village:3"))
    path = write(text)
    with pytest.raises(PackFault) as told:
        PackShelf(real_categories(), (path.parent,)).get_or_raise("town")
    assert [str(fault) for fault in told.value.problems] == [
        f"town.yaml:8: adopts.1.{place}: no parameter '{name}' in this pack; "
        "state it, with value: null until the town gives it"
        for place, name in (("alerts.at_least", "calls"), ("reminders.parameter", "lead_hours"))
    ]


def test_a_town_that_states_the_parameters_may_adopt_the_alert(write: Callable[..., Path]) -> None:
    write(NEIGHBOUR, "village")
    stated = "parameters:\n  calls: {value: null}\n  lead_hours: {value: null}\n"
    path = write(spoilt(("moushi:2.1", "village:3"), ("parameters:\n", stated)))
    town = PackShelf(real_categories(), (path.parent,)).get_or_raise("town")
    assert [rule.clause for rule in (*town.alerts, *town.escalations, *town.reminders)] == ["village:3"] * 4


def test_three_packs_that_adopt_from_each_other_are_a_circle_and_refused(write: Callable[..., Path]) -> None:
    def adopting(name: str, other: str) -> Path:
        text = GOOD.replace("id: town\n", f"id: {name}\n").replace("town:", f"{name}:")
        return write(text.replace("moushi:2.1", f"{other}:2"), name)

    path = adopting("town", "village")
    adopting("village", "hamlet")
    adopting("hamlet", "town")
    shelf = PackShelf(real_categories(), (path.parent,))
    with pytest.raises(PackFault) as told:
        shelf.get_or_raise("town")
    assert [str(fault) for fault in told.value.problems] == [
        "town.yaml:6: adopts.0: village:2 cannot be adopted: town adopts from village adopts from hamlet "
        "adopts from town, a circle; drop one of these"
    ]


# Versions.
def versions_of(write: Callable[..., Path], *changes: tuple[str, str]) -> list[str]:
    path = write(GOOD.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    for number, change in enumerate(changes, start=3):
        write(spoilt(('version: "1"', f'version: "{change[0]}"\nvalid_from: "{change[1]}"')), f"town@{number}")
    shelf = PackShelf(real_categories(), (path.parent,))
    with pytest.raises(PackFault) as told:
        shelf.versions("town")
    return [str(fault) for fault in told.value.problems]


def test_two_versions_of_one_day_are_refused(write: Callable[..., Path]) -> None:
    assert versions_of(write, ("3", "2027-01-01")) == [
        "town@3.yaml:4: valid_from: is that of town@2.yaml too; each version of a pack needs its own valid_from"
    ]


def test_two_versions_of_one_name_are_refused_wherever_they_stand(write: Callable[..., Path]) -> None:
    assert versions_of(write, ("1", "2028-01-01")) == [
        "town@3.yaml:3: version: is that of town.yaml too; each version of a pack needs its own version"
    ]


def test_a_faulty_version_is_told_with_its_own_file(write: Callable[..., Path]) -> None:
    path = write(GOOD)
    later = spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"'), ("lead: office", "lead: offce"))
    write(later, "town@2")
    with pytest.raises(PackFault, match=r"town@2.yaml:\d+: duties.road-damage.lead: no unit 'offce'"):
        PackShelf(real_categories(), (path.parent,)).get_or_raise("town")


def test_a_number_may_be_given_that_only_one_version_asks_for(write: Callable[..., Path]) -> None:
    path = write(RULED.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    later = write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    shelf = PackShelf(real_categories(), (path.parent,), given={"town": {"calls": 7}})
    assert [pack.parameters.get("calls") and pack.parameters["calls"].value for pack in shelf.versions("town")] == [
        7,
        None,
    ]
    assert shelf.find_or_raise(str(later)).version == "2"


def test_a_number_that_no_version_asks_for_is_refused_with_those_of_all(write: Callable[..., Path]) -> None:
    path = write(RULED.replace('version: "1"', 'version: "1"\nvalid_from: "2026-01-01"'))
    write(spoilt(('version: "1"', 'version: "2"\nvalid_from: "2027-01-01"')), "town@2")
    shelf = PackShelf(real_categories(), (path.parent,), given={"town": {"cals": 7}})
    with pytest.raises(PackFault, match="town.cals: no such parameter; known are finish_days, calls, lead_hours"):
        shelf.get_or_raise("town")


# Files that are no pack at all.
def test_a_repeated_key_is_told_with_the_line_of_the_second(write: Callable[..., Path]) -> None:
    text = GOOD + "name: 某乡\n"
    assert faults_of(write(text)) == [f"town.yaml:{len(text.splitlines())}: key 'name' is repeated"]


def test_a_repeated_duty_is_told_too(write: Callable[..., Path]) -> None:
    text = spoilt(("clauses:\n", "  road-damage: {lead: squad, entry: 道路}\nclauses:\n"))
    assert faults_of(write(text)) == [f"town.yaml:{line_of(text, 'lead: squad')}: key 'road-damage' is repeated"]


def test_broken_yaml_is_told_with_its_line(write: Callable[..., Path]) -> None:
    (fault,) = faults_of(write(GOOD.replace("units:\n", "units: [\n")))
    assert fault.startswith("town.yaml:") and "not valid YAML" in fault


def test_bytes_that_are_no_utf_8_are_told(tmp_path: Path) -> None:
    path = tmp_path / "town.yaml"
    path.write_bytes(GOOD.encode("gb18030"))
    (fault,) = faults_of(path)
    assert fault.startswith("town.yaml: cannot be read as UTF-8 text")


@pytest.mark.parametrize("text", ["", "- a list\n", "5\n"])
def test_a_file_that_is_no_mapping_is_told(write: Callable[..., Path], text: str) -> None:
    (fault,) = faults_of(write(text))
    assert fault.startswith("town.yaml:1: ")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="town.yaml: no such file"):
        PackShelf(real_categories()).find_or_raise(str(tmp_path / "town.yaml"))


def test_parameters_for_a_pack_that_does_not_exist_are_refused() -> None:
    with pytest.raises(PackFault, match="tangqio: no such pack; known are moushi"):
        PackShelf(real_categories(), given={"tangqio": {"finish_workdays": 5}})


# The page that describes packs.
def test_the_pack_of_the_documentation_loads(write: Callable[..., Path]) -> None:
    page = (DOCS / "packs.md").read_text(encoding="utf-8")
    (example,) = (part.split("```", 1)[0] for part in page.split("```yaml\n")[1:])
    assert PackShelf(real_categories()).find_or_raise(str(write(example, "my-town"))).name == "某镇"


def test_the_documentation_names_every_key_of_a_pack() -> None:
    page = (DOCS / "packs.md").read_text(encoding="utf-8")
    parts = (PackFile, Source, OfficeHoursPart, Parameter, Leader, Unit, Duty, TerritoryPart, Gazetteer, ClausePart)
    keys = {name for part in (*parts, DispatchRule, Clock, Limit, Tries) for name in part.model_fields}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", page)] == []
