"""The facts of one order at one time: what was stated beats what was derived, and that beats the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, Satisfaction
from triage.policy.pack import Pack
from triage.policy.vocabulary import FACTS, FactValue
from triage.policy.workdays import WorkingTime

NOTHING: Mapping[str, FactValue] = MappingProxyType({})
_DEFAULTS: Mapping[str, FactValue] = {fact.name: fact.default for fact in FACTS.values()}


@dataclass(frozen=True)
class Case:
    """What is known of one order: when it came, what reading it suggested, what happened, what was stated.

    `derived` comes from the order and the classifiers (request_type, urgency, candidate_units, territory …);
    `stated` beats everything, at every time.
    """

    received_at: datetime | None
    derived: Mapping[str, FactValue] = field(default_factory=lambda: NOTHING)
    events: tuple[Event, ...] = ()
    stated: Mapping[str, FactValue] = field(default_factory=lambda: NOTHING)


def facts_of(pack: Pack, case: Case, seen: tuple[Event, ...], hours: WorkingTime) -> dict[str, FactValue]:
    """Every fact of the vocabulary, from the events `seen` so far; `overdue` is added once the clocks are known."""
    by_person = {**_noted(seen), **case.stated}
    facts = {**_DEFAULTS, **case.derived, **_counted(seen), **by_person}
    units = facts["candidate_units"]
    assert isinstance(units, tuple)
    if case.received_at is not None:
        facts["working_time"] = hours.is_office_time(case.received_at)
    # Units that a person puts forward are sure enough; a classifier says itself whether its one unit is.
    if "candidate_units" in by_person or "duty_clear" not in case.derived:
        facts["duty_clear"] = len(units) == 1
    facts["units_share_leader"] = pack.share_leader(units)
    return {**facts, **by_person}


def _counted(seen: Iterable[Event]) -> dict[str, FactValue]:
    """Counts over the events so far."""
    dispatched = returns = extensions = untrue = unsatisfied = 0
    is_open = rejected = False
    for event in seen:
        match event.kind:
            case EventKind.DISPATCHED:
                dispatched += 1
            case EventKind.RETURN_REQUESTED:
                returns, is_open, rejected = returns + 1, True, False
            case EventKind.RETURN_APPROVED:
                is_open = rejected = False
            case EventKind.RETURN_REJECTED:
                is_open, rejected = False, True
            case EventKind.EXTENSION_GRANTED:
                extensions += 1
            case EventKind.UNTRUE_SIGNED:
                untrue += 1
            case EventKind.CALLED_BACK:
                unsatisfied = unsatisfied + 1 if event.get("satisfaction") == Satisfaction.UNSATISFIED else 0
    return {
        "dispatch_count": max(dispatched, 1),
        "return_count": returns,
        "return_open": is_open,
        "return_rejected": rejected,
        "extension_count": extensions,
        "untrue_count": untrue,
        "unsatisfied_count": unsatisfied,
    }


def _noted(seen: Iterable[Event]) -> dict[str, Any]:
    """Given facts that persons stated in notes; the latest note wins."""
    noted: dict[str, Any] = {}
    for event in seen:
        if event.kind is EventKind.NOTE:
            noted.update({name: value for name, value in (event.get("facts") or {}).items() if name in FACTS})
    return noted
