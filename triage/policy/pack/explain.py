"""A pack as a person reads it, in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.domain.vocabulary import Role
from triage.policy.chinese import ALERTS, ELEMENTS, EVENTS, FIELDS, KINDS, MODES, OBLIGATIONS, ROLES
from triage.policy.conditions import Condition
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import Clock, EventPattern, Limit
from triage.policy.pack.wording import in_words
from triage.policy.vocabulary import FACTS

PATTERN_FIELDS: Mapping[tuple[str, Any], str] = {
    ("by", "centre"): "由中心",
    ("by", "unit"): "由单位",
    ("reached", True): "联系上",
    ("reached", False): "未联系上",
    ("satisfaction", "unsatisfied"): "不满意",
    ("solved", False): "未解决",
    **{("ground", ground): f"情形{ground}" for ground in range(1, 7)},
}


def explain(pack: Pack, category_names: Mapping[str, str]) -> str:
    """The whole pack: who decides, what is owed by when, who handles what, and every clause."""
    parts = [
        _dispatch(pack),
        _clocks(pack),
        _alerts(pack),
        _requests(pack),
        _closing(pack),
        _scoring(pack),
        _bulletins(pack),
        _parameters(pack),
        _units(pack, category_names),
        _overrides(pack),
        _clauses(pack),
    ]
    titled = (_titled(number, part) for number, part in zip("一二三四五六七八九十", _present(parts), strict=False))
    return "\n\n".join(["\n".join(_head(pack)), *titled])


Part = tuple[str, Iterator[str]]


def _present(parts: list[Part]) -> Iterator[tuple[str, list[str]]]:
    """A part that says nothing is left out."""
    for title, lines in parts:
        if told := list(lines):
            yield title, told


def _titled(number: str, part: tuple[str, list[str]]) -> str:
    title, lines = part
    return "\n".join([f"{number}、{title}", *lines])


def _head(pack: Pack) -> Iterator[str]:
    yield f"{pack.name}（{pack.id}，版本 {pack.version}）"
    yield f"依据：{pack.source.title}{'，' + pack.source.number if pack.source.number else ''}"
    yield f"办公时间：工作日 {pack.office_hours.start:%H:%M} 至 {pack.office_hours.end:%H:%M}"


def _dispatch(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for number, rule in enumerate(pack.dispatch, start=1):
            yield f"{number}. {rule.because}"
            yield f"   {MODES[rule.mode]}，由{ROLES[rule.decider]}决定〔{rule.clause}〕"
            yield f"   条件：{in_words(rule.when)}" if rule.when.names else "   其余情形"

    return "谁来决定派单（自上而下，第一条符合的为准）", lines()


def _clocks(pack: Pack) -> Part:
    lines = (
        f"- {OBLIGATIONS[one.id]}（{ROLES[one.actor]}）：{_runs(one)}{_only(one.when)}〔{one.clause}〕"
        for one in pack.clocks
    )
    return "时限", lines


def _only(when: Condition) -> str:
    return f"；仅当{in_words(when)}" if when.names else ""


def _alerts(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for alert in pack.alerts:
            least = alert.at_least
            count = f"{FACTS[least.fact].meaning}达到参数 {least.parameter}" if least else ""
            asked = "，且".join(part for part in (in_words(alert.when) if alert.when.names else "", count) if part)
            yield f"- {ALERTS[alert.kind]}（报{_roles(alert.notify)}）：{asked}〔{alert.clause}〕"
        for ladder in pack.escalations:
            for step in ladder.steps:
                reached = f"{FACTS[ladder.fact].meaning}达到{step.at}"
                whom = f"{ALERTS[step.kind]}（报{_roles(step.notify)}）"
                yield f"- {whom}：{reached}，取达到的最高一级〔{ladder.clause}〕"
        for one in pack.reminders:
            before = f"{OBLIGATIONS[one.obligation]}到期前，按参数 {one.parameter} 的办公小时数"
            yield f"- 催办（{_roles(one.notify)}）：{before}〔{one.clause}〕"

    return "提醒、督办和通报", lines()


def _requests(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for refusal in pack.refusals:
            details = [in_words(refusal.when)] if refusal.when.names else []
            if refusal.lacks:
                details.append(_lacking("缺", [FIELDS.get(name, name) for name in refusal.lacks]))
            for name, allowed in refusal.none_of.items():
                details.append(f"{FIELDS.get(name, name)}不是{'、'.join(map(str, allowed))}之一")
            if refusal.after is not None:
                details.append(f"已过“{OBLIGATIONS[refusal.after]}”的时限")
            if refusal.until_beyond is not None:
                details.append(f"延期超过派单后{refusal.until_beyond}个工作日")
            because = f"{'，且'.join(details)}（{_told(refusal.because)}）"
            yield f"- 不予{_event(refusal.event)}：{because}〔{refusal.clause}〕"
        for one in pack.approvals:
            asked = {"return": "退单", "extension": "延期"}[one.request]
            yield f"- {asked}由{_roles(one.by)}决定{_only(one.when)}〔{one.clause}〕"

    return "退单、延期、存电和结案的限制", lines()


def _closing(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for rule in pack.closing:
            details = [in_words(rule.when)] if rule.when.names else []
            if rule.lacks:
                details.append(_lacking("回复缺", [ELEMENTS[name] for name in rule.lacks]))
            yield f"- {'，且'.join(details)}〔{rule.clause}〕"
        if pack.closing:
            yield "- 尚有在时限内未完成的事项"

    return "有下列情形之一的不得结案", lines()


def _scoring(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        if pack.scoring is None:
            return
        for part in pack.scoring.parts:
            points = "" if getattr(part, "points", None) is None else f"（{part.points}分）"
            yield f"- {part.name}{points}〔{part.clause}〕"
        for target in pack.scoring.targets:
            yield f"- 目标：{target.name}〔{target.clause}〕"

    return "评分与目标", lines()


def _bulletins(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for one in pack.bulletins:
            pages = "、".join(page.title for page in one.pages)
            yield f"- {one.title}（报{_roles(one.notify)}）：{pages}〔{one.clause}〕"

    return "通报与报表", lines()


def _overrides(pack: Pack) -> Part:
    lines = (
        f"- {one.clause}：{one.text}（{one.source.title}{'，' + one.source.number if one.source.number else ''}）"
        for one in pack.overrides
    )
    return "上级另有规定、从其规定的", lines


def _lacking(begun: str, names: list[str]) -> str:
    return begun + "、".join(names) + ("之一" if len(names) > 1 else "")


def _told(because: str) -> str:
    """A sentence without the numbers of a certain order."""
    return re.sub(r"\{\w+\}", "若干", because)


def _roles(roles: tuple[Role, ...]) -> str:
    return "、".join(ROLES[role] for role in roles)


def _runs(clock: Clock) -> str:
    start = "或".join(_event(pattern) for pattern in clock.starts)
    text = f"自{start}起，{'；'.join(_limit(limit) for limit in clock.within) or '来源未规定时限'}"
    if clock.until_then is not None:
        text += f"；未{EVENTS[clock.starts[0].kind]}前暂自{_event(clock.until_then)}起算"
    if clock.met_by:
        text += f"；以{'或'.join(_event(pattern) for pattern in clock.met_by)}为完成"
    if clock.or_tries is not None:
        text += f"；未联系上须{clock.or_tries.count}次、每次间隔{clock.or_tries.hours_apart:g}小时以上"
    if clock.extended_by is not None:
        text += "；批准延期的按延期日期"
    return text + ("；逾期视为放弃" if clock.lapses else "")


def _limit(limit: Limit) -> str:
    condition = "" if limit.when.source == "true" else f"（{in_words(limit.when)}）"
    if limit.hours is not None:
        return f"{limit.hours:g}小时{condition}"
    if limit.workdays is not None:
        return f"{limit.workdays}个工作日{condition}"
    if limit.workdays_parameter is not None:
        return f"按参数 {limit.workdays_parameter} 的工作日数{condition}"
    assert limit.workday_before is not None
    return f"{OBLIGATIONS[limit.workday_before]}到期日的前1个工作日下班前{condition}"


def _event(pattern: EventPattern) -> str:
    name = EVENTS[pattern.kind]
    fields = "、".join(
        PATTERN_FIELDS.get((field, value), f"{field}={value}") for field, value in pattern.fields.items()
    )
    return f"{name}（{fields}）" if fields else name


def _parameters(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for name, parameter in pack.parameters.items():
            value = "尚未给定" if parameter.value is None else f"{parameter.value}{parameter.unit}"
            yield f"- {name}：{value}。{parameter.note}"

    return "须由本地给定或可调整的参数", lines()


def _units(pack: Pack, category_names: Mapping[str, str]) -> Part:
    def lines() -> Iterator[str]:
        for unit in pack.units.values():
            leads = [category_names.get(c, c) for c, duty in pack.duties.items() if unit.id in duty.lead]
            assists = [category_names.get(c, c) for c, duty in pack.duties.items() if unit.id in duty.assist]
            text = f"- {unit.name}（{pack.leaders[unit.leader].title}）"
            text += f"：主办 {'、'.join(leads)}" if leads else "：无主办事项"
            yield text + (f"；协办 {'、'.join(assists)}" if assists else "")

    return "单位与职责", lines()


def _clauses(pack: Pack) -> Part:
    def lines() -> Iterator[str]:
        for clause in pack.clauses.values():
            kinds = "、".join(KINDS[kind] for kind in clause.kinds)
            further = f"（不能由系统执行：{clause.reason}）" if clause.reason else ""
            further += f"（与 {clause.through} 一并执行）" if clause.through else ""
            yield f"- {clause.id}〔{kinds}〕{clause.text}{further}"

    return "条款", lines()
