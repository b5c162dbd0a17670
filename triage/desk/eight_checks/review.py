"""Runs the eight checks over one reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from triage.desk.eight_checks import checks
from triage.desk.eight_checks.checks import Case, Notes
from triage.desk.eight_checks.reply import Finding, Reply, ReplyContext, Verdict

NOTE = "仅供人工审核参考"


class Check(NamedTuple):
    """One of the eight: its slug, its name, what is said where nothing was found, and how it looks."""

    id: str
    name: str
    fine: str
    look: Callable[[Case, Notes], None]


CHECKS = (
    Check("first_contact", "先行联系情况", "先行联系的时间、人员和录音齐全", checks.first_contact),
    Check("fact_finding", "事实认定", "已写明事实认定，未见与文中表述矛盾", checks.fact_finding),
    Check("request_finding", "诉求认定", "已写明诉求认定，答复与诉求相关", checks.request_finding),
    Check("site_visit", "现场勘查", "现场勘查要素齐全，或本单无需现场勘查", checks.site_visit),
    Check("outcome", "办理结果", "办理结果与其他内容未见矛盾", checks.outcome),
    Check("satisfaction", "满意度填写", "满意度已填写，各处一致", checks.satisfaction),
    Check("whole_handling", "办理全过程", "答复涵盖办理过程，答复时间和答复人齐全", checks.whole_handling),
    Check("rules", "答复规范", "办理结果和所附材料未见不合规定之处", checks.rules),
)
"""The eight, in the order of tangqiao:4.2.3."""

_CLAUSES = {"tangqiao": "tangqiao:4.2.3", "nanmatou": "nanmatou:rules/8.9.1"}


def check_reply(reply: Reply, context: ReplyContext | None = None) -> tuple[Finding, ...]:
    """The eight findings on a reply, in order; what tangqiao:4.2.3 lists and nanmatou:rules/8.9.1 calls 八审.

    They assist a reviewer and decide nothing. Pure: the same reply gives the same findings, in time bounded whatever
    the length of the text (of a very long one `clean` keeps head and tail).

    >>> from triage.domain.vocabulary import Outcome
    >>> reply = Reply("经核实，该路灯损坏情况属实，目前暂时无法解决。", outcome=Outcome.SOLVED)
    >>> findings = check_reply(reply, ReplyContext(text="小区北门的路灯坏了"))
    >>> len(findings), findings[4].id, findings[4].verdict.value
    (8, 'outcome', 'fail')
    >>> findings[4].because
    '办理结果为实际解决，但文中称尚未或无法解决，请核对。'
    """
    case = Case(reply, context or ReplyContext())
    return tuple(_finding(number, check, case) for number, check in enumerate(CHECKS, start=1))


def clause_for(policy: str) -> str | None:
    """The clause by which a jurisdiction wants the eight checks; None where its rules do not name them.

    >>> clause_for("tangqiao"), clause_for("yanji")
    ('tangqiao:4.2.3', None)
    """
    return _CLAUSES.get(policy)


def _finding(number: int, check: Check, case: Case) -> Finding:
    notes = Notes()
    check.look(case, notes)
    said = notes.wrong + notes.doubtful
    verdict = Verdict.FAIL if notes.wrong else Verdict.UNSURE if said else Verdict.PASS
    because = "；".join(said) + "，请核对。" if said else f"{check.fine}。"
    return Finding(number, check.id, check.name, verdict, because, tuple(notes.looked_at))
