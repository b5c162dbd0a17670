"""The demo's month as the service sees it: read by the model, linked, judged; what it is to show really comes out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

import pytest

from tests.unit.grouping_town import FreshService
from triage.bootstrap import build
from triage.demo.calls import WHOLE
from triage.demo.happenings import NewOrder
from triage.demo.month import month
from triage.desk.requests import check_request
from triage.domain.decisions import Decision
from triage.policy.events import parse_events
from triage.policy.judging.admission import refusals
from triage.policy.judging.course import course
from triage.policy.judging.facts import Case
from triage.settings import Settings

ORDERS = 200
GIVEN = {"tangqiao": {"finish_workdays": 5}}
"""The number that is illegible in the source."""


@dataclass
class Seen:
    """An order as the service saw it come in, and its case with all that happened."""

    order: NewOrder
    decision: Decision
    case: Case


@dataclass
class Month:
    seen: dict[str, Seen]
    refused: list[tuple[str, str]]
    raised: dict[str, set[tuple[str, str]]]  # by course: kinds and clauses of alerts ever raised


@pytest.fixture(scope="module")
def receiving():
    """A service of this module's own, since it remembers what it receives."""
    return FreshService(build(Settings(model=None, packs=None, calendar=None, parameters=GIVEN)))


@pytest.fixture(scope="module", params=["tangqiao", "nanmatou"])
def lived(request, receiving):
    """A month that was lived through: every order received, every event judged at its time."""
    town = receiving.town(request.param)
    found = Month({}, [], defaultdict(set))
    for one in month(town.pack, 1, date(2026, 9, 1), hours=town.hours, size=ORDERS / WHOLE):
        if isinstance(one, NewOrder):
            asked = check_request(one.body)
            decision = receiving.receive(asked)
            found.seen[one.order_id] = Seen(one, decision, Case(one.at, _derived(decision), stated=asked.stated))
            continue
        seen = found.seen[one.order_id]
        for event in parse_events(one.events):
            if refusals(town.pack, seen.case, event, town.hours):
                found.refused.append((seen.order.course, str(event.kind)))
            seen.case = replace(seen.case, events=(*seen.case.events, event))
        end = one.at
    for seen in found.seen.values():
        turns = course(town.pack, seen.case, end, town.hours)
        found.raised[seen.order.course] |= {(str(turn.alert.kind), turn.alert.clause) for turn in turns}
    return request.param, found


def _derived(decision):
    """What the service worked out, as facts."""
    return {
        "request_type": decision.request_type.value,
        "urgency": decision.urgency.value,
        "complexity": decision.complexity.value,
        "territory": decision.territory.value,
        "candidate_units": tuple(unit.id for unit in decision.units if unit.role == "lead"),
        "repeat_count": decision.caller.repeat_count,
        "issue_today": decision.issue.today,
        "issue_week": decision.issue.week,
        "issue_callers_week": decision.issue.callers,
    }


def _by_concern(found):
    groups = defaultdict(list)
    for seen in found.seen.values():
        groups[seen.order.concern].append(seen)
    return [group for group in groups.values() if len(group) > 1]


def test_no_event_is_refused_at_its_time(lived):
    assert lived[1].refused == []


def test_the_intended_category_is_among_the_best_three(lived):
    seen = lived[1].seen.values()
    hits = [one.order.category in [guess.id for guess in one.decision.category] for one in seen]
    assert sum(hits) / ORDERS > 0.8


def test_places_are_found_inside(lived):
    inside = [one.decision.territory.value == "inside" for one in lived[1].seen.values()]
    assert sum(inside) / ORDERS > 0.9


def test_each_collective_issue_is_found_as_one(lived):
    for group in _by_concern(lived[1]):
        if len(group) > 6:
            largest = max(len([one for one in group if one.decision.issue.id == id_]) for id_ in _issues(group))
            assert largest >= 0.8 * len(group)
            assert group[-1].decision.issue.callers >= 12


def _issues(group):
    return {one.decision.issue.id for one in group}


def test_most_repeat_calls_are_counted_as_such(lived):
    again = [one for group in _by_concern(lived[1]) if len(group) <= 6 for one in group[1:]]
    assert sum(one.decision.caller.repeat_count > 1 for one in again) >= 0.7 * len(again)
    assert max(one.decision.caller.repeat_count for one in again) >= 5


def test_the_warnings_of_the_pack_are_raised(lived):
    policy, found = lived
    raised = set().union(*found.raised.values())
    expected = {
        "tangqiao": {
            ("yellow", "tangqiao:4.2.5"),
            ("red", "tangqiao:4.2.5"),
            ("special_report", "tangqiao:4.2.5"),
            ("unsatisfied", "tangqiao:4.2.4"),
            ("supervision", "tangqiao:4.2.4"),
            ("inspection_bulletin", "tangqiao:4.2.3"),
        },
        "nanmatou": {
            ("special_report", "nanmatou:bulletin/2.1.4"),
            ("special_report", "nanmatou:bulletin/2.1.5"),
            ("supervision", "nanmatou:rules/8.9.3.1"),
            ("supervision", "nanmatou:rules/8.9.3.3"),
            ("supervision", "nanmatou:opinion/2.2"),
            ("supervision", "nanmatou:rules/8.3"),
            ("stored_call_candidate", "nanmatou:rules/9"),
        },
    }
    assert expected[policy] <= raised


def test_a_sixth_form_puts_the_call_on_file(lived):
    stored = [one for one in lived[1].seen.values() if one.order.course == "stored"]
    assert [event.get("ground") for one in stored for event in one.case.events if event.kind == "stored"] == [2]
