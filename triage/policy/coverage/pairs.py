"""Pairs of scenarios that differ in one thing: one expects a clause, the other says something of the same kind and
finds it otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.domain.clauses import ClauseKind
from triage.domain.decisions import Reason
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.yamlfile import read_yaml
from triage.policy.scenarios.run import Found, Scenario, find, read_scenarios, scenario_files

SAYS = {
    ClauseKind.DECIDES: {"dispatch", "awaits", "refused"},
    ClauseKind.CLOCK: {"obligations", "no_obligations"},
    ClauseKind.ALERT: {"alerts", "no_alerts"},
    ClauseKind.REFUSAL: {"may_close", "why_not", "refused"},
}
"""The parts of a scenario's `expect` that say something of a clause of each kind."""


@dataclass(frozen=True)
class Told:
    """A scenario part by part, with what it expects and what was found, each as (kind, clause) with details."""

    name: str
    parts: Counter[tuple[str, ...]]
    says: frozenset[str]
    expected: frozenset[tuple[ClauseKind, str]]
    found: Mapping[tuple[ClauseKind, str], Hashable]
    judged: Found

    def differs_in_one(self, other: Told) -> bool:
        """One fact, one event or one time is different, added or left out; all else is the same."""
        return max((self.parts - other.parts).total(), (other.parts - self.parts).total()) == 1

    def differs_in_the_same(self, other: Told) -> bool:
        """What differs is one thing added or left out, or the same fact or event with another value."""
        ours, theirs = list(self.parts - other.parts), list(other.parts - self.parts)
        return len(ours) + len(theirs) == 1 or ours[0][:-1] == theirs[0][:-1]


def told_in(paths: list[Path], shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]) -> dict[str, list[Told]]:
    """Every scenario of the files or folders, judged, by policy."""
    told: dict[str, list[Told]] = {}
    for file in scenario_files(paths):
        for item, scenario in zip(read_yaml(file).data, read_scenarios(file), strict=True):
            pack = shelf.get_or_raise(scenario.policy, scenario.case.received_at or scenario.as_of)
            found = find(scenario, pack, working_time(pack))
            told.setdefault(scenario.policy, []).append(_told(item, scenario, found))
    return told


def pair_for(key: tuple[ClauseKind, str], told: Iterable[Told]) -> tuple[str, ...]:
    """The names of two scenarios that show a clause: one expects it, the other differs in one thing and in this."""
    told = tuple(told)
    pairs = [
        ((not one.differs_in_the_same(other), abs(place - other_place)), (one.name, other.name))
        for place, one in enumerate(told)
        if key in one.expected
        for other_place, other in enumerate(told)
        if other.says & SAYS[key[0]] and one.found.get(key) != other.found.get(key) and one.differs_in_one(other)
    ]
    return min(pairs)[1] if pairs else ()  # the pair that is easiest to see: the same thing, one beside the other


def _told(item: Mapping[str, Any], scenario: Scenario, found: Found) -> Told:
    expect = scenario.expect
    return Told(
        name=scenario.name,
        parts=Counter(_parts(item)),
        says=frozenset(expect),
        expected=frozenset(_expected(expect, found)),
        found=_found(found),
        judged=found,
    )


def _parts(item: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in (item.get("order") or {}).items():
        yield "order", name, repr(value)
    for name, value in (item.get("facts") or {}).items():
        yield "fact", name, repr(value)
    for event in item.get("events") or ():
        yield "event", repr(sorted(event.items(), key=str))
    yield "as_of", repr(item.get("as_of"))


def _expected(expect: Mapping[str, Any], found: Found) -> Iterator[tuple[ClauseKind, str]]:
    """What the scenario names; an obligation or an alert named without its clause is the one that was found."""
    if "clause" in expect.get("dispatch", {}):
        yield ClauseKind.DECIDES, expect["dispatch"]["clause"]
    for waited in expect.get("awaits", ()):
        yield ClauseKind.DECIDES, waited.get("clause", "")
    clauses = {str(owed.id): owed.clause for owed in found.judgement.obligations}
    for name, fields in expect.get("obligations", {}).items():
        yield ClauseKind.CLOCK, (fields or {}).get("clause", clauses.get(name, ""))
    for alert in expect.get("alerts", ()):
        yield ClauseKind.ALERT, alert.get("clause", "")
    for clause in expect.get("why_not", ()):
        yield ClauseKind.REFUSAL, clause
    for refused in expect.get("refused", ()):
        yield ClauseKind.REFUSAL, refused.get("clause", "")
        yield ClauseKind.DECIDES, refused.get("clause", "")


def _found(found: Found) -> dict[tuple[ClauseKind, str], Hashable]:
    """What was found of each clause; two scenarios differ in it where these details differ."""
    judgement = found.judgement
    details: dict[tuple[ClauseKind, str], list[str]] = {}
    details[ClauseKind.DECIDES, judgement.dispatch.clause] = ["dispatch"]
    for waited in judgement.awaits:
        details.setdefault((ClauseKind.DECIDES, waited.clause), []).append(f"{waited.what} {waited.by}")
    for owed in judgement.obligations:
        details.setdefault((ClauseKind.CLOCK, owed.clause), []).append(f"{owed.id} {owed.state} {owed.due_at}")
    for alert in judgement.alerts:
        details.setdefault((ClauseKind.ALERT, alert.clause), []).append(f"{alert.kind} {alert.level}")
    reasons: list[tuple[int | None, Reason]] = [(None, reason) for reason in judgement.why_not]
    reasons += [(place, reason) for place, refused in found.refused.items() for reason in refused]
    for place, reason in reasons:
        details.setdefault((ClauseKind.REFUSAL, reason.clause), []).append(f"{place} {reason.because}")
        details.setdefault((ClauseKind.DECIDES, reason.clause), []).append(f"{place} {reason.because}")
    return {key: tuple(value) for key, value in details.items()}
