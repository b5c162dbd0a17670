"""The facts that rules may ask: name, type, default and meaning, from section 0 of the rulebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Literal

from triage.domain.errors import BadInput, Problem
from triage.domain.vocabulary import Complexity, RequestType, TerritoryValue, Urgency

FactType = Literal["text", "count", "flag", "texts"]
FactValue = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `given` facts come from a person or the upstream platform, the others are worked out."""

    name: str
    type: FactType
    default: FactValue
    meaning: str
    given: bool = False
    values: tuple[str, ...] = ()

    def problem_with(self, value: object) -> str | None:
        """What is wrong with a stated value, or None."""
        if self.type == "flag":
            return None if isinstance(value, bool) else f"must be true or false, not {value!r}"
        if self.type == "count":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return None if whole and 0 <= value < 2**31 else f"must be a whole number from 0, not {value!r}"  # type: ignore[operator]
        if self.type == "texts":
            fine = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
            return None if fine else f"must be a list of texts, not {value!r}"
        if not isinstance(value, str):
            return f"must be a text, not {value!r}"
        if self.values and value not in self.values:
            return f"{value[:80]!r} is not one of {', '.join(self.values)}"
        return None


def _choice(name: str, values: type[StrEnum], default: str, meaning: str) -> Fact:
    return Fact(name, "text", default, meaning, values=tuple(values))


def _count(name: str, default: int, meaning: str) -> Fact:
    return Fact(name, "count", default, meaning)


def _flag(name: str, meaning: str) -> Fact:
    return Fact(name, "flag", False, meaning)


def _given(name: str, meaning: str) -> Fact:
    return Fact(name, "flag", False, meaning, given=True)


_ALL = (
    _choice("request_type", RequestType, "other", "诉求类型"),
    _choice("urgency", Urgency, "normal", "紧急程度"),
    _choice("complexity", Complexity, "normal", "复杂程度"),
    Fact(
        "emergency",
        "flag",
        False,
        "属于110、119、120、122的紧急警情",
    ),
    _choice("territory", TerritoryValue, "unknown", "事发地是否在本辖区"),
    Fact("candidate_units", "texts", (), "职责覆盖该事项的单位"),
    _flag("units_share_leader", "候选单位同属一位分管领导"),
    _flag("duty_clear", "恰有一个单位负有法定职责且把握足够"),
    _flag("working_time", "在工作日办公时间内收到"),
    _count("repeat_count", 1, "该来电人就同一事项的第几次来电"),
    _count("issue_today", 1, "同一自然日的同类工单数"),
    _count("issue_week", 1, "近7日的同类工单数"),
    _count("issue_callers_week", 1, "近7日同类工单的不同来电人数"),
    _count("unit_callers", 0, "投诉同一处置单位或同一对象的不同来电人数"),
    _count("dispatch_count", 1, "派单次数"),
    _count("return_count", 0, "申请退单次数"),
    _flag("return_open", "退单申请尚未答复"),
    _flag("return_rejected", "最近一次退单申请被驳回"),
    _count("unsatisfied_count", 0, "连续不满意回访次数"),
    _count("untrue_count", 0, "已签报的不属实次数"),
    _flag("overdue", "办理已超期"),
    _count("extension_count", 0, "已批准的延期次数"),
    _given("district_backstop", "区城运明确托底"),
    _given("district_leader_comment", "区领导批示"),
    _given("main_leader_comment", "街道或市领导批示"),
    _given("city_supervised", "市督办"),
    _given("district_supervised", "区督办"),
    _given("review_order", "回访复核单"),
    _given("media_exposed", "媒体曝光"),
    _given("buck_passing", "推诿扯皮"),
    _given("falsified", "弄虚作假"),
    _given("flawed", "处置存在明显瑕疵"),
    _given("needs_site_visit", "有实际现场，需现场勘查"),
    _given("in_legal_procedure", "已进入执法、复议、仲裁或诉讼程序"),
    _given("petition_concluded", "信访已有复查复核结论"),
    _given("medical_finding", "有法定医疗鉴定结论"),
    _given("city_listed_hard_case", "市热线办认定的疑难事项"),
    _given("agreed_to_policy", "来电人已接受政策解释"),
)

FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _ALL}
"""Every fact by name. `return_open` and `return_rejected` are added to the rulebook's list: without them a first
return that was refused could not be told from one that was approved."""


def check_facts(stated: Mapping[str, Any], loc: tuple[str | int, ...] = ("facts",)) -> dict[str, FactValue]:
    """Stated facts, checked against the vocabulary; every fault is reported at once.

    >>> check_facts({"issue_today": 5})
    {'issue_today': 5}
    >>> check_facts({"isue_today": 5})
    Traceback (most recent call last):
    ...
    triage.domain.errors.BadInput: facts: facts.isue_today: no such fact; did you mean issue_today?
    """
    problems: list[Problem] = []
    for name, value in stated.items():
        fact = FACTS.get(name)
        if fact is None:
            close = get_close_matches(str(name), FACTS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(FACTS)}"
            problems.append(Problem((*loc, str(name)[:80]), f"no such fact; {hint}"))
        elif (fault := fact.problem_with(value)) is not None:
            problems.append(Problem((*loc, name), fault))
    if problems:
        raise BadInput("facts", problems)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}
