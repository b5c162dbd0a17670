"""Closing: may an order be closed, and if not, everything that stands against it (section 8 of the rulebook)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.domain.decisions import Reason
from triage.domain.events import Event
from triage.domain.vocabulary import ObligationId
from triage.policy.chinese import ELEMENTS, OBLIGATIONS, filled_in
from triage.policy.conditions import Activation
from triage.policy.judging.clocks import Reckoned
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import ClosingRule

TOLD_IN_THE_ANSWER = frozenset({"answer_time", "answer_person", "satisfaction"})
"""What only a caller who was reached can be told or say: not asked of a reply whose unit called in three different
periods of the day without reaching the caller (nanmatou:rules/8.7)."""


ON_THE_WAY = frozenset(
    {ObligationId.CENTRE_CONTACT, ObligationId.SIGN, ObligationId.FIRST_CONTACT, ObligationId.SITE_VISIT}
)
"""Steps that come before a reply; once there is one they are done or skipped."""


def why_not(
    pack: Pack, activation: Activation, reply: Event | None, reckoned: Iterable[Reckoned]
) -> tuple[Reason, ...]:
    """Every reason against closing, in the pack's order; none means that the order may be closed.

    Beside the pack's own rules, what is still owed must be done first: an order that may be closed has no open duty.
    Offers (a return, an extension) are no duties, what was missed is past mending, and steps on the way to a reply are
    overtaken by it: skipped, they have an alert, since life goes on.
    """
    elements = None if reply is None else _elements(reply, activation)
    found = [
        *(reason for rule in pack.closing if (reason := _reason(rule, activation, elements)) is not None),
        *_still_owed(reckoned, overtaken=ON_THE_WAY if reply is not None else frozenset()),
    ]
    return tuple(dict.fromkeys(found))


def _reason(rule: ClosingRule, activation: Activation, elements: frozenset[str] | None) -> Reason | None:
    if not rule.when.holds(activation):
        return None
    lacking = () if elements is None else tuple([name for name in rule.lacks if name not in elements])
    if rule.lacks and not lacking:  # that there is no reply at all is a reason of its own
        return None
    because = filled_in(rule.because, activation.facts)
    named = f"：{'、'.join(ELEMENTS[name] for name in lacking)}" if lacking else ""
    return Reason(rule.clause, because + named)


def _elements(reply: Event, activation: Activation) -> frozenset[str]:
    """What the reply has, be it in its text or attached."""
    excused = TOLD_IN_THE_ANSWER if activation.facts["answer_tried"] else frozenset()
    return frozenset({*(reply.get("elements") or ()), *(reply.get("attachments") or ()), *excused})


def _still_owed(reckoned: Iterable[Reckoned], overtaken: frozenset[ObligationId]) -> Iterator[Reason]:
    for one in reckoned:
        if one.is_duty and one.is_open and one.obligation.id not in overtaken:
            owed = one.obligation
            yield Reason(owed.clause, f"{OBLIGATIONS[owed.id]}尚未完成")
