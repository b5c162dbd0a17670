"""Admission: may this event happen now, and if not, by which clause (returns, extensions, closings, stored calls)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from triage.domain.decisions import Reason
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, Role
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.chinese import EVENTS, FIELDS, ROLES, filled_in
from triage.policy.judging.awaiting import approval_of
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import Refusal

ANSWERS: Mapping[EventKind, str] = {
    EventKind.RETURN_APPROVED: "return",
    EventKind.RETURN_REJECTED: "return",
    EventKind.EXTENSION_GRANTED: "extension",
    EventKind.EXTENSION_REFUSED: "extension",
}
"""Events that answer a request, and which."""


DESK = (Role.CENTRE, Role.CENTRE_LEADER)
"""Every extension is asked of them: they may turn it down themselves, whoever above would have to grant it."""


def refusals(pack: Pack, case: Case, event: Event, hours: WorkingTime) -> tuple[Reason, ...]:
    """Why the pack refuses `event` after what has happened so far; empty where it may happen.

    `case.events` are those before it. Judged as of the event's own time; nothing is stored or changed.
    """
    if not _may_be_refused(pack, event.kind):
        return ()
    return _refused(pack, judge(pack, case, event.at, hours), event, hours, bare=False)


def refused_events(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> dict[int, tuple[Reason, ...]]:
    """Of each event up to `as_of`, by its position from 0: why it would have been refused when it came.

    Every event is judged after those before it, refused or not, since what has happened has happened.
    """
    found = {}
    for position, event in enumerate(case.events):
        if event.at <= as_of and _may_be_refused(pack, event.kind):
            before = (*case.events[:position], *(later for later in case.events[position + 1 :] if later.at < event.at))
            reasons = refusals(pack, replace(case, events=before), event, hours)
            if reasons:
                found[position] = reasons
    return found


def not_allowed(pack: Pack, case: Case, as_of: datetime, hours: WorkingTime) -> dict[EventKind, tuple[Reason, ...]]:
    """The kinds of event that are refused now whatever their fields say, with the clauses; all others are allowed."""
    now = judge(pack, case, as_of, hours)
    found = {}
    for kind in EventKind:
        if _may_be_refused(pack, kind):
            reasons = _refused(pack, now, Event(as_of, kind), hours, bare=True)
            if reasons:
                found[kind] = reasons
    return found


def _may_be_refused(pack: Pack, kind: EventKind) -> bool:
    """Most kinds are never refused: then nothing needs to be judged."""
    asked = ANSWERS.get(kind)
    return (
        kind is EventKind.CLOSED
        or any(rule.event.kind is kind for rule in pack.refusals)
        or any(approval.request == asked for approval in pack.approvals)
    )


def _refused(pack: Pack, now: Judgement, event: Event, hours: WorkingTime, *, bare: bool) -> tuple[Reason, ...]:
    """`bare`: the event stands for any of its kind, so that what only its fields could show is left out."""
    found: list[Reason] = []
    for rule in pack.refusals:
        if rule.event.kind is event.kind and rule.when.holds(now.activation):
            found += _by_rule(rule, now, event, hours, bare)
    if event.kind in ANSWERS:
        found += _by_approval(pack, now, event)
    if event.kind is EventKind.CLOSED:
        found += now.why_not
    return tuple(dict.fromkeys(found))


def _by_rule(rule: Refusal, now: Judgement, event: Event, hours: WorkingTime, bare: bool) -> Iterator[Reason]:
    asks_fields = bool(rule.event.fields or rule.lacks or rule.none_of or rule.until_beyond)
    if bare and asks_fields:
        return
    if not rule.event.matches(event):
        return
    because = filled_in(rule.because, now.facts)
    if rule.lacks:
        lacking = [name for name in rule.lacks if not event.get(name)]
        if not lacking:
            return
        because += f"：缺{'、'.join(FIELDS.get(name, name) for name in lacking)}"
    if rule.none_of and all(event.get(name) in allowed for name, allowed in rule.none_of.items()):
        return
    if rule.after is not None:
        due = now.due(rule.after)
        if due is None or event.at <= due:
            return
        because += f"，应于{due:%Y-%m-%d %H:%M}前提出"
    if rule.until_beyond is not None:
        last = _last_day(rule.until_beyond, now, hours)
        until = event.get("until")
        if until is None or last is None or _day(until) <= last:
            return
        because += f"，最迟至{last:%Y-%m-%d}"
    yield Reason(rule.clause, because)


def _by_approval(pack: Pack, now: Judgement, event: Event) -> Iterator[Reason]:
    asked = ANSWERS[event.kind]
    approval = approval_of(pack, now.activation, asked)
    if approval is None:
        return
    if not _asked_for(asked, now):
        yield Reason(approval.clause, f"没有待答复的申请，不能{EVENTS[event.kind]}")
    by = event.get("by")
    allowed = (*approval.by, *DESK) if event.kind is EventKind.EXTENSION_REFUSED else approval.by
    if by is not None and by not in allowed:
        because = filled_in(approval.because, now.facts)
        whose = "或".join(ROLES[role] for role in approval.by)
        yield Reason(approval.clause, f"{because}，由{whose}决定，不是{_role(by)}")


def _asked_for(asked: str, now: Judgement) -> bool:
    """Whether there is a request to answer; one that was turned down may still be granted by someone higher."""
    turned_down = {"return": "return_rejected", "extension": "extension_refused"}[asked]
    return bool(now.facts[f"{asked}_open"] or now.facts[turned_down])


def _role(by: object) -> str:
    return ROLES[str(by)] if by in tuple(Role) else "所填的人"


def _last_day(workdays: int, now: Judgement, hours: WorkingTime) -> date | None:
    return None if now.dispatched_at is None else hours.add_workdays(now.dispatched_at, workdays).at.date()


def _day(until: date | datetime) -> date:
    return until.date() if isinstance(until, datetime) else until
