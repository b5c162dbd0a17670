"""What holds of every judgement; where facts come from; conditions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.bootstrap import Service, build
from triage.domain.events import Event
from triage.domain.moments import SHANGHAI
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState
from triage.policy.calendar.workdays import parse_time
from triage.policy.conditions import Activation, Condition, ConditionFault
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, if_dispatched, judge
from triage.policy.vocabulary import FACTS, FactValue
from triage.settings import Settings

POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
# Around the Spring Festival of 2026, with its two make-up Saturdays.
FIRST = datetime(2026, 2, 9, 8, tzinfo=SHANGHAI)
MINUTES = 30 * 24 * 60

Facts = dict[str, FactValue]


@cache
def the_service() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters={"tangqiao": {"finish_workdays": 5}}))


def judged(policy: str, case: Case, as_of: datetime) -> Judgement:
    town = the_service().town(policy)
    return judge(town.pack, case, as_of, town.hours)


# Anything that may happen to an order.
moments = st.integers(0, MINUTES).map(lambda minutes: FIRST + timedelta(minutes=minutes))
policies = st.sampled_from(POLICIES)


def events_of(kind: EventKind) -> st.SearchStrategy[dict[str, Any]]:
    match kind:
        case EventKind.CONTACT_ATTEMPT:
            return st.fixed_dictionaries({"by": st.sampled_from(["centre", "unit"]), "reached": st.booleans()})
        case EventKind.CALLED_BACK:
            words = st.sampled_from(["satisfied", "mostly", "fair", "unsatisfied"])
            return st.fixed_dictionaries({"solved": st.booleans(), "satisfaction": words})
        case EventKind.EXTENSION_GRANTED:
            return st.fixed_dictionaries({"until": st.one_of(moments, moments.map(datetime.date))})
        case EventKind.NOTE:
            stated = st.dictionaries(st.sampled_from(["needs_site_visit", "review_order"]), st.booleans())
            return st.fixed_dictionaries({"facts": stated})
        case _:
            return st.just({"unit": "urban-squad"})


happenings = st.sampled_from(list(EventKind)).flatmap(
    lambda kind: st.builds(lambda at, fields: Event(at, kind, fields), moments, events_of(kind))
)
histories = st.lists(happenings, max_size=12, unique_by=lambda event: event.at).map(
    lambda events: tuple(sorted(events, key=lambda event: event.at))
)
derived = st.fixed_dictionaries(
    {},
    optional={
        "request_type": st.sampled_from(FACTS["request_type"].values),
        "urgency": st.sampled_from(FACTS["urgency"].values),
        "complexity": st.sampled_from(FACTS["complexity"].values),
        "territory": st.sampled_from(FACTS["territory"].values),
        "emergency": st.booleans(),
        "candidate_units": st.lists(st.sampled_from(["urban-squad", "housing-office", "u1"]), unique=True).map(tuple),
    },
)
cases = st.builds(
    lambda received, facts, events: Case(received, facts, events), st.one_of(st.none(), moments), derived, histories
)


@given(policies, cases, moments)
def test_the_same_input_gives_the_same_judgement_to_the_byte(policy: str, case: Case, as_of: datetime) -> None:
    assert repr(judged(policy, case, as_of)) == repr(judged(policy, case, as_of))


@given(policies, cases, moments, st.randoms(use_true_random=False))
def test_events_may_come_in_any_order(policy: str, case: Case, as_of: datetime, chance: Any) -> None:
    shuffled = list(case.events)
    chance.shuffle(shuffled)
    other = Case(case.received_at, case.derived, tuple(shuffled), case.stated)
    assert repr(judged(policy, other, as_of)) == repr(judged(policy, case, as_of))


@given(policies, cases, moments)
def test_events_after_as_of_are_not_seen(policy: str, case: Case, as_of: datetime) -> None:
    so_far = tuple(event for event in case.events if event.at <= as_of)
    known = Case(case.received_at, case.derived, so_far, case.stated)
    assert repr(judged(policy, known, as_of)) == repr(judged(policy, case, as_of))


@given(policies, cases, moments, st.integers(0, 3 * MINUTES))
def test_time_alone_never_mends_what_was_missed(policy: str, case: Case, as_of: datetime, minutes: int) -> None:
    so_far = tuple(event for event in case.events if event.at <= as_of)
    known = Case(case.received_at, case.derived, so_far, case.stated)
    over = (ObligationState.MISSED, ObligationState.VOID, ObligationState.MET)
    if case.received_at is not None and case.received_at > as_of:
        return
    before = {one.id: one for one in judged(policy, known, as_of).obligations}
    after = {one.id: one for one in judged(policy, known, as_of + timedelta(minutes=minutes)).obligations}
    assert before.keys() == after.keys()
    for name, one in before.items():
        assert after[name].due_at == one.due_at
        assert one.state not in over or after[name].state is one.state


@given(policies, cases, moments)
def test_no_obligation_exists_before_its_start(policy: str, case: Case, as_of: datetime) -> None:
    happened = {event.kind for event in case.events if event.at <= as_of}
    if case.received_at is not None and case.received_at <= as_of:
        happened.add(EventKind.RECEIVED)
    starts = {
        (clock.id, clock.clause): {
            *(pattern.kind for pattern in clock.starts),
            *([clock.until_then.kind] if clock.until_then else []),
        }
        for clock in the_service().shelf.get_or_raise(policy).clocks
    }
    for one in judged(policy, case, as_of).obligations:
        assert starts[one.id, one.clause] & happened


@given(policies, cases, moments)
def test_every_obligation_is_open_while_there_is_time_and_says_why(policy: str, case: Case, as_of: datetime) -> None:
    for one in judged(policy, case, as_of).obligations:
        assert one.because.startswith(("自", "以", "经批准", "单位尚未接单"))
        if one.due_at is None or as_of <= one.due_at:
            assert one.state in (ObligationState.OPEN, ObligationState.MET)
        else:
            assert one.state is not ObligationState.OPEN


@given(policies, cases, moments)
def test_someone_always_decides_and_the_trace_names_the_clause(policy: str, case: Case, as_of: datetime) -> None:
    found = judged(policy, case, as_of)
    assert found.trace[0].clause == found.dispatch.clause
    assert found.dispatch.clause in the_service().shelf.get_or_raise(policy).clauses
    told = [*(one.clause for one in found.obligations), *(alert.clause for alert in found.alerts)]
    assert [step.clause for step in found.trace[1:]] == told


@given(policies, cases, moments, derived)
def test_stated_facts_are_the_facts(policy: str, case: Case, as_of: datetime, stated: Facts) -> None:
    found = judged(policy, Case(case.received_at, case.derived, case.events, stated), as_of).facts
    assert {name: found[name] for name in stated} == stated
    assert found.keys() == FACTS.keys()


# Facts, one by one.
AT = "2026-03-06T12:00"
Judge = Callable[..., Judgement]


def event(at: str, kind: str, **fields: object) -> dict[str, object]:
    return {"at": f"2026-03-0{at}", "kind": kind, **fields}


def test_what_nobody_states_has_its_default(judged: Judge) -> None:
    facts = judged("nanmatou", AT, received_at=None).facts
    assert (facts["urgency"], facts["complexity"], facts["request_type"]) == ("normal", "normal", "other")
    assert facts["territory"] == "unknown"
    ones = ("repeat_count", "dispatch_count", "issue_today", "issue_week", "issue_callers_week")
    assert [facts[name] for name in ones] == [1] * len(ones)
    others = [name for name, fact in FACTS.items() if fact.type == "count" and name not in ones]
    assert [facts[name] for name in others] == [0] * len(others)
    assert [name for name, fact in FACTS.items() if fact.type == "flag" and facts[name]] == ["to_dispatch"]
    assert facts["candidate_units"] == ()


@pytest.mark.parametrize(("units", "clear"), [([], False), (["u1"], True), (["u1", "u2"], False)])
def test_the_duty_is_clear_where_one_unit_is_named(judged: Judge, units: list[str], clear: bool) -> None:
    assert judged("nanmatou", AT, derived={"candidate_units": units}).facts["duty_clear"] is clear


def test_a_classifier_may_doubt_its_one_unit(judged: Judge) -> None:
    doubted: dict[str, object] = {"candidate_units": ["u1"], "duty_clear": False}
    assert judged("nanmatou", AT, derived=doubted).facts["duty_clear"] is False


@pytest.mark.parametrize(("units", "clear"), [([], False), (["u2"], True), (["u1", "u2"], False)])
@pytest.mark.parametrize("sure", [True, False])
def test_units_that_a_person_names_count_by_themselves(
    judged: Judge, units: list[str], clear: bool, sure: bool
) -> None:
    read: dict[str, object] = {"candidate_units": ["u1"], "duty_clear": sure}
    assert judged("nanmatou", AT, derived=read, stated={"candidate_units": units}).facts["duty_clear"] is clear
    note = event("3T09:00", "note", facts={"candidate_units": units})
    assert judged("nanmatou", AT, [note], derived=read).facts["duty_clear"] is clear


def test_stated_beats_noted_beats_derived(judged: Judge) -> None:
    note = event("3T09:00", "note", facts={"urgency": "semi_urgent"})
    read: dict[str, object] = {"urgency": "urgent"}
    assert judged("yanji", AT, derived=read).facts["urgency"] == "urgent"
    assert judged("yanji", AT, [note], derived=read).facts["urgency"] == "semi_urgent"
    assert judged("yanji", AT, [note], derived=read, stated={"urgency": "normal"}).facts["urgency"] == "normal"


def test_a_note_keeps_what_no_rule_asks_and_it_changes_nothing(judged: Judge) -> None:
    note = event("3T09:00", "note", facts={"outcome_approved": True})
    assert judged("yanji", AT, [note]).facts == judged("yanji", AT).facts


def test_events_are_counted(judged: Judge) -> None:
    events = [
        event("2T10:00", "dispatched"),
        event("2T11:00", "return_requested"),
        event("2T12:00", "return_rejected"),
        event("3T10:00", "dispatched"),
        event("3T11:00", "return_requested"),
        event("3T12:00", "extension_granted", until="2026-03-20"),
        event("3T13:00", "untrue_signed"),
        event("3T14:00", "called_back", satisfaction="satisfied"),
        event("3T15:00", "called_back", satisfaction="unsatisfied"),
        event("3T16:00", "called_back", satisfaction="unsatisfied"),
    ]
    facts = judged("nanmatou", AT, events).facts
    names = ("dispatch_count", "return_count", "extension_count", "untrue_count", "unsatisfied_count")
    assert [facts[name] for name in names] == [2, 2, 1, 1, 2]
    assert (facts["return_open"], facts["return_rejected"]) == (True, False)


def test_a_satisfied_call_back_ends_the_row_of_unsatisfied_ones(judged: Judge) -> None:
    events = [
        event("3T15:00", "called_back", satisfaction="unsatisfied"),
        event("3T16:00", "called_back", satisfaction="fair"),
    ]
    assert judged("tangqiao", AT, events).facts["unsatisfied_count"] == 0


def test_an_order_is_overdue_where_finishing_is_missed(judged: Judge) -> None:
    dispatched = [event("2T10:00", "dispatched")]
    assert judged("yanji", "2026-03-05T17:00", dispatched).facts["overdue"] is False
    assert judged("yanji", "2026-03-05T17:01", dispatched).facts["overdue"] is True


def test_an_order_is_overdue_where_redoing_is_missed(judged: Judge) -> None:
    called = [event("2T10:00", "called_back", solved=False)]
    assert judged("tangqiao", "2026-03-04T17:00", called).facts["overdue"] is False
    assert judged("tangqiao", "2026-03-04T17:01", called).facts["overdue"] is True


def test_a_signature_that_is_missed_makes_no_order_overdue(judged: Judge) -> None:
    found = judged("yanji", "2026-03-02T12:00", [event("2T10:00", "dispatched")])
    assert {one.id: one.state for one in found.obligations}[ObligationId.SIGN] is ObligationState.MISSED
    assert found.facts["overdue"] is False


def test_a_return_asked_after_its_window_makes_the_order_overdue(judged: Judge) -> None:
    dispatched = event("2T10:00", "dispatched")
    in_time, late = event("3T17:00", "return_requested"), event("3T17:01", "return_requested")
    assert judged("yanji", "2026-03-04T12:00", [dispatched, in_time]).facts["overdue"] is False
    assert judged("yanji", "2026-03-04T12:00", [dispatched, late]).facts["overdue"] is True
    assert judged("yanji", "2026-03-04T12:00", [dispatched]).facts["overdue"] is False


def test_a_stated_overdue_beats_the_clocks(judged: Judge) -> None:
    dispatched = [event("2T10:00", "dispatched")]
    assert judged("yanji", AT, dispatched, stated={"overdue": False}).facts["overdue"] is False


@pytest.mark.parametrize(
    ("received", "working"),
    [
        ("2026-03-02T08:59", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T16:59", True),
        ("2026-03-07T10:00", False),
        ("2026-02-14T10:00", True),
        ("2026-02-16T10:00", False),
        ("2026-10-10T10:00", True),
    ],
)
def test_working_time_is_office_hours_of_a_working_day(judged: Judge, received: str, working: bool) -> None:
    assert judged("nanmatou", "2026-12-01T09:00", received_at=received).facts["working_time"] is working


# The forecast.
@pytest.mark.parametrize(
    ("policy", "owed"),
    [
        ("yanji", ["sign", "return_window", "finish", "extension_window"]),
        ("nanmatou", ["first_contact", "return_window", "finish"]),
        ("moushi", []),
    ],
)
def test_a_forecast_says_what_a_dispatch_would_add(policy: str, owed: list[str]) -> None:
    town, case, at = the_service().town(policy), Case(parse_time("2026-03-02T09:00")), parse_time("2026-03-02T10:00")
    now = judge(town.pack, case, at, town.hours)
    assert [one.id for one in if_dispatched(town.pack, case, at, town.hours, now)] == owed
    assert not {one.id for one in now.obligations} & set(owed)


# Conditions.
def holds(source: str, **changed: FactValue) -> bool:
    return Condition(source).holds(Activation({name: fact.default for name, fact in FACTS.items()} | changed))


def test_a_condition_compares_texts_counts_flags_and_lists() -> None:
    assert holds('urgency == "urgent"', urgency="urgent")
    assert not holds('urgency == "urgent"', urgency="normal")
    assert holds("repeat_count >= 5", repeat_count=5)
    assert not holds("repeat_count >= 5", repeat_count=4)
    assert holds("!duty_clear || emergency")
    assert holds('"u2" in candidate_units && size(candidate_units) == 2', candidate_units=("u1", "u2"))
    assert holds('urgency in ["urgent", "semi_urgent"]', urgency="semi_urgent")


def test_a_condition_is_asked_once_of_the_same_facts_and_again_of_others() -> None:
    condition, asked = Condition("repeat_count >= 5"), []
    compiled = condition._expression

    class Counting:
        def eval(self, facts: object) -> object:
            asked.append(facts)
            return compiled.eval(facts)

    condition._expression = Counting()
    few, many = ({**{name: fact.default for name, fact in FACTS.items()}, "repeat_count": count} for count in (4, 5))
    first, second = Activation(few), Activation(many)
    assert [condition.holds(one) for one in (first, second, first, second)] == [False, True, False, True]
    assert len(asked) == 2


def test_a_condition_knows_which_facts_it_asks() -> None:
    condition = Condition("repeat_count > 1 && !overdue")
    assert condition.names == ("repeat_count", "overdue")
    assert condition.asked({"repeat_count": 2, "overdue": False, "emergency": True}) == {
        "repeat_count": 2,
        "overdue": False,
    }


def test_a_fact_named_inside_a_text_is_not_asked() -> None:
    assert Condition('"overdue" in candidate_units').names == ("candidate_units",)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("urgncy == 'urgent'", "undeclared reference to 'urgncy'"),
        ("repeat_count == 'two'", "no matching overload"),
        ("repeat_count", "must be true or false, but 'repeat_count' is"),
        ("candidate_units", "must be true or false"),
        ("overdue &&", "Syntax error"),
        ("", "Syntax error"),
        ("urgency == 'urgnt'", "urgency is never 'urgnt'; it is one of urgent, semi_urgent, normal"),
        ("complexity != 'easy'", "complexity is never 'easy'"),
        ("urgency in ['urgent', 'semi']", "urgency is never 'semi'"),
    ],
)
def test_a_condition_that_cannot_be_meant_does_not_compile(source: str, told: str) -> None:
    with pytest.raises(ConditionFault, match=told):
        Condition(source)


@pytest.mark.parametrize(
    "source",
    [
        'candidate_units[0] == "a"',
        "repeat_count / return_count > 1",
        "repeat_count + 1 > 2",
        'urgency.startsWith("u")',
        "overdue ? true : false",
        "int(urgency) > 1",
    ],
)
def test_what_may_fail_when_it_is_asked_is_no_condition(source: str) -> None:
    with pytest.raises(ConditionFault, match="may fail when it is asked"):
        Condition(source)
