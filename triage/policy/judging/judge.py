"""The judge: a pure function from a pack, what is known of an order, and a time to what must happen.

Same input, same output; no clock, no database. The service, the batch job, the scenario runner and the console all
come through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from triage.domain.decisions import Alert, Awaited, Dispatch, Obligation, Reason, TraceStep
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.conditions import Activation
from triage.policy.judging.alerts import Raised, alerts_of
from triage.policy.judging.awaiting import awaited
from triage.policy.judging.clocks import Reckoned, reckon
from triage.policy.judging.closing import why_not
from triage.policy.judging.facts import Case, facts_of, with_clocks
from triage.policy.judging.history import History, known_at
from triage.policy.judging.timeline import Timeline
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import FactValue


@dataclass(frozen=True)
class Judgement:
    """What the pack says of an order at `as_of`.

    `why_not` holds every reason against closing, `awaits` whose answer the order waits for, `dispatched_at` the
    latest dispatch; `activation` are its facts, ready for further conditions.
    """

    dispatch: Dispatch
    obligations: tuple[Obligation, ...]
    alerts: tuple[Alert, ...]
    why_not: tuple[Reason, ...]
    awaits: tuple[Awaited, ...]
    facts: Mapping[str, FactValue]
    dispatched_at: datetime | None
    activation: Activation = field(compare=False, repr=False)
    _pack: Pack = field(compare=False, repr=False)
    _line: int = field(compare=False, repr=False)
    _reckoned: tuple[Reckoned, ...] = field(compare=False, repr=False)
    _raised: tuple[Raised, ...] = field(compare=False, repr=False)

    @cached_property
    def trace(self) -> tuple[TraceStep, ...]:
        """Every rule that applied, with the facts it asked; put into words only where someone reads it."""
        return (
            _decided_step(self._line, self._pack, self.facts),
            *(_clock_step(one, self.facts) for one in self._reckoned),
            *(raised.step(self.facts) for raised in self._raised),
        )

    @property
    def may_close(self) -> bool:
        return not self.why_not

    def due(self, name: ObligationId) -> datetime | None:
        """When an obligation is due; None where there is none or it has no time."""
        return next((owed.due_at for owed in self.obligations if owed.id is name), None)


def judge(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> Judgement:
    """Judge one order. Events after `as_of` are not seen; `hours` are the pack's office hours on a state calendar."""
    seen = known_at(case.received_at, case.events, as_of)
    history = History(seen)
    facts = facts_of(pack, case, history, hours)
    reckoned = reckon(pack, Timeline(seen), Activation(facts), hours, as_of)
    activation = Activation(with_clocks(facts, reckoned, case.stated))
    line = _decide(pack, activation)
    rule = pack.dispatch[line]
    dispatch = Dispatch(rule.mode, rule.decider, rule.clause, rule.because)
    raised = alerts_of(pack, activation, reckoned, hours, as_of)
    return Judgement(
        dispatch=dispatch,
        obligations=tuple(one.obligation for one in reckoned),
        alerts=tuple(one.alert for one in raised),
        why_not=why_not(pack, activation, history.reply, reckoned),
        awaits=tuple(awaited(pack, activation, dispatch)),
        facts=activation.facts,
        dispatched_at=None if history.dispatch is None else history.dispatch.at,
        activation=activation,
        _pack=pack,
        _line=line,
        _reckoned=tuple(reckoned),
        _raised=tuple(raised),
    )


def if_dispatched(pack: Pack, case: Case, at: datetime, hours: WorkingTime, now: Judgement) -> tuple[Obligation, ...]:
    """What would be owed besides were the order dispatched at `at`: a forecast, kept apart from what is owed `now`."""
    seen = (*known_at(case.received_at, case.events, at), Event(at, EventKind.DISPATCHED))
    owed = {one.id for one in now.obligations}
    then = (one.obligation for one in reckon(pack, Timeline(seen), now.activation, hours, at))
    return tuple(one for one in then if one.id not in owed)


def _decide(pack: Pack, activation: Activation) -> int:
    """The first line of the order of precedence that applies; a pack's last line always does."""
    for index, rule in enumerate(pack.dispatch):
        if rule.when.holds(activation):
            return index
    raise AssertionError(f"pack {pack.id} has no rule that always decides")  # lint refuses such a pack


def _decided_step(line: int, pack: Pack, facts: Mapping[str, FactValue]) -> TraceStep:
    """A line that asks nothing was reached because those above it did not apply: their facts show why."""
    rule = pack.dispatch[line]
    asked = rule.when.asked(facts)
    if not asked:
        asked = {name: facts[name] for above in pack.dispatch[:line] for name in above.when.names}
    return TraceStep(
        clause=rule.clause,
        rule=f"dispatch[{line}] {rule.when.source}",
        facts=asked,
        effect=f"{rule.mode} by {rule.decider}",
    )


def _clock_step(one: Reckoned, facts: Mapping[str, FactValue]) -> TraceStep:
    clock, owed = one.running.clock, one.obligation
    asked = clock.when.asked(facts)
    for limit in clock.within:
        asked.update(limit.when.asked(facts))
    due = f"due {owed.due_at.isoformat()}" if owed.due_at else "no time"
    return TraceStep(owed.clause, f"clocks.{owed.id}", asked, f"{owed.state}, {due}")
