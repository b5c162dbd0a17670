"""Whose answer an order waits for: who names the unit, who answers a return or an extension."""

from __future__ import annotations

from collections.abc import Iterator

from triage.domain.decisions import Awaited, Dispatch
from triage.policy.chinese import filled_in
from triage.policy.conditions import Activation
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import Approval

REQUESTS = ("return", "extension")


def approval_of(pack: Pack, activation: Activation, asked: str) -> Approval | None:
    """Who answers a return or an extension, as things stand: the first approval that applies."""
    return next((one for one in pack.approvals if one.request == asked and one.when.holds(activation)), None)


def awaited(pack: Pack, activation: Activation, dispatch: Dispatch) -> Iterator[Awaited]:
    """Every answer the order waits for now; none once it is closed."""
    facts = activation.facts
    if facts["closed"]:
        return
    if facts["to_dispatch"]:
        yield Awaited("dispatch", (dispatch.decider,), dispatch.clause, dispatch.because)
    for asked in REQUESTS:
        approval = approval_of(pack, activation, asked) if facts[f"{asked}_open"] else None
        if approval is not None:
            yield Awaited(asked, approval.by, approval.clause, filled_in(approval.because, facts))
