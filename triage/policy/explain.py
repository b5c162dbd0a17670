"""A pack as a person reads it, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from triage.policy.chinese import EVENTS, KINDS, MODES, OBLIGATIONS, ROLES
from triage.policy.pack import Pack
from triage.policy.rules import Clock, EventPattern, Limit
from triage.policy.vocabulary import FACTS

PATTERN_FIELDS = {
    ("by", "centre"): "由中心",
    ("by", "unit"): "由单位",
    ("reached", True): "联系上",
    ("reached", False): "未联系上",
    ("satisfaction", "unsatisfied"): "不满意",
    ("solved", False): "未解决",
}


def explain(pack: Pack, category_names: Mapping[str, str]) -> str:
    """The whole pack: who decides, what is owed by when, who handles what, and every clause."""
    parts = [
        _head(pack),
        _dispatch(pack),
        _clocks(pack),
        _parameters(pack),
        _units(pack, category_names),
        _clauses(pack),
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def _head(pack: Pack) -> Iterator[str]:
    yield f"{pack.name}（{pack.id}，版本 {pack.version}）"
    yield f"依据：{pack.source.title}{'，' + pack.source.number if pack.source.number else ''}"
    yield f"办公时间：工作日 {pack.office_hours.start:%H:%M} 至 {pack.office_hours.end:%H:%M}"


def _dispatch(pack: Pack) -> Iterator[str]:
    yield "一、谁来决定派单（自上而下，第一条符合的为准）"
    for number, rule in enumerate(pack.dispatch, start=1):
        asked = "、".join(FACTS[name].meaning for name in rule.when.names)
        yield f"{number}. {rule.because}"
        yield f"   {MODES[rule.mode]}，由{ROLES[rule.decider]}决定〔{rule.clause}〕"
        yield f"   看的事实：{asked}（{rule.when.source}）" if asked else "   其余情形"


def _clocks(pack: Pack) -> Iterator[str]:
    yield "二、时限"
    for clock in pack.clocks:
        condition = "" if clock.when.source == "true" else f"，仅当 {clock.when.source}"
        yield f"- {OBLIGATIONS[clock.id]}（{ROLES[clock.actor]}）：{_runs(clock)}{condition}〔{clock.clause}〕"


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
    condition = "" if limit.when.source == "true" else f"（{limit.when.source}）"
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


def _parameters(pack: Pack) -> Iterator[str]:
    yield "三、须由本地给定或可调整的参数"
    for name, parameter in pack.parameters.items():
        value = "尚未给定" if parameter.value is None else f"{parameter.value}{parameter.unit}"
        yield f"- {name}：{value}。{parameter.note}"
    if not pack.parameters:
        yield "（无）"


def _units(pack: Pack, category_names: Mapping[str, str]) -> Iterator[str]:
    yield "四、单位与职责"
    for unit in pack.units.values():
        leads = [category_names.get(c, c) for c, duty in pack.duties.items() if unit.id in duty.lead]
        assists = [category_names.get(c, c) for c, duty in pack.duties.items() if unit.id in duty.assist]
        text = f"- {unit.name}（{pack.leaders[unit.leader].title}）"
        text += f"：主办 {'、'.join(leads)}" if leads else "：无主办事项"
        yield text + (f"；协办 {'、'.join(assists)}" if assists else "")


def _clauses(pack: Pack) -> Iterator[str]:
    yield "五、条款"
    for clause in pack.clauses.values():
        yield f"- {clause.id}〔{'、'.join(KINDS[kind] for kind in clause.kinds)}〕{clause.text}"
