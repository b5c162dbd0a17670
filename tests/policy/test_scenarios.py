"""Every scenario of the five packs holds, and every line of every pack has its pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from triage.bootstrap import Service, build
from triage.domain.vocabulary import ObligationState
from triage.policy.chinese import filled_in
from triage.policy.coverage.pairs import Told, told_in
from triage.policy.scenarios.run import Outcome, read_scenarios, run_scenarios, scenario_files
from triage.settings import Settings

HERE = Path(__file__).parent / "scenarios"
FILES = scenario_files([HERE])
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")
STATED = [(file, place, scenario) for file in FILES for place, scenario in enumerate(read_scenarios(file))]
IDS = [f"{file.relative_to(HERE).with_suffix('')}: {scenario.name}" for file, _, scenario in STATED]


@cache
def the_service() -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters={}))


@cache
def outcomes_of(file: Path) -> tuple[Outcome, ...]:
    service = the_service()
    return tuple(run_scenarios([file], service.shelf, lambda pack: service.town_of(pack).hours))


@pytest.mark.parametrize(("file", "place"), [(file, place) for file, place, _ in STATED], ids=IDS)
def test_the_policy_does_what_the_scenario_says(file: Path, place: int) -> None:
    differences = outcomes_of(file)[place].differences
    assert not differences, "\n".join(map(str, differences))


def test_no_two_scenarios_have_one_name() -> None:
    assert [name for name, count in Counter(IDS).items() if count > 1] == []


def test_scenarios_stand_in_the_folder_of_their_policy() -> None:
    assert [name for name, (file, _, told) in zip(IDS, STATED, strict=True) if told.policy != file.parent.name] == []


def line_of(one: Told) -> int:
    """Which line of the precedence decided, from 0."""
    return int(one.judged.judgement.trace[0].rule.split("]")[0].removeprefix("dispatch["))


def clocks_of(one: Told) -> dict[tuple[str, str], ObligationState]:
    return {(owed.id, owed.clause): owed.state for owed in one.judged.judgement.obligations}


@cache
def told(policy: str) -> tuple[Told, ...]:
    service = the_service()
    return tuple(told_in([HERE / policy], service.shelf, lambda pack: service.town_of(pack).hours)[policy])


def has_pair(scenarios: Iterable[Told], yes: Callable[[Told], bool], no: Callable[[Told], bool]) -> bool:
    scenarios = tuple(scenarios)
    firing = [one for one in scenarios if yes(one)]
    silent = [one for one in scenarios if no(one)]
    return any(one.differs_in_one(other) for one, other in product(firing, silent))


@pytest.mark.parametrize("policy", POLICIES)
def test_every_line_of_the_precedence_has_a_pair_that_differs_in_one_thing(policy: str) -> None:
    lines = the_service().shelf.get_or_raise(policy).dispatch
    lacking = [
        f"dispatch[{place}] {rule.clause}: {rule.when.source}"
        for place, rule in enumerate(lines)
        if not has_pair(told(policy), lambda one, p=place: line_of(one) == p, lambda one, p=place: line_of(one) != p)  # type: ignore[misc]
    ]
    assert lacking == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_clock_has_a_pair_in_which_it_runs_and_does_not_run(policy: str) -> None:
    clocks = {(clock.id, clock.clause) for clock in the_service().shelf.get_or_raise(policy).clocks}
    lacking = [
        f"{name} {clause}"
        for name, clause in sorted(clocks)
        if not has_pair(
            told(policy),
            lambda one, key=(name, clause): key in clocks_of(one),  # type: ignore[misc]
            lambda one, key=(name, clause): key not in clocks_of(one),  # type: ignore[misc]
        )
    ]
    assert lacking == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_clock_that_can_be_met_has_a_pair_in_time_and_too_late(policy: str) -> None:
    late = (ObligationState.MISSED, ObligationState.VOID)
    lacking = []
    for clock in the_service().shelf.get_or_raise(policy).clocks:
        # Without a time nothing is late: there the pair is met and still open. What only lapses is never met.
        in_time = (ObligationState.MET,) if clock.met_by else (ObligationState.OPEN,)
        timed = any((clock.id, clock.clause) in clocks_of(one) and has_time(one, clock.id) for one in told(policy))
        too_late = late if timed else (ObligationState.OPEN,)
        key = (clock.id, clock.clause)
        if not has_pair(
            told(policy),
            lambda one, key=key, states=in_time: clocks_of(one).get(key) in states,  # type: ignore[misc]
            lambda one, key=key, states=too_late: clocks_of(one).get(key) in states,  # type: ignore[misc]
        ):
            lacking.append(f"{clock.id} {clock.clause}")
    assert lacking == []


def has_time(one: Told, name: str) -> bool:
    return any(owed.due_at is not None for owed in one.judged.judgement.obligations if owed.id == name)


def says(one: Told, rule: Any) -> bool:
    """Whether the rule's own sentence was told, of its clause."""
    found, sentence = one.judged, filled_in(rule.because, one.judged.judgement.facts)
    reasons = [*found.judgement.why_not, *found.judgement.alerts, *found.judgement.awaits]
    reasons += [reason for refused in found.refused.values() for reason in refused]
    # A sentence about an event was filled in with the facts before it; its beginning is the same.
    begun = rule.because.partition("{")[0]
    return any(why.clause == rule.clause and (sentence in why.because or begun in why.because) for why in reasons)


@pytest.mark.parametrize("section", ["alerts", "reminders", "refusals", "approvals", "closing"])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_rule_has_a_pair_in_which_it_speaks_and_is_silent(policy: str, section: str) -> None:
    lacking = [
        f"{section}[{place}] {rule.clause}: {rule.because}"
        for place, rule in enumerate(getattr(the_service().shelf.get_or_raise(policy), section))
        if getattr(rule, "at_least", None) is None  # what counts up to a parameter is shown with one, in test_life.py
        and not has_pair(told(policy), lambda one, r=rule: says(one, r), lambda one, r=rule: not says(one, r))  # type: ignore[misc]
    ]
    assert lacking == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_step_of_an_escalation_has_a_pair(policy: str) -> None:
    ladders = the_service().shelf.get_or_raise(policy).escalations
    kinds = [(ladder.clause, step.kind) for ladder in ladders for step in ladder.steps]

    def stands(one: Told, clause: str, kind: str) -> bool:
        return any((alert.clause, alert.kind) == (clause, kind) for alert in one.judged.judgement.alerts)

    lacking = [
        key
        for key in kinds
        if not has_pair(told(policy), lambda one, k=key: stands(one, *k), lambda one, k=key: not stands(one, *k))  # type: ignore[misc]
    ]
    assert lacking == []


def test_a_line_without_its_pair_is_noticed() -> None:
    """The check above is itself checked: without the scenarios of emergencies the first line lacks its pair."""
    rest = [one for one in told("nanmatou") if line_of(one) != 0]
    assert not has_pair(rest, lambda one: line_of(one) == 0, lambda one: line_of(one) != 0)
    assert has_pair(told("nanmatou"), lambda one: line_of(one) == 0, lambda one: line_of(one) != 0)
