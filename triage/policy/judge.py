"""The judge: a pure function from a pack, what is known of an order, and a time to what must happen.

Same input, same output; no clock, no database. The service, the batch job, the scenario runner and the console all
come through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from triage.domain.decisions import Alert, Dispatch, Obligation, TraceStep
from triage.domain.events import Event, seen_at
from triage.domain.vocabulary import AlertKind, EventKind, Role
from triage.policy.clocks import Reckoned, is_overdue, reckon
from triage.policy.conditions import Activation
from triage.policy.facts import Case, facts_of
from triage.policy.pack import Pack
from triage.policy.vocabulary import FactValue
from triage.policy.workdays import WorkingTime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the pack says of an order at `as_of`; `activation` are its facts, ready for further conditions."""

    dispatch: Dispatch
    obligations: tuple[Obligation, ...]
    alerts: tuple[Alert, ...]
    trace: tuple[TraceStep, ...]
    facts: Mapping[str, FactValue]
    activation: Activation = field(compare=False, repr=False)


def judge(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> Judgement:
    """Judge one order. Events after `as_of` are not seen; `hours` are the pack's office hours on a state calendar."""
    seen = _seen(case, as_of)
    facts = facts_of(pack, case, seen, hours)
    activation = Activation(facts)
    reckoned = reckon(pack, seen, activation, hours, as_of)
    if "overdue" not in case.stated and is_overdue(reckoned, seen):
        activation = Activation({**facts, "overdue": True})
    dispatch, step = _decide(pack, activation)
    return Judgement(
        dispatch=dispatch,
        obligations=tuple(one.obligation for one in reckoned),
        alerts=tuple(_missing_parameters(reckoned)),
        trace=(step, *(_clock_step(one, activation.facts) for one in reckoned)),
        facts=activation.facts,
        activation=activation,
    )


def if_dispatched(pack: Pack, case: Case, at: datetime, hours: WorkingTime, now: Judgement) -> tuple[Obligation, ...]:
    """What would be owed besides were the order dispatched at `at`: a forecast, kept apart from what is owed `now`."""
    seen = (*_seen(case, at), Event(at, EventKind.DISPATCHED))
    owed = {one.id for one in now.obligations}
    then = (one.obligation for one in reckon(pack, seen, now.activation, hours, at))
    return tuple(one for one in then if one.id not in owed)


def _seen(case: Case, as_of: datetime) -> tuple[Event, ...]:
    """What had happened by then, the order's coming in first of all."""
    received = () if case.received_at is None else (Event(case.received_at, EventKind.RECEIVED),)
    return seen_at((*received, *case.events), as_of)


def _decide(pack: Pack, activation: Activation) -> tuple[Dispatch, TraceStep]:
    """The first line of the order of precedence that applies; a pack's last line always does."""
    for index, rule in enumerate(pack.dispatch):
        if rule.when.holds(activation):
            step = TraceStep(
                clause=rule.clause,
                rule=f"dispatch[{index}] {rule.when.source}",
                facts=rule.when.asked(activation.facts),
                effect=f"{rule.mode} by {rule.decider}",
            )
            return Dispatch(rule.mode, rule.decider, rule.clause, rule.because), step
    raise AssertionError(f"pack {pack.id} has no rule that always decides")  # lint refuses such a pack


def _missing_parameters(reckoned: list[Reckoned]) -> Iterator[Alert]:
    for one in reckoned:
        if one.missing is not None:
            yield Alert(
                kind=AlertKind.MISSING_PARAMETER,
                clause=one.obligation.clause,
                notify=(Role.CENTRE, Role.ADMIN),
                because=f"来源文件未写明或无法辨认的参数 {one.missing} 尚未给定，相应时限无法计算",
            )


def _clock_step(one: Reckoned, facts: Mapping[str, FactValue]) -> TraceStep:
    clock, owed = one.running.clock, one.obligation
    asked = clock.when.asked(facts)
    for limit in clock.within:
        asked.update(limit.when.asked(facts))
    due = f"due {owed.due_at.isoformat()}" if owed.due_at else "no time"
    return TraceStep(owed.clause, f"clocks.{owed.id}", asked, f"{owed.state}, {due}")
