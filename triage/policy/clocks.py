"""Clocks: what is owed, until when, and whether it was met (section 7 of the rulebook)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.domain.decisions import Obligation
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState
from triage.policy.conditions import Activation
from triage.policy.pack import Pack
from triage.policy.schema import Clock, EventPattern, Limit, Tries
from triage.policy.workdays import Due, WorkingTime

EVENT_WORDS: Mapping[EventKind, str] = {
    EventKind.RECEIVED: "收到工单",
    EventKind.DISPATCHED: "派单",
    EventKind.ACCEPTED: "接单",
    EventKind.REPLIED: "答复",
    EventKind.CALLED_BACK: "回访",
    EventKind.BULLETIN_RECEIVED: "收到通报",
}


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that has started: by which event, whether only provisionally, and what came after it."""

    clock: Clock
    start: Event
    provisional: bool
    after: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An obligation with the clock behind it; `missing` names the parameter without which it has no time."""

    obligation: Obligation
    running: Running
    missing: str | None = None


def reckon(
    pack: Pack, seen: tuple[Event, ...], activation: Activation, hours: WorkingTime, as_of: datetime
) -> list[Reckoned]:
    """Every obligation that exists at `as_of`, in the pack's order; of clocks with one id the first that applies."""
    claimed: set[ObligationId] = set()
    found: dict[ObligationId, Reckoned] = {}
    for clock in pack.clocks:
        if clock.id in claimed or not clock.when.holds(activation):
            continue
        claimed.add(clock.id)
        running = _start(clock, seen)
        if running is not None:
            found[clock.id] = _reckon_one(pack, running, activation, hours, as_of, found)
    return list(found.values())


def is_overdue(reckoned: Iterable[Reckoned], seen: Iterable[Event]) -> bool:
    """Whether finishing (or redoing) is missed, or a return was asked after its window had closed."""
    for one in reckoned:
        owed = one.obligation
        finishing = owed.id in (ObligationId.FINISH, ObligationId.REWORK_FINISH)
        if finishing and owed.state is ObligationState.MISSED:
            return True
        if owed.id is ObligationId.RETURN_WINDOW and owed.due_at is not None:
            asked = (event.at for event in one.running.after if event.kind is EventKind.RETURN_REQUESTED)
            if any(at > owed.due_at for at in asked):
                return True
    return False


def _reckon_one(
    pack: Pack,
    running: Running,
    activation: Activation,
    hours: WorkingTime,
    as_of: datetime,
    found: Mapping[ObligationId, Reckoned],
) -> Reckoned:
    clock = running.clock
    limit = next((limit for limit in clock.within if limit.when.holds(activation)), None)
    due, missing = _due(pack, running, limit, hours, found)
    if due is not None and clock.extended_by is not None:
        due = _extended(due, clock.extended_by, running.after, hours)
    obligation = Obligation(
        id=clock.id,
        actor=clock.actor,
        due_at=None if due is None else due.at,
        clause=clock.clause,
        state=_state(running, None if due is None else due.at, as_of),
        because=_because(running, due, missing),
        provisional=running.provisional or (due is not None and due.provisional),
    )
    return Reckoned(obligation, running, missing)


def _start(clock: Clock, seen: tuple[Event, ...]) -> Running | None:
    """The latest starting event, or the earlier one that stands in for it until it happens."""
    for index in range(len(seen) - 1, -1, -1):
        event = seen[index]
        if _matches_any(event, clock.starts):
            return Running(clock, event, False, seen[index + 1 :])
        if clock.until_then is not None and _matches(event, clock.until_then):
            return Running(clock, event, True, seen[index + 1 :])
    return None


def _due(
    pack: Pack, running: Running, limit: Limit | None, hours: WorkingTime, found: Mapping[ObligationId, Reckoned]
) -> tuple[Due | None, str | None]:
    """When the limit ends; (None, None) without a time, (None, name) while a parameter is missing."""
    if limit is None:
        return None, None
    at, word = running.start.at, EVENT_WORDS[running.start.kind]
    if limit.hours is not None:
        return hours.add_hours(at, limit.hours, what=word), None
    if limit.workday_before is not None:
        other = found.get(limit.workday_before)
        due_at = other.obligation.due_at if other else None
        return (None if due_at is None else hours.workday_before(due_at)), None
    if limit.workdays_parameter is not None:
        days = pack.parameters[limit.workdays_parameter].value
        if not isinstance(days, int):
            return None, limit.workdays_parameter
        return hours.add_workdays(at, days, what=word), None
    assert limit.workdays is not None
    return hours.add_workdays(at, limit.workdays, what=word), None


def _extended(due: Due, kind: EventKind, after: Iterable[Event], hours: WorkingTime) -> Due:
    """An extension moves the due time to its date, if it was granted before the time ran out."""
    for event in after:
        until = event.get("until")
        if event.kind is not kind or until is None or event.at > due.at:
            continue
        if isinstance(until, datetime):
            due = Due(until, False, f"经批准延期至{until:%Y-%m-%d %H:%M}")
        elif isinstance(until, date):
            end = hours.end_of_day(until)
            due = Due(end.at, end.provisional, f"经批准延期，{end.because}")
    return due


def _state(running: Running, due_at: datetime | None, as_of: datetime) -> ObligationState:
    met_at = next((event.at for event in running.after if _matches_any(event, running.clock.met_by)), None)
    if due_at is None:
        return ObligationState.OPEN if met_at is None else ObligationState.MET
    if met_at is not None and met_at <= due_at:
        return ObligationState.MET
    tries = running.clock.or_tries
    if tries is not None and _tried(tries, running.after, due_at):
        return ObligationState.MET
    if as_of <= due_at:
        return ObligationState.OPEN
    return ObligationState.VOID if running.clock.lapses else ObligationState.MISSED


def _tried(tries: Tries, after: Iterable[Event], due_at: datetime) -> bool:
    """Whether enough calls, far enough apart, did not reach the caller, the first of them in time."""
    apart = timedelta(hours=tries.hours_apart)
    counted: list[datetime] = []
    for event in after:
        if _matches(event, tries.of) and (not counted or event.at - counted[-1] >= apart):
            counted.append(event.at)
    return len(counted) >= tries.count and counted[0] <= due_at


def _because(running: Running, due: Due | None, missing: str | None) -> str:
    word = EVENT_WORDS[running.start.kind]
    if due is None:
        lack = f"时限参数 {missing} 尚未给定，无法计算" if missing else "来源文件未规定时限"
        return f"自{running.start.at:%Y-%m-%d %H:%M}{word}起应办理，{lack}"
    return f"单位尚未接单，暂自派单起算：{due.because}" if running.provisional else due.because


def _matches_any(event: Event, patterns: tuple[EventPattern, ...]) -> bool:
    return any(_matches(event, pattern) for pattern in patterns)


def _matches(event: Event, pattern: EventPattern) -> bool:
    return event.kind is pattern.kind and all(event.get(name) == value for name, value in pattern.fields.items())
