"""Who answers for which order: each is judged once for every time it was dispatched, and laid to its units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from triage.domain.decisions import Obligation
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.facts import Case
from triage.policy.judging.history import known_at
from triage.policy.judging.judge import Judgement, judge
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.period import Period
from triage.policy.vocabulary import FactValue


@dataclass(frozen=True)
class Assessment:
    """By which pack, for which period and as of when figures are worked out."""

    pack: Pack
    period: Period
    as_of: datetime
    hours: WorkingTime


@dataclass(frozen=True, eq=False)
class Stint:
    """One dispatch of an order and what came of it until the next: who led and assisted, what was owed.

    `first` is the unit dispatched to, `lead` the one a leader designated since, if any. `asked`: each request of an
    extension with the time by which it had to be made, as it stood then.
    """

    first: str | None
    lead: str | None
    assist: tuple[str, ...]
    events: tuple[Event, ...]
    judgement: Judgement
    asked: tuple[tuple[Event, datetime | None], ...]

    def owed(self, name: ObligationId) -> Obligation | None:
        """An obligation of this dispatch by its id."""
        return next((one for one in self.judgement.obligations if one.id is name), None)

    def has(self, kind: EventKind) -> bool:
        return any(event.kind is kind for event in self.events)


@dataclass(frozen=True, eq=False)
class Judged:
    """An order with what had happened by `as_of`, judged; `lead` and `assist` are the latest dispatch's."""

    id: str
    received_at: datetime | None
    seen: tuple[Event, ...]
    lead: str | None
    assist: tuple[str, ...]
    stints: tuple[Stint, ...]
    facts: Mapping[str, FactValue]


Served = tuple[Judged, Stint]


@dataclass
class UnitWork:
    """The orders and dispatches that one unit led and assisted in; `held` are all it ever had."""

    unit: str
    held: dict[str, Judged] = field(default_factory=dict)
    led: list[Judged] = field(default_factory=list)
    assisted: list[Judged] = field(default_factory=list)
    led_stints: list[Served] = field(default_factory=list)
    assisted_stints: list[Served] = field(default_factory=list)
    first_stints: list[Served] = field(default_factory=list)

    def orders(self, shared: bool) -> list[Judged]:
        """Those it leads and, where assisting units answer too, those it assists in."""
        return self.led + self.assisted if shared else self.led

    def stints(self, shared: bool = False) -> Iterable[Served]:
        """Its last dispatch of each order: dispatched again, clocks run again, and the last time counts."""
        found = self.led_stints + self.assisted_stints if shared else self.led_stints
        found = sorted(found, key=lambda served: served[1].events[0].at)
        return {order.id: (order, stint) for order, stint in found}.values()


def judged_order(under: Assessment, order: PastOrder) -> Judged:
    """Judge an order at `as_of`, and each earlier dispatch of it at the moment of the next one."""
    case = order.case
    seen = known_at(case.received_at, case.events, under.as_of)
    now = judge(under.pack, case, under.as_of, under.hours)
    starts = [index for index, event in enumerate(seen) if event.kind is EventKind.DISPATCHED]
    ends = [*starts[1:], len(seen)]
    stints = tuple(
        _stint(under, case, seen, start, end, now if end == len(seen) else None)
        for start, end in zip(starts, ends, strict=False)
    )
    received = next((event.at for event in seen if event.kind is EventKind.RECEIVED), None)
    lead, assist = units_of(seen)
    return Judged(order.id, received, seen, lead, assist, stints, now.facts)


def works(orders: Iterable[Judged]) -> dict[str, UnitWork]:
    """The orders laid to their units."""
    found: defaultdict[str, UnitWork] = defaultdict(lambda: UnitWork(""))
    for order in orders:
        if order.lead is not None:
            found[order.lead].led.append(order)
        for unit in order.assist:
            found[unit].assisted.append(order)
        for unit in _ever(order):
            found[unit].held[order.id] = order
        for index, stint in enumerate(order.stints):
            if stint.lead is not None:
                found[stint.lead].led_stints.append((order, stint))
            for unit in stint.assist:
                found[unit].assisted_stints.append((order, stint))
            if index == 0 and stint.first is not None:
                found[stint.first].first_stints.append((order, stint))
    for unit, work in found.items():
        work.unit = unit
    return dict(found)


def _stint(
    under: Assessment, case: Case, seen: tuple[Event, ...], start: int, end: int, now: Judgement | None
) -> Stint:
    judgement = now or _judged_until(under, case, seen, end, seen[end].at)
    lead, assist = units_of(seen[start:end])
    return Stint(
        first=seen[start].get("unit"),
        lead=lead,
        assist=assist,
        events=seen[start:end],
        judgement=judgement,
        asked=tuple(_asked(under, case, seen, start, end)),
    )


def _asked(
    under: Assessment, case: Case, seen: tuple[Event, ...], start: int, end: int
) -> Iterator[tuple[Event, datetime | None]]:
    """An extension granted later moves the time for asking; what counts is the time as it stood at the request."""
    for index in range(start, end):
        event = seen[index]
        if event.kind is EventKind.EXTENSION_REQUESTED:
            then = _judged_until(under, case, seen, index, event.at)
            window = next((one for one in then.obligations if one.id is ObligationId.EXTENSION_WINDOW), None)
            yield event, None if window is None else window.due_at


def _judged_until(under: Assessment, case: Case, seen: tuple[Event, ...], end: int, at: datetime) -> Judgement:
    """What the judge says of the first so many events; what was corrected stays corrected."""
    dropped = (EventKind.RECEIVED, EventKind.CORRECTED) if case.received_at is not None else (EventKind.CORRECTED,)
    events = tuple(event for event in seen[:end] if event.kind not in dropped)
    return judge(under.pack, replace(case, events=events), at, under.hours)


def answers_for(order: Judged, unit: str, index: int, shared: bool) -> bool:
    """Whether the order was this unit's when an event of it happened: what a caller says is said of who had it then."""
    lead, assist = units_of(order.seen[:index])
    return unit == lead or (shared and unit in assist)


def _ever(order: Judged) -> set[str]:
    named = [event for event in order.seen if event.kind in (EventKind.DISPATCHED, EventKind.DESIGNATED)]
    return {unit for event in named for unit in (event.get("unit"), *(event.get("assist") or ())) if unit}


def units_of(events: tuple[Event, ...]) -> tuple[str | None, tuple[str, ...]]:
    """The unit that leads after these events and those that assist, by the latest dispatch or designation; a unit that
    leads does not also assist."""
    for event in reversed(events):
        lead = event.get("unit")
        if event.kind in (EventKind.DISPATCHED, EventKind.DESIGNATED) and lead:
            return lead, tuple(sorted({*(event.get("assist") or ())} - {lead}))
    return None, ()
