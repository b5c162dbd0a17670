"""What a higher authority rules instead stands where the town's own rule stood, and says who ruled it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.bootstrap import Service
from triage.domain.vocabulary import AlertKind
from triage.policy.calendar.workdays import WorkingTime, parse_time
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.explain import explain
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import FactValue

TOWN = """\
id: ferry
name: 渡口镇
version: "1"
kind: sub_district
source: {title: 渡口镇热线办法}
office_hours: {start: "09:00", end: "17:00"}
leaders:
  - {id: head, title: 镇长, role: main_leader}
  - {id: deputy, title: 分管热线的副镇长, role: centre_leader}
units:
  - {id: works, name: 建设办, leader: head}
duties:
  road-damage: {lead: works, entry: 道路养护}
clauses:
  "1": {kind: decides, text: 超期的由镇长指定}
  "2": {kind: decides, text: 其余直接派单}
  "3": {kind: [clock, alert], text: 一个工作日内先行联系，逾期提示}
  "4": {kind: [clock, alert], text: 五个工作日办结，超期督办}
  "5": {kind: alert, text: 媒体曝光的督办}
dispatch:
  - {clause: "ferry:2", when: city_supervised, mode: agreed, decider: meeting, because: 市督办}
  - {clause: "ferry:1", when: overdue, mode: designated, decider: main_leader, because: 超期}
  - {clause: "ferry:1", when: media_exposed, mode: designated, decider: main_leader, because: 曝光}
  - {clause: "ferry:2", mode: statutory, decider: dispatcher, because: 直接派单}
clocks:
  - {id: first_contact, clause: "ferry:3", actor: unit, starts: {kind: dispatched}, within: {workdays: 1}}
  - {id: finish, clause: "ferry:4", actor: unit, starts: {kind: dispatched}, within: {workdays: 5}}
alerts:
  - {clause: "ferry:3", kind: warning, notify: unit, when: '"first_contact" in missed', because: 未先行联系}
  - {clause: "ferry:4", kind: supervision, notify: centre, when: overdue, because: 超期}
  - {clause: "ferry:5", kind: supervision, notify: centre, when: media_exposed, because: 曝光}
"""
HEAD = """\
overrides:
  - clause: {clause}
    source: {{title: 区热线办通知, number: 区热线〔2026〕1号}}
    text: 区里另有规定
"""

Load = Callable[[str], Pack]


@pytest.fixture
def load(service: Service, tmp_path: Path) -> Load:
    def load_text(text: str) -> Pack:
        path = tmp_path / "ferry.yaml"
        path.write_text(text, encoding="utf-8")
        return PackShelf(service.taxonomy.ids).find_or_raise(str(path))

    return load_text


def overriding(clause: str, rules: str) -> str:
    return TOWN + HEAD.format(clause=clause) + "".join(f"    {line}\n" for line in rules.splitlines())


def judged(pack: Pack, hours: WorkingTime, **stated: FactValue) -> Judgement:
    at = parse_time("2026-03-02T09:00")
    return judge(pack, Case(at, stated=stated), at, hours)


def test_it_replaces_the_rules_of_its_clause_where_the_first_stood(load: Load, hours: WorkingTime) -> None:
    rules = 'dispatch:\n  - {clause: "ferry:1", when: hot_topic, mode: designated, decider: meeting, because: 热点}'
    own, other = load(TOWN), load(overriding("ferry:1", rules))
    assert [rule.because for rule in own.dispatch] == ["市督办", "超期", "曝光", "直接派单"]
    assert [rule.because for rule in other.dispatch] == ["市督办", "热点", "直接派单"]
    assert judged(own, hours, media_exposed=True).dispatch.because == "曝光"
    assert judged(other, hours, media_exposed=True).dispatch.because == "直接派单"
    assert judged(other, hours, media_exposed=True, hot_topic=True).dispatch.because == "热点"


def test_it_replaces_only_in_the_sections_that_it_has(load: Load) -> None:
    clock = '{id: finish, clause: "ferry:4", actor: unit, starts: {kind: dispatched}, within: {workdays: 2}}'
    pack = load(overriding("ferry:4", f"clocks:\n  - {clock}"))
    assert [[limit.workdays for limit in one.within] for one in pack.clocks] == [[1], [2]]
    assert [rule.clause for rule in pack.alerts] == [rule.clause for rule in load(TOWN).alerts]


def test_it_may_say_more_than_the_rule_it_replaces(load: Load) -> None:
    clocks = """\
clocks:
  - {id: finish, clause: "ferry:4", when: supervised, actor: unit, starts: {kind: dispatched}, within: {hours: 8}}
  - {id: finish, clause: "ferry:4", actor: unit, starts: {kind: dispatched}, within: {workdays: 3}}"""
    pack = load(overriding("ferry:4", clocks))
    assert [(clock.id, clock.when.source) for clock in pack.clocks] == [
        ("first_contact", "true"),
        ("finish", "supervised"),
        ("finish", "true"),
    ]


def test_an_alert_is_removed_by_an_empty_list(load: Load, hours: WorkingTime) -> None:
    own, other = load(TOWN), load(overriding("ferry:5", "alerts: []"))
    assert [rule.clause for rule in other.alerts] == ["ferry:3", "ferry:4"]
    assert [alert.kind for alert in judged(own, hours, media_exposed=True).alerts] == [AlertKind.SUPERVISION]
    assert judged(other, hours, media_exposed=True).alerts == ()


def test_a_rule_in_a_section_where_its_clause_had_none_goes_first(load: Load) -> None:
    rules = 'dispatch:\n  - {clause: "ferry:5", when: hot_topic, mode: designated, decider: meeting, because: 热点}'
    pack = load(overriding("ferry:5", rules).replace('"5": {kind: alert', '"5": {kind: [alert, decides]'))
    assert [rule.because for rule in pack.dispatch] == ["热点", "市督办", "超期", "曝光", "直接派单"]


def test_of_two_overrides_each_keeps_to_its_clause(load: Load) -> None:
    text = (
        overriding("ferry:5", "alerts: []")
        + HEAD.format(clause="ferry:3").removeprefix("overrides:\n")
        + "    alerts: []\n"
    )
    assert [rule.clause for rule in load(text).alerts] == ["ferry:4"]


def test_the_clause_names_the_higher_authority_and_keeps_the_towns_words(load: Load) -> None:
    pack = load(overriding("ferry:5", "alerts: []"))
    text = pack.clauses["ferry:5"].text
    assert text.startswith("区里另有规定")
    assert "区热线办通知" in text and "媒体曝光的督办" in text
    assert pack.clauses["ferry:4"].text == "五个工作日办结，超期督办"


def test_the_explained_pack_names_it_too(load: Load) -> None:
    text = explain(load(overriding("ferry:5", "alerts: []")), {})
    assert "区热线办通知" in text and "区热线〔2026〕1号" in text and "区里另有规定" in text
    assert "区热线办通知" not in explain(load(TOWN), {})
