"""Alerts: who must be told of what, recomputed from the facts at one time (section 9 of the rulebook)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from triage.domain.decisions import Alert, TraceStep
from triage.domain.vocabulary import AlertKind, Role
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.chinese import filled_in
from triage.policy.conditions import Activation
from triage.policy.judging.clocks import Reckoned
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import AlertRule, Escalation, Reminder
from triage.policy.vocabulary import FACTS, FactValue


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert with the rules that raised it and the names of the facts they asked."""

    alert: Alert
    rule: str
    asked: tuple[str, ...] = ()

    def step(self, facts: Mapping[str, FactValue]) -> TraceStep:
        """How it shows in the trace."""
        alert = self.alert
        shown = {name: facts[name] for name in self.asked}
        return TraceStep(alert.clause, self.rule, shown, f"{alert.kind} to {', '.join(alert.notify)}")


def alerts_of(
    pack: Pack, activation: Activation, reckoned: Iterable[Reckoned], hours: WorkingTime, as_of: datetime
) -> list[Raised]:
    """Every alert that stands at `as_of`; those of one clause, kind and level are one, with all their causes."""
    reckoned = tuple(reckoned)
    found = [
        *_unreckoned(reckoned),
        *(raised for rule in pack.alerts if (raised := _alert(pack, rule, activation)) is not None),
        *(raised for rule in pack.escalations if (raised := _escalated(rule, activation)) is not None),
        *(
            raised
            for rule in pack.reminders
            if (raised := _reminder(pack, rule, activation, reckoned, hours, as_of)) is not None
        ),
    ]
    return _joined(found)


def _alert(pack: Pack, rule: AlertRule, activation: Activation) -> Raised | None:
    if not rule.when.holds(activation):
        return None
    asked, facts = rule.when.names, activation.facts
    if rule.at_least is not None:
        fact = rule.at_least.fact
        asked = (*asked, fact)
        threshold = pack.parameters[rule.at_least.parameter].value
        if threshold is None:  # needed only where something has begun to add up
            needed = facts[fact] != FACTS[fact].default
            return _missing(rule.at_least.parameter, rule.clause, asked) if needed else None
        if facts[fact] < threshold:  # type: ignore[operator]
            return None
    alert = Alert(rule.kind, rule.clause, rule.notify, filled_in(rule.because, facts), rule.level)
    return Raised(alert, f"alerts {rule.when.source}", asked)


def _escalated(rule: Escalation, activation: Activation) -> Raised | None:
    """The highest step that the count has reached."""
    count = activation.facts[rule.fact]
    assert isinstance(count, int)
    step = next((step for step in reversed(rule.steps) if count >= step.at), None)
    if step is None:
        return None
    alert = Alert(step.kind, rule.clause, step.notify, filled_in(step.because, activation.facts))
    return Raised(alert, f"escalations {rule.fact} >= {step.at}", (rule.fact,))


def _reminder(
    pack: Pack,
    rule: Reminder,
    activation: Activation,
    reckoned: tuple[Reckoned, ...],
    hours: WorkingTime,
    as_of: datetime,
) -> Raised | None:
    owed = next((one.obligation for one in reckoned if one.obligation.id is rule.obligation and one.is_open), None)
    if owed is None or owed.due_at is None:
        return None
    lead = pack.parameters[rule.parameter].value
    if lead is None:
        return _missing(rule.parameter, rule.clause)
    assert isinstance(lead, (int, float))
    if as_of < hours.subtract_office_hours(owed.due_at, lead).at:
        return None
    because = f"{filled_in(rule.because, activation.facts)}，{owed.due_at:%Y-%m-%d %H:%M}到期"
    alert = Alert(AlertKind.REMINDER, rule.clause, rule.notify, because)
    return Raised(alert, f"reminders {rule.obligation}")


def _unreckoned(reckoned: tuple[Reckoned, ...]) -> Iterator[Raised]:
    for one in reckoned:
        if one.missing is not None:
            yield _missing(one.missing, one.obligation.clause)


def _missing(parameter: str, clause: str, asked: tuple[str, ...] = ()) -> Raised:
    because = f"来源文件未写明或无法辨认的参数 {parameter} 尚未给定，此条无法计算"
    alert = Alert(AlertKind.MISSING_PARAMETER, clause, (Role.CENTRE, Role.ADMIN), because)
    return Raised(alert, f"parameters.{parameter}", asked)


def _joined(found: Iterable[Raised]) -> list[Raised]:
    """Alerts of one clause, kind and level as one, with all their causes and everyone to be told."""
    joined: dict[tuple[str, AlertKind, str | None], Raised] = {}
    for one in found:
        key = (one.alert.clause, one.alert.kind, one.alert.level)
        joined[key] = _with(joined[key], one) if key in joined else one
    return list(joined.values())


def _with(first: Raised, other: Raised) -> Raised:
    notify = tuple(dict.fromkeys((*first.alert.notify, *other.alert.notify)))
    because = "；".join(dict.fromkeys((first.alert.because, other.alert.because)))
    alert = replace(first.alert, notify=notify, because=because)
    return Raised(alert, f"{first.rule}; {other.rule}", tuple(dict.fromkeys((*first.asked, *other.asked))))
