"""A small town as a pack file, sound as it stands; tests spoil one line of it each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from triage.bootstrap import build
from triage.domain.errors import PackFault
from triage.policy.pack.load import PackShelf
from triage.settings import Settings

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


def faults_of(path: Path, given: dict[str, dict[str, Any]] | None = None) -> list[str]:
    with pytest.raises(PackFault) as refused:
        PackShelf(CATEGORIES | real_categories(), given=given or {}).find_or_raise(str(path))
    return [str(fault) for fault in refused.value.problems]


def real_categories() -> frozenset[str]:
    """Adopting a clause reads the pack it stands in, with all of that pack's duties."""
    return frozenset(build(Settings(model=None, packs=None, calendar=None, parameters={})).taxonomy.ids)


def spoilt(*pairs: tuple[str, str], good: str = GOOD) -> str:
    text = good
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text
