"""What a label may rest on, and how sure each makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod
from typing import NamedTuple


class Reason(NamedTuple):
    """`weight` is how sure a label is that rests on this alone; where it only `weakens` one that rests on something
    else, what it leaves of that. `because` says it to a dispatcher."""

    weight: float
    because: str
    weakens: bool = False


REASONS: Mapping[str, Reason] = {
    # A dispatcher read the order and wrote down another label; a person noted it as a fact: nobody knows better.
    "corrected": Reason(1.0, "派单员改成了这一项"),
    "noted": Reason(1.0, "人工备注了这一项"),
    # The district's platform said so, with more forms to fill in than time to do it.
    "stated": Reason(0.9, "上级平台已注明"),
    # Agreeing takes one click, and people agree with what stands there more easily than they should.
    "accepted": Reason(0.8, "派单员认可了建议"),
    # Only what differs is said in feedback: what was not said was at least before somebody's eyes.
    "let_stand": Reason(0.6, "派单员改了别的项目，未改这一项"),
    # The unit with the duty dealt with it, and the caller says that it did: the unit was right. Units have several
    # categories, so that this is less than a dispatcher's word on the category itself.
    "satisfied": Reason(0.7, "有法定职责的单位办结，来电人满意"),
    "solved": Reason(0.6, "有法定职责的单位办结，诉求已解决"),
    "handled": Reason(0.5, "有法定职责的单位已办理并答复"),
    # It may still hand it back.
    "taken": Reason(0.3, "有法定职责的单位已接单"),
    # Another unit dealt with it, and of the likely categories one alone is that unit's.
    "only_likely": Reason(0.5, "由其他单位办理，可能的类别中仅此一项属其职责"),
    # A unit that hands an order back says that the category is not its own; where it goes then, many look on.
    "returned": Reason(0.6, "曾经退单", weakens=True),
    # Who is designated must act, whosever duty it is: that says less about the category.
    "designated": Reason(0.6, "由领导指定承办", weakens=True),
    # The unit objected and was overruled.
    "return_rejected": Reason(0.8, "承办单位申请退单被驳回", weakens=True),
    # Badly handled is not wrongly dispatched, but wrongly dispatched ends like this.
    "unsatisfied": Reason(0.7, "来电人不满意", weakens=True),
    # What was complained of was not found: of what kind it was is then anybody's guess.
    "untrue_signed": Reason(0.8, "已签报不属实", weakens=True),
}
"""Judgement, not measurement: few towns keep what would measure them. `why` of every lesson names the entries."""


def weight_of(why: Collection[str]) -> float:
    """How sure a label is that rests on these: its best ground, less by every doubt.

    >>> weight_of(["accepted", "satisfied"]), weight_of(["only_likely", "returned"])
    (0.8, 0.3)
    """
    reasons = [REASONS[name] for name in why]
    best = max(reason.weight for reason in reasons if not reason.weakens)
    return round(best * prod(reason.weight for reason in reasons if reason.weakens), 4)
