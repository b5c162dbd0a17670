"""Clocks: what is owed, until when, and whether it was met (section 7 of the rulebook)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from triage.domain.decisions import Obligation
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState
from triage.policy.calendar.workdays import Due, WorkingTime
from triage.policy.chinese import EVENTS
from triage.policy.conditions import Activation
from triage.policy.judging.timeline import Timeline
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import Clock, Limit, Tries


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that has started: at which place of the timeline, and whether only provisionally."""

    clock: Clock
    timeline: Timeline
    place: int
    provisional: bool

    @property
    def start(self) -> Event:
        return self.timeline.events[self.place]

    def later(self, kind: EventKind) -> Iterator[Event]:
        """What happened after the start, of one kind."""
        return self.timeline.all_after(self.place, kind)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An obligation with the clock behind it.

    `fulfilled`: what was owed has happened, in time or late; `missing`: the parameter without which it has no time.
    """

    obligation: Obligation
    running: Running
    fulfilled: bool
    missing: str | None = None

    @property
    def is_duty(self) -> bool:
        """Not an offer, which nobody needs to take."""
        return not self.running.clock.lapses

    @property
    def is_open(self) -> bool:
        return self.obligation.state is ObligationState.OPEN


def reckon(
    pack: Pack, timeline: Timeline, activation: Activation, hours: WorkingTime, as_of: datetime
) -> list[Reckoned]:
    """Every obligation that exists at `as_of`, in the pack's order; of clocks with one id the first that applies."""
    claimed: set[ObligationId] = set()
    found: dict[ObligationId, Reckoned] = {}
    for clock in pack.clocks:
        if clock.id in claimed or not clock.when.holds(activation):
            continue
        claimed.add(clock.id)
        running = _start(clock, timeline)
        if running is not None:
            found[clock.id] = _reckon_one(pack, running, activation, hours, as_of, found)
    return list(found.values())


def is_overdue(reckoned: Iterable[Reckoned]) -> bool:
    """Whether finishing (or redoing) is missed, or a return was asked after its window had closed."""
    for one in reckoned:
        owed = one.obligation
        finishing = owed.id in (ObligationId.FINISH, ObligationId.REWORK_FINISH)
        if finishing and owed.state is ObligationState.MISSED:
            return True
        if owed.id is ObligationId.RETURN_WINDOW and _asked_late(one):
            return True
    return False


def _asked_late(window: Reckoned) -> bool:
    due_at = window.obligation.due_at
    asked = window.running.later(EventKind.RETURN_REQUESTED)
    return due_at is not None and any(event.at > due_at for event in asked)


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
        due = _extended(due, running.later(clock.extended_by), hours)
    due_at = None if due is None else due.at
    met = running.timeline.after(running.place, clock.met_by) if clock.met_by else None
    met_at = None if met is None else met.at
    in_time = met_at is not None and (due_at is None or met_at <= due_at)
    tries = None if in_time else clock.or_tries
    tried = [] if tries is None else _tries(tries, running.later(tries.of.kind))
    obligation = Obligation(
        id=clock.id,
        actor=clock.actor,
        due_at=due_at,
        clause=clock.clause,
        state=_state(clock, met_at, tried, due_at, as_of),
        because=_because(running, due, missing),
        provisional=running.provisional or (due is not None and due.provisional),
    )
    return Reckoned(obligation, running, met_at is not None or bool(tried), missing)


def _start(clock: Clock, timeline: Timeline) -> Running | None:
    """The latest starting event, or the one that stands in for it until it happens."""
    place = timeline.latest(clock.starts)
    stand_in = -1 if clock.until_then is None else timeline.latest((clock.until_then,))
    if place < 0 and stand_in < 0:
        return None
    return Running(clock, timeline, max(place, stand_in), provisional=stand_in > place)


def _due(
    pack: Pack, running: Running, limit: Limit | None, hours: WorkingTime, found: Mapping[ObligationId, Reckoned]
) -> tuple[Due | None, str | None]:
    """When the limit ends; (None, None) without a time, (None, name) while a parameter is missing."""
    if limit is None:
        return None, None
    at, word = running.start.at, EVENTS[running.start.kind]
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


def _extended(due: Due, granted: Iterable[Event], hours: WorkingTime) -> Due:
    """An extension moves the due time to its date, if it was granted before the time ran out."""
    for event in granted:
        until = event.get("until")
        if until is None or event.at > due.at:
            continue
        if isinstance(until, datetime):
            due = Due(until, False, f"经批准延期至{until:%Y-%m-%d %H:%M}")
        elif isinstance(until, date):
            end = hours.end_of_day(until)
            due = Due(end.at, end.provisional, f"经批准延期，{end.because}")
    return due


def _state(
    clock: Clock, met_at: datetime | None, tried: list[datetime], due_at: datetime | None, as_of: datetime
) -> ObligationState:
    if due_at is None:
        return ObligationState.OPEN if met_at is None else ObligationState.MET
    if (met_at is not None and met_at <= due_at) or (tried and tried[0] <= due_at):
        return ObligationState.MET
    if as_of <= due_at:
        return ObligationState.OPEN
    return ObligationState.VOID if clock.lapses else ObligationState.MISSED


def _tries(tries: Tries, calls: Iterable[Event]) -> list[datetime]:
    """The calls that did not reach the caller and stand far enough apart, once there are enough of them."""
    apart = timedelta(hours=tries.hours_apart)
    counted: list[datetime] = []
    for event in calls:
        if tries.of.matches(event) and (not counted or event.at - counted[-1] >= apart):
            counted.append(event.at)
    return counted if len(counted) >= tries.count else []


def _because(running: Running, due: Due | None, missing: str | None) -> str:
    word = EVENTS[running.start.kind]
    if due is None:
        lack = f"时限参数 {missing} 尚未给定，无法计算" if missing else "来源文件未规定时限"
        return f"自{running.start.at:%Y-%m-%d %H:%M}{word}起应办理，{lack}"
    return f"单位尚未接单，暂自派单起算：{due.because}" if running.provisional else due.because
