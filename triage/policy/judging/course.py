"""The course of an order's alerts: each raised once for its clause, kind and level, and lifted when its cause ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from triage.domain.decisions import Alert
from triage.domain.vocabulary import AlertKind
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.pack import Pack

MOMENT = timedelta(microseconds=1)
"""At its due time something is in time; the moment after, it is missed."""

Key = tuple[str, AlertKind, str | None]


@dataclass(frozen=True, slots=True)
class Turn:
    """An alert that was raised or lifted at a time."""

    at: datetime
    what: Literal["raised", "lifted"]
    alert: Alert


def course(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> tuple[Turn, ...]:
    """Every turn of the order's alerts up to `as_of`, in the order of time.

    Alerts turn when something happens, and by time alone when something falls due or a reminder begins; both kinds of
    moment are judged. An alert that stands on is not raised again; yellow that becomes red is lifted as red is raised.
    """
    turns: list[Turn] = []
    standing: dict[Key, Alert] = {}
    for at, judgement in _judged(pack, case, as_of, hours):
        now = {_key(alert): alert for alert in judgement.alerts}
        turns += (Turn(at, "lifted", alert) for key, alert in standing.items() if key not in now)
        turns += (Turn(at, "raised", alert) for key, alert in now.items() if key not in standing)
        standing = now
    return tuple(turns)


def _judged(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> Iterator[tuple[datetime, Judgement]]:
    """A judgement at each event and, between two events, at each moment at which time alone changes something."""
    times = {event.at for event in case.events} | ({case.received_at} if case.received_at else set())
    happened = sorted(at for at in times if at <= as_of)
    for at, until in pairwise([*happened, as_of + MOMENT]):
        judgement = judge(pack, case, at, hours)
        yield at, judgement
        moments = sorted({moment for moment in _by_time_alone(pack, judgement, hours) if at < moment < until})
        for moment in moments:
            yield moment, judge(pack, case, moment, hours)


def _by_time_alone(pack: Pack, judgement: Judgement, hours: WorkingTime) -> Iterator[datetime]:
    for owed in judgement.obligations:
        if owed.due_at is None:
            continue
        yield owed.due_at + MOMENT
        for reminder in pack.reminders:
            lead = pack.parameters[reminder.parameter].value
            if reminder.obligation is owed.id and isinstance(lead, (int, float)):
                yield hours.subtract_office_hours(owed.due_at, lead).at


def _key(alert: Alert) -> Key:
    return alert.clause, alert.kind, alert.level
