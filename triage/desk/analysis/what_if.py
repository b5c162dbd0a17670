"""What a changed pack would have decided on the orders of a ledger: counts, and examples with clauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from triage.domain.errors import BadInput, Problem
from triage.policy.chinese import ALERTS, MODES, OBLIGATIONS, ROLES
from triage.policy.judging.past import PastOrder
from triage.policy.scenarios.cases import ReadCase
from triage.policy.scenarios.replay import Side, Tally, changes

_WORD = re.compile(r"(?<![\w:/])[a-z_]+(?![\w:])")
_SAID: Mapping[str, str] = {
    "dispatch": "派单",
    "mode": "方式",
    "decider": "决定人",
    "clause": "条款",
    "obligations": "义务",
    "actor": "承担人",
    "due_at": "期限",
    "state": "状态",
    "open": "未到期",
    "met": "按时",
    "missed": "超时",
    "void": "不再计",
    "new": "新增",
    "gone": "取消",
    "alerts": "提醒",
    "notify": "报给",
    "awaits": "等待批复",
    "by": "批复人",
    "return": "退单",
    "extension": "延期",
    "why_not": "不可结案的理由",
    "may_close": "可否结案",
    **OBLIGATIONS,
    **ALERTS,
    **MODES,
    **ROLES,
}


def edited_copy(source: Path, edits: Mapping[str, str], folder: Path) -> Path:
    """A copy of a pack file in a folder, with each phrase replaced by another; the file itself is not touched.

    BadInput names every phrase that does not stand in the file exactly once.
    """
    text = source.read_text(encoding="utf-8")
    problems = [
        Problem((phrase,), f"stands {count} times in {source.name}, not once")
        for phrase in edits
        if (count := text.count(phrase)) != 1
    ]
    if problems:
        raise BadInput(str(source), problems)
    for phrase, other in edits.items():
        text = text.replace(phrase, other)
    copy = folder / source.name
    copy.write_text(text, encoding="utf-8")
    return copy


def replayed(orders: Iterable[PastOrder], before: Side, after: Side, as_of: datetime, most_examples: int = 3) -> Tally:
    """Each order judged at a moment by both packs; what differs, counted.

    What was read of an order when it came (candidate units, counts of its issue) is taken as it was read: a pack that
    names other duties decides otherwise only for orders that come anew.
    """
    tally = Tally(most_examples)
    for order in orders:
        tally.add(order.id, changes(before, after, ReadCase(order.case, order.category, as_of)))
    return tally


def change_in_words(what: str) -> str:
    """A kind of change, as `Tally` names it, in Chinese; ids of clauses stay.

    >>> change_in_words("alerts + yellow tangqiao:4.2.5"), change_in_words("obligations.finish.state open -> met")
    ('提醒 + 黄色预警 tangqiao:4.2.5', '义务.办结答复.状态 未到期 → 按时')
    """
    return _WORD.sub(lambda found: _SAID.get(found[0], found[0]), what).replace("->", "→")
