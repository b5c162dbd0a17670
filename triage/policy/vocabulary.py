"""The facts that rules may ask: name, type, default and meaning, from section 0 of the rulebook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from triage.domain.errors import BadInput, Problem, hint
from triage.domain.vocabulary import (
    CALL_BACK,
    Complexity,
    ObligationId,
    Outcome,
    ReplyFact,
    RequestType,
    Role,
    TerritoryValue,
    Urgency,
)

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
            return self._problem_with_list(value)
        if not isinstance(value, str):
            return f"must be a text, not {value!r}"
        if self.values and value not in self.values:
            return f"{value[:80]!r} is not one of {', '.join(self.values)}"
        return None

    def _problem_with_list(self, value: object) -> str | None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return f"must be a list of texts, not {value!r}"
        strangers = [item for item in value if self.values and item not in self.values]
        return f"{strangers[0][:80]!r} is not one of {', '.join(self.values)}" if strangers else None


def _choice(name: str, values: type[StrEnum], default: str, meaning: str) -> Fact:
    return Fact(name, "text", default, meaning, values=tuple(values))


def _count(name: str, default: int, meaning: str) -> Fact:
    return Fact(name, "count", default, meaning)


def _flag(name: str, meaning: str) -> Fact:
    return Fact(name, "flag", False, meaning)


def _given(name: str, meaning: str) -> Fact:
    return Fact(name, "flag", False, meaning, given=True)


def _word(name: str, values: Iterable[str], meaning: str) -> Fact:
    """One of some words, or none of them yet."""
    return Fact(name, "text", "", meaning, values=("", *values))


def _words(name: str, values: Iterable[str], meaning: str) -> Fact:
    return Fact(name, "texts", (), meaning, values=tuple(values))


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
    _flag("return_approved", "最近一次退单申请已获同意"),
    _flag("return_rejected", "最近一次退单申请被驳回"),
    _count("return_rejections", 0, "退单申请被驳回次数"),
    Fact("return_by", "text", "", "最近一次申请退单的单位"),
    _word("designated_by", Role, "指定承办单位的领导"),
    _count("unsatisfied_count", 0, "连续不满意回访次数"),
    _count("untrue_count", 0, "已签报的不属实次数"),
    _flag("overdue", "办理已超期"),
    _count("extension_count", 0, "已批准的延期次数"),
    _count("extension_requests", 0, "申请延期次数"),
    _flag("extension_open", "延期申请尚未答复"),
    _flag("extension_refused", "最近一次延期申请未获同意"),
    _flag("reason_lacking", "最近一次延期申请未说明理由"),
    _flag("extension_untold", "延期已批准，尚未告知来电人"),
    _flag("report_lacking", "最近一次延期申请未附书面报告"),
    _flag("dispatched", "已派单"),
    _flag("to_dispatch", "等待派单：尚未派单、退单获准或重新办理"),
    _flag("accepted", "派单后已接单"),
    _flag("replied", "派单后已答复"),
    _word("reply_outcome", Outcome, "最近一次答复的处置结果"),
    _word("reply_fact", ReplyFact, "最近一次答复的事实认定"),
    _word("review", ("passed", "failed"), "最近一次答复的审核结论"),
    _flag("called_back", "最近一次答复后已回访"),
    _words("callback_no", CALL_BACK, "回访中被否定的项目"),
    _flag("untrue_signed", "本件已签报不属实说明表"),
    _words("callback_unsaid", CALL_BACK, "回访中未记录的项目"),
    _flag("solved", "回访确认已解决"),
    _flag("unsolved", "最近一次回访为未解决"),
    _flag("upper_unsatisfied", "市、区回访不满意"),
    _flag("answer_tried", "在三个不同时段拨打仍未联系上来电人"),
    _flag("supervised", "已下发督办"),
    _flag("stored", "已备案存电"),
    _flag("closed", "已结案"),
    _words("owed", ObligationId, "时限内待办事项"),
    _words("done", ObligationId, "已办事项"),
    _words("missed", ObligationId, "已逾期事项"),
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
    _given("outcome_approved", "领导同意按参考备案或未解决办结"),
    _given("named_by_upper", "被市热线办、区城运通报"),
    _given("hot_topic", "市民集中反映、影响较大的热点"),
    _given("mass_sent", "群发工单"),
    _given("common_problem", "高频共性难点"),
    _given("responsibility_unmet", "首问、指定、兜底责任未落实"),
    _given("points_lost", "造成绩效失分"),
    _given("serious", "问题严重，造成严重后果"),
    _given("inaction", "不作为、慢作为、乱作为"),
)

FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _ALL}
"""Every fact by name. Those that only say where an order stands in its life (`return_open`, `replied`, `review` …)
and what only a person can say (`serious`, `mass_sent` …) are added to the rulebook's list."""

KNOWN_AFTER_CLOCKS = ("overdue", "owed", "done", "missed")
"""Facts that follow from the clocks; no clock may ask them."""


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
            problems.append(Problem((*loc, str(name)[:80]), f"no such fact; {hint(str(name), FACTS)}"))
        elif (fault := fact.problem_with(value)) is not None:
            problems.append(Problem((*loc, name), fault))
    if problems:
        raise BadInput("facts", problems)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}
