"""Faulty rules of every kind: each is told with its line, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.policy.small_town import GOOD, RULED, faults_of, last_line_of, line_of, real_categories, spoilt
from triage.domain.errors import PackFault
from triage.policy.pack.load import PackShelf
from triage.policy.pack.rules import SECTIONS

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
