"""What holds over the life of any order: refusals, closing, alerts that are raised and lifted, thresholds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.bootstrap import Service, build
from triage.domain.events import Event
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import (
    REPLY_ELEMENTS,
    AlertKind,
    EventKind,
    ObligationState,
    Outcome,
    ReplyFact,
    Role,
    Satisfaction,
)
from triage.policy.calendar.workdays import parse_time
from triage.policy.judging.admission import not_allowed, refusals, refused_events
from triage.policy.judging.closing import ON_THE_WAY
from triage.policy.judging.course import course
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.settings import Settings

POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
FIRST = datetime(2026, 9, 21, 8, tzinfo=SHANGHAI)  # before the National Day and its make-up days
DAYS = 24 * 60

moments = st.integers(0, 30 * DAYS).map(lambda minutes: FIRST + timedelta(minutes=minutes))
yes_or_no = st.sampled_from([True, True, False])
units = st.sampled_from(["urban-squad", "housing-office"])
roles = st.sampled_from(
    [Role.CENTRE, Role.CENTRE_LEADER, Role.DEPUTY_LEADER, Role.MAIN_LEADER, Role.DISTRICT, Role.CITY]
)
parts = st.sampled_from([REPLY_ELEMENTS, REPLY_ELEMENTS[:6], ()])
FIELDS: dict[EventKind, dict[str, st.SearchStrategy[Any]]] = {
    EventKind.CONTACT_ATTEMPT: {"by": st.sampled_from(["centre", "unit"]), "reached": yes_or_no},
    EventKind.RETURN_REQUESTED: {
        "unit": units,
        "reason": st.just("不属本单位职责"),
        "proposed_unit": units,
        "signed_by_head": yes_or_no,
    },
    EventKind.RETURN_APPROVED: {"by": roles},
    EventKind.RETURN_REJECTED: {"by": roles},
    EventKind.DESIGNATED: {"unit": units, "by": roles},
    EventKind.EXTENSION_REQUESTED: {"unit": units, "reason": st.just("管线需要迁移")},
    EventKind.EXTENSION_GRANTED: {"by": roles, "until": moments.map(datetime.date)},
    EventKind.REPLIED: {
        "unit": units,
        "outcome": st.sampled_from(list(Outcome)),
        "elements": parts,
        "fact": st.sampled_from(list(ReplyFact)),
    },
    EventKind.CALLED_BACK: {
        "contacted": yes_or_no,
        "answered": yes_or_no,
        "solved": yes_or_no,
        "satisfaction": st.sampled_from(list(Satisfaction)),
    },
    EventKind.STORED: {"ground": st.integers(1, 6)},
    EventKind.SUPERVISED: {"by": roles},
    EventKind.NOTE: {
        "by": roles,
        "facts": st.dictionaries(
            st.sampled_from(["outcome_approved", "needs_site_visit", "buck_passing"]), st.booleans()
        ),
    },
}
kinds = st.sampled_from([kind for kind in EventKind if kind not in (EventKind.RECEIVED, EventKind.CORRECTED)])
steps = kinds.flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.integers(5, 2 * DAYS), st.fixed_dictionaries(FIELDS.get(kind, {"unit": units}))
    )
)
lives = st.lists(steps, max_size=14)
derived = st.fixed_dictionaries(
    {"candidate_units": st.sampled_from([("urban-squad",), ("urban-squad", "housing-office")])},
    optional={
        "complexity": st.sampled_from(["simple", "normal", "hard"]),
        "urgency": st.sampled_from(["urgent", "semi_urgent", "normal"]),
        "request_type": st.sampled_from(["consultation", "help", "complaint"]),
        "repeat_count": st.integers(1, 7),
        "issue_today": st.integers(1, 12),
        "issue_callers_week": st.integers(1, 12),
        "review_order": st.booleans(),
    },
)
policies = st.sampled_from(POLICIES)


@cache
def the_service() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters={"tangqiao": {"finish_workdays": 5}}))


@cache
def another_service() -> Service:
    """Packs read and compiled a second time: nothing is shared with the first but the files."""
    return build(the_service().settings)


def judged(policy: str, case: Case, as_of: datetime) -> Judgement:
    town = the_service().town(policy)
    return judge(town.pack, case, as_of, town.hours)


def admitted(policy: str, facts: dict[str, Any], life: list[tuple[EventKind, int, dict[str, Any]]]) -> Case:
    """The order whose refused events did not happen."""
    town, at = the_service().town(policy), FIRST
    case = Case(FIRST, facts)
    for kind, minutes, fields in life:
        at += timedelta(minutes=minutes)
        event = Event(at, kind, fields)
        if not refusals(town.pack, case, event, town.hours):
            case = replace(case, events=(*case.events, event))
    return case


def last_moment(case: Case) -> datetime:
    return case.events[-1].at if case.events else FIRST


@given(policies, derived, lives)
def test_what_was_admitted_is_never_found_to_have_been_refused(policy: str, facts: Any, life: Any) -> None:
    case, town = admitted(policy, facts, life), the_service().town(policy)
    assert refused_events(town.pack, case, last_moment(case), town.hours) == {}


@given(policies, derived, lives)
def test_an_order_that_may_be_closed_owes_nothing_and_closing_it_is_allowed(policy: str, facts: Any, life: Any) -> None:
    case, town = admitted(policy, facts, life), the_service().town(policy)
    at = last_moment(case)
    found = judged(policy, case, at)
    apart = {clock.id for clock in town.pack.clocks if clock.lapses} | ON_THE_WAY
    if found.may_close:
        assert [one.id for one in found.obligations if one.state is ObligationState.OPEN and one.id not in apart] == []
    closing = refusals(town.pack, case, Event(at, EventKind.CLOSED), town.hours)
    assert closing == found.why_not
    assert (EventKind.CLOSED in not_allowed(town.pack, case, at, town.hours)) is not found.may_close


@given(policies, derived, lives)
def test_whatever_is_not_allowed_is_refused_however_it_is_filled_in(policy: str, facts: Any, life: Any) -> None:
    case, town = admitted(policy, facts, life), the_service().town(policy)
    at = last_moment(case)
    form = {"reason": "理由", "proposed_unit": "u", "signed_by_head": True, "by": "centre", "ground": 3, "until": at}
    for kind, reasons in not_allowed(town.pack, case, at, town.hours).items():
        assert set(reasons) <= set(refusals(town.pack, case, Event(at, kind, form), town.hours))


@given(policies, derived, lives)
def test_a_judgement_never_contradicts_itself(policy: str, facts: Any, life: Any) -> None:
    case = admitted(policy, facts, life)
    found = judged(policy, case, last_moment(case))
    clauses = the_service().town(policy).pack.clauses
    assert len({one.id for one in found.obligations}) == len(found.obligations)
    assert len({(one.clause, one.kind, one.level) for one in found.alerts}) == len(found.alerts)
    assert {reason.clause for reason in found.why_not} <= clauses.keys()
    assert {alert.clause for alert in found.alerts} <= clauses.keys()
    missed = tuple(str(one.id) for one in found.obligations if one.state is ObligationState.MISSED)
    assert found.facts["missed"] == missed
    assert set(found.facts["owed"]).isdisjoint(missed)  # type: ignore[arg-type]
    for awaited in found.awaits:
        assert awaited.by and awaited.clause in clauses


@given(policies, derived, lives, st.integers(1, 20 * DAYS))
def test_time_alone_never_mends_what_was_missed(policy: str, facts: Any, life: Any, minutes: int) -> None:
    case = admitted(policy, facts, life)
    before = judged(policy, case, last_moment(case))
    after = judged(policy, case, last_moment(case) + timedelta(minutes=minutes))
    assert set(before.facts["missed"]) <= set(after.facts["missed"])  # type: ignore[arg-type]
    assert after.facts["overdue"] or not before.facts["overdue"]


@given(policies, derived, lives)
def test_the_same_events_in_the_same_order_give_the_same_to_the_byte(policy: str, facts: Any, life: Any) -> None:
    case, town = admitted(policy, facts, life), the_service().town(policy)
    at = last_moment(case) + timedelta(days=1)
    again = another_service().town(policy)
    first, second = judge(town.pack, case, at, town.hours), judge(again.pack, case, at, again.hours)
    assert repr(first) == repr(second)
    assert repr(first.trace) == repr(second.trace)


@given(policies, derived, lives, st.integers(0, 10 * DAYS))
def test_alerts_are_raised_once_and_lifted_before_they_are_raised_again(
    policy: str, facts: Any, life: Any, minutes: int
) -> None:
    case, town = admitted(policy, facts, life), the_service().town(policy)
    as_of = last_moment(case) + timedelta(minutes=minutes)
    turns = course(town.pack, case, as_of, town.hours)
    assert [turn.at for turn in turns] == sorted(turn.at for turn in turns)
    standing: set[tuple[str, AlertKind, str | None]] = set()
    for turn in turns:
        key = (turn.alert.clause, turn.alert.kind, turn.alert.level)
        assert (key in standing) == (turn.what == "lifted")
        standing ^= {key}
    assert standing == {(one.clause, one.kind, one.level) for one in judged(policy, case, as_of).alerts}


# Thresholds.
@pytest.mark.parametrize("count", range(13))
def test_moving_a_threshold_moves_exactly_the_alerts_at_it(count: int) -> None:
    town = the_service().town("tangqiao")
    (ladder,) = town.pack.escalations
    yellow, red = ladder.steps
    moved = replace(
        town.pack, escalations=(ladder.model_copy(update={"steps": (yellow.model_copy(update={"at": 6}), red)}),)
    )
    case = Case(FIRST, {}, stated={"issue_today": count})
    before, after = (judge(pack, case, FIRST, town.hours).alerts for pack in (town.pack, moved))
    assert (before != after) == (count == 5)


@pytest.mark.parametrize(("week", "threshold", "raised"), [(4, 5, False), (5, 5, True), (6, 5, True)])
def test_a_threshold_that_a_city_gave_is_counted_with(week: int, threshold: int, raised: bool) -> None:
    town = the_service().town("yanji")
    given = town.pack.parameters["hot_topic_threshold"].model_copy(update={"value": threshold})
    pack = replace(town.pack, parameters={**town.pack.parameters, "hot_topic_threshold": given})
    case = Case(FIRST, stated={"issue_week": week})
    kinds = [alert.kind for alert in judge(pack, case, FIRST, town.hours).alerts if alert.clause == "yanji:13"]
    assert kinds == ([AlertKind.WARNING] if raised else [])


def test_a_week_has_at_least_the_orders_of_its_days() -> None:
    found = judged("yanji", Case(FIRST, stated={"issue_today": 7}), FIRST)
    assert found.facts["issue_week"] == 7


# The course of one order.
def at(text: str) -> datetime:
    return parse_time(text)


def order(*events: tuple[str, EventKind, dict[str, Any]]) -> Case:
    return Case(
        at("2026-03-02T09:00"),
        {"candidate_units": ("urban-squad",)},
        tuple(Event(at(when), kind, fields) for when, kind, fields in events),
    )


def told(policy: str, case: Case, as_of: str, **stated: Any) -> list[str]:
    town = the_service().town(policy)
    turns = course(town.pack, replace(case, stated=stated), at(as_of), town.hours)
    return [f"{turn.at:%m-%d %H:%M} {turn.what} {turn.alert.kind}" for turn in turns]


def test_a_reminder_begins_by_time_alone_and_ends_with_the_due_time() -> None:
    case = order(
        ("2026-03-02T09:10", EventKind.CONTACT_ATTEMPT, {"by": "centre", "reached": True}),
        ("2026-03-02T09:30", EventKind.DISPATCHED, {"unit": "urban-squad"}),
    )
    assert told("nanmatou", case, "2026-03-20T12:00") == [
        "03-09 13:00 raised reminder",
        "03-09 17:00 lifted reminder",
    ]


def test_an_overdue_order_is_supervised_from_the_moment_after_its_due_time() -> None:
    case = order(("2026-03-02T09:30", EventKind.DISPATCHED, {"unit": "urban-squad"}))
    turns = course(the_service().town("yanji").pack, case, at("2026-03-20T12:00"), the_service().town("yanji").hours)
    assert {turn.at - at("2026-03-05T17:00") for turn in turns} == {timedelta(microseconds=1)}
    assert [(turn.alert.clause, turn.alert.level) for turn in turns] == [("yanji:11", None), ("yanji:18", "public")]


def test_a_good_call_back_lifts_what_a_bad_one_raised() -> None:
    bad = {"solved": False, "satisfaction": "unsatisfied"}
    case = order(
        ("2026-03-02T09:30", EventKind.DISPATCHED, {"unit": "urban-squad"}),
        ("2026-03-03T10:00", EventKind.REPLIED, {"unit": "urban-squad", "fact": "true"}),
        ("2026-03-03T15:00", EventKind.CALLED_BACK, bad),
        ("2026-03-04T10:00", EventKind.REPLIED, {"unit": "urban-squad", "fact": "true"}),
        ("2026-03-04T15:00", EventKind.CALLED_BACK, bad),
        ("2026-03-05T10:00", EventKind.REPLIED, {"unit": "urban-squad", "fact": "true"}),
        ("2026-03-05T15:00", EventKind.CALLED_BACK, {"solved": True, "satisfaction": "satisfied"}),
    )
    assert told("tangqiao", case, "2026-03-05T16:00") == [
        "03-03 15:00 raised unsatisfied",
        "03-04 15:00 raised supervision",
        "03-05 15:00 lifted unsatisfied",
        "03-05 15:00 lifted supervision",
    ]


def test_yellow_is_lifted_as_red_is_raised() -> None:
    def count(issue_today: int) -> dict[str, Any]:
        return {"by": Role.CENTRE, "facts": {"issue_today": issue_today}}

    case = order(
        ("2026-03-02T10:00", EventKind.NOTE, count(5)),
        ("2026-03-02T11:00", EventKind.NOTE, count(9)),
        ("2026-03-02T12:00", EventKind.NOTE, count(10)),
    )
    assert told("tangqiao", case, "2026-03-02T13:00") == [
        "03-02 10:00 raised yellow",
        "03-02 12:00 lifted yellow",
        "03-02 12:00 raised red",
    ]
