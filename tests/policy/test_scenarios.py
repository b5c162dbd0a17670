"""Every scenario of the five packs holds, and every line of every pack has its pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from triage.bootstrap import Service, build
from triage.domain.vocabulary import ObligationState
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.yamlfile import read_yaml
from triage.policy.scenarios.run import Outcome, Scenario, read_scenarios, run_scenarios, scenario_files
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


@dataclass(frozen=True)
class Told:
    """A scenario with what it states, part by part, and how it was judged."""

    parts: Counter[Hashable]
    judgement: Judgement

    def differs_in_one(self, other: Told) -> bool:
        """One fact, one event or one time is different, added or left out; all else is the same."""
        return max((self.parts - other.parts).total(), (other.parts - self.parts).total()) == 1

    @property
    def line(self) -> int:
        """Which line of the precedence decided, from 0."""
        return int(self.judgement.trace[0].rule.split("]")[0].removeprefix("dispatch["))

    @property
    def clocks(self) -> dict[tuple[str, str], ObligationState]:
        return {(one.id, one.clause): one.state for one in self.judgement.obligations}


def parts_of(item: dict[str, Any]) -> Iterator[Hashable]:
    for name, value in item.get("order", {}).items():
        yield "order", name, repr(value)
    for name, value in item.get("facts", {}).items():
        yield "fact", name, repr(value)
    for event in item.get("events", []):
        yield "event", repr(sorted(event.items()))
    yield "as_of", repr(item.get("as_of"))


@cache
def told(policy: str) -> tuple[Told, ...]:
    """The scenarios of a policy; one whose units come from its category is judged by the runner alone."""
    service, found = the_service(), []
    pack = service.shelf.get_or_raise(policy)
    for file in FILES:
        items = read_yaml(file).data
        for item, scenario in zip(items, read_scenarios(file), strict=True):
            if scenario.policy == policy and scenario.read.category is None:
                found.append(Told(Counter(parts_of(item)), judge_alone(scenario)))
    assert found, pack.id
    return tuple(found)


def judge_alone(scenario: Scenario) -> Judgement:
    town = the_service().town(scenario.policy)
    return judge(town.pack, scenario.case, scenario.as_of, town.hours)


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
        if not has_pair(told(policy), lambda one, p=place: one.line == p, lambda one, p=place: one.line != p)  # type: ignore[misc]
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
            lambda one, key=(name, clause): key in one.clocks,  # type: ignore[misc]
            lambda one, key=(name, clause): key not in one.clocks,  # type: ignore[misc]
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
        timed = any((clock.id, clock.clause) in one.clocks and has_time(one, clock.id) for one in told(policy))
        too_late = late if timed else (ObligationState.OPEN,)
        key = (clock.id, clock.clause)
        if not has_pair(
            told(policy),
            lambda one, key=key, states=in_time: one.clocks.get(key) in states,  # type: ignore[misc]
            lambda one, key=key, states=too_late: one.clocks.get(key) in states,  # type: ignore[misc]
        ):
            lacking.append(f"{clock.id} {clock.clause}")
    assert lacking == []


def has_time(one: Told, name: str) -> bool:
    return any(owed.due_at is not None for owed in one.judgement.obligations if owed.id == name)


def test_a_line_without_its_pair_is_noticed() -> None:
    """The check above is itself checked: without the scenarios of emergencies the first line lacks its pair."""
    rest = [one for one in told("nanmatou") if one.line != 0]
    assert not has_pair(rest, lambda one: one.line == 0, lambda one: one.line != 0)
    assert has_pair(told("nanmatou"), lambda one: one.line == 0, lambda one: one.line != 0)
