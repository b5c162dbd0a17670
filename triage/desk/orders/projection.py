"""Where an order stands, as lists ask it: status, units, what is late when, and its alerts from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from triage.domain.decisions import Alert
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.events import parse_events
from triage.policy.judging.course import Turn, course
from triage.policy.judging.facts import Case
from triage.policy.judging.history import known_at
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.pack import Pack
from triage.policy.scoring.work import units_of
from triage.policy.vocabulary import FactValue
from triage.records.entries import RECEIVED, Kept
from triage.records.orders import CLOSED, AlertRow, OrderRow, Standing

_AHEAD = timedelta(days=730)
"""So far ahead it is worked out which alerts time alone will raise; no clock of any pack runs that long."""

_FINISHING = (ObligationId.FINISH, ObligationId.REWORK_FINISH)
_KINDS = frozenset(EventKind)


def case_of(order: OrderRow, entries: Iterable[Kept]) -> Case:
    """What the judge looks at: what was read of the order when it came, and its events."""
    return Case(order.received_at, _facts(order.derived), tuple(events_of(entries)), _facts(order.stated))


def events_of(entries: Iterable[Kept]) -> Iterator[Event]:
    """The events among an order's entries; that it came in is known without one."""
    told = [plain_event(kept) for kept in entries if kept.entry.kind in _KINDS and kept.entry.kind != RECEIVED]
    yield from parse_events(told)


def plain_event(kept: Kept) -> dict[str, Any]:
    """An event as it was handed in, but for free text."""
    entry = kept.entry
    return {**entry.fields, "at": entry.at, "kind": entry.kind, "id": entry.event_id}


def standing_of(order: OrderRow, case: Case, pack: Pack, hours: WorkingTime) -> Standing:
    """How an order stands after all its events; pure."""
    latest = max([order.received_at, *(event.at for event in case.events)])
    now = judge(pack, case, latest, hours)
    status = status_of(now.facts)
    lead, assist = units_of(known_at(case.received_at, case.events, latest))
    units = () if lead is None or status == "to_dispatch" else (lead, *assist)
    callbacks = [event for event in case.events if event.kind is EventKind.CALLED_BACK]
    satisfaction = callbacks[-1].get("satisfaction") if callbacks else None
    return Standing(
        status=status,
        units=units,
        overdue_after=None if status == CLOSED else _overdue_after(now, latest),
        due_next=min(_owed(now), default=None),
        satisfaction=None if satisfaction is None else str(satisfaction),
        alerts=tuple(_alerts(order, course(pack, case, latest + _AHEAD, hours), _closed_at(case, now))),
    )


def status_of(facts: Mapping[str, FactValue]) -> str:
    """The stage an order is in."""
    if facts["closed"]:
        return CLOSED
    if facts["to_dispatch"]:
        return "to_dispatch"
    if facts["return_open"]:
        return "returning"
    if facts["replied"]:
        return "replied"
    return "accepted" if facts["accepted"] else "dispatched"


def _facts(kept: Mapping[str, Any]) -> dict[str, FactValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


def _overdue_after(now: Judgement, latest: datetime) -> datetime | None:
    """After when an open order is overdue if nothing more happens."""
    finishing = [owed for owed in now.obligations if owed.id in _FINISHING and owed.due_at is not None]
    if now.facts["overdue"]:
        missed = [owed.due_at for owed in finishing if owed.state is ObligationState.MISSED and owed.due_at]
        return min(missed, default=latest)
    return min((owed.due_at for owed in finishing if owed.state is ObligationState.OPEN and owed.due_at), default=None)


def _owed(now: Judgement) -> Iterator[datetime]:
    names = now.facts["owed"]
    assert isinstance(names, tuple)
    yield from (owed.due_at for owed in now.obligations if owed.id in names and owed.due_at is not None)


def _closed_at(case: Case, now: Judgement) -> datetime | None:
    """When a closed order was closed."""
    if not now.facts["closed"]:
        return None
    return max(event.at for event in case.events if event.kind is EventKind.CLOSED)


def _alerts(order: OrderRow, turns: Iterable[Turn], closed_at: datetime | None) -> Iterator[AlertRow]:
    """Alerts from when to when; a closed order's end with it, since nobody has to act on them any more."""
    standing: dict[tuple[str, str, str | None], tuple[datetime, Alert]] = {}
    for turn in turns:
        key = (turn.alert.clause, str(turn.alert.kind), turn.alert.level)
        if turn.what == "raised":
            standing[key] = (turn.at, turn.alert)
        else:
            raised_at, alert = standing.pop(key)
            yield from _row(order, alert, raised_at, turn.at, closed_at)
    for raised_at, alert in standing.values():
        yield from _row(order, alert, raised_at, None, closed_at)


def _row(
    order: OrderRow, alert: Alert, raised_at: datetime, lifted_at: datetime | None, closed_at: datetime | None
) -> Iterator[AlertRow]:
    if closed_at is not None:
        lifted_at = closed_at if lifted_at is None else min(lifted_at, closed_at)
        if raised_at >= closed_at:
            return
    yield AlertRow(
        order_id=order.id,
        policy=order.policy,
        kind=str(alert.kind),
        clause=alert.clause,
        level=alert.level,
        notify=[str(role) for role in alert.notify],
        because=alert.because,
        raised_at=raised_at,
        lifted_at=lifted_at,
    )
