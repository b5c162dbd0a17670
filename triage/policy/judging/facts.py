"""The facts of one order at one time: what was stated beats what was derived, and that beats the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from triage.domain.events import Event
from triage.domain.vocabulary import ObligationState
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.clocks import Reckoned, is_overdue
from triage.policy.judging.history import History
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import FACTS, FactValue

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


def facts_of(pack: Pack, case: Case, history: History, hours: WorkingTime) -> dict[str, FactValue]:
    """Every fact of the vocabulary; those that follow from the clocks are added by `with_clocks`."""
    by_person = {**history.noted, **case.stated}
    facts = {**_DEFAULTS, **case.derived, **history.facts(), **by_person}
    units = facts["candidate_units"]
    assert isinstance(units, tuple)
    if case.received_at is not None:
        facts["working_time"] = hours.is_office_time(case.received_at)
    # Units that a person puts forward are sure enough; a classifier says itself whether its one unit is.
    if "candidate_units" in by_person or "duty_clear" not in case.derived:
        facts["duty_clear"] = len(units) == 1
    facts["units_share_leader"] = pack.share_leader(units)
    if "extension_count" in by_person:  # whoever states how many extensions there were has counted the requests too
        facts["extension_requests"] = facts["extension_count"]
    # A week holds its days, and each of its callers called at least once.
    facts["issue_week"] = max(facts["issue_week"], facts["issue_today"], facts["issue_callers_week"])
    return {**facts, **by_person}


def with_clocks(
    facts: Mapping[str, FactValue], reckoned: Iterable[Reckoned], stated: Mapping[str, FactValue]
) -> dict[str, FactValue]:
    """The facts, and what the clocks say: what is owed, done and missed, and whether the order is overdue."""
    reckoned = tuple(reckoned)
    return {
        **facts,
        "owed": tuple(str(one.obligation.id) for one in reckoned if one.is_duty and one.is_open),
        "done": tuple(str(one.obligation.id) for one in reckoned if one.fulfilled),
        "missed": tuple(str(one.obligation.id) for one in reckoned if one.obligation.state is ObligationState.MISSED),
        "overdue": is_overdue(reckoned),
        **stated,
    }
