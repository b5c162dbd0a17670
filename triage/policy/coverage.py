"""Coverage: of every clause of a pack, what enforces it and what shows that it does.

A clause that decides, sets a clock, alerts or refuses is shown by a pair of scenarios that differ in one thing: one
that expects it, one that says something of the same and does not find it. A computed or reported clause is shown by a
figure calculated by hand, a stated one by its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.domain.clauses import Clause, ClauseKind
from triage.domain.decisions import Reason
from triage.policy.chinese import KINDS
from triage.policy.lint import HONOURED_BY
from triage.policy.load import PackShelf
from triage.policy.pack import Pack
from triage.policy.rules import SECTIONS
from triage.policy.scenarios import Found, Scenario, find, read_scenarios, scenario_files
from triage.policy.workdays import WorkingTime
from triage.policy.yamlfile import read_yaml

PAIRED = frozenset(kind for kinds in HONOURED_BY.values() for kind in kinds)
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
    parts: Counter[Hashable]
    says: frozenset[str]
    expected: frozenset[tuple[ClauseKind, str]]
    found: Mapping[tuple[ClauseKind, str], Hashable]

    def differs_in_one(self, other: Told) -> bool:
        """One fact, one event or one time is different, added or left out; all else is the same."""
        return max((self.parts - other.parts).total(), (other.parts - self.parts).total()) == 1


@dataclass(frozen=True)
class Row:
    """A clause, where it is enforced, and by which examples it is shown, kind by kind."""

    clause: Clause
    enforced: tuple[str, ...]
    shown: Mapping[ClauseKind, tuple[str, ...]]

    @property
    def lacking(self) -> tuple[ClauseKind, ...]:
        """The kinds that nothing shows."""
        if self.clause.through is not None:
            return ()
        return tuple(kind for kind in self.clause.kinds if not self.shown.get(kind))


def told_in(paths: list[Path], shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]) -> dict[str, list[Told]]:
    """Every scenario of the files or folders, judged, by policy."""
    told: dict[str, list[Told]] = {}
    for file in scenario_files(paths):
        for item, scenario in zip(read_yaml(file).data, read_scenarios(file), strict=True):
            pack = shelf.get_or_raise(scenario.policy, scenario.case.received_at or scenario.as_of)
            found = find(scenario, pack, working_time(pack))
            told.setdefault(scenario.policy, []).append(_told(item, scenario, found))
    return told


def rows(pack: Pack, told: Iterable[Told], figures: Mapping[str, tuple[str, ...]]) -> Iterator[Row]:
    """A row for each clause of the pack; `figures` are names of calculations by hand, by clause."""
    told = tuple(told)
    enforced = _enforced(pack)
    for clause in pack.clauses.values():
        shown = {kind: _shown(clause, kind, told, figures) for kind in clause.kinds}
        yield Row(clause, tuple(enforced.get(clause.id, ())), shown)


def page(pack: Pack, found: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"## {pack.name} (`{pack.id}`, {pack.version})",
        "",
        "| clause | what it says | enforced by | shown by |",
        "|---|---|---|---|",
        *(_line(row) for row in found),
    ]
    return "\n".join(lines) + "\n"


def _shown(
    clause: Clause, kind: ClauseKind, told: tuple[Told, ...], figures: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    if kind is ClauseKind.STATED:
        return (clause.reason,)
    if kind not in PAIRED:
        return figures.get(clause.id, ())[:1]
    key = (kind, clause.id)
    for one in told:
        if key not in one.expected:
            continue
        for other in told:
            if other.says & SAYS[kind] and one.found.get(key) != other.found.get(key) and one.differs_in_one(other):
                return one.name, other.name
    return ()


def _enforced(pack: Pack) -> dict[str, list[str]]:
    """Where each clause is cited, as section and line."""
    cited: dict[str, list[str]] = {}
    for section in SECTIONS:
        for index, rule in enumerate(getattr(pack, section)):
            name = f"{section}.{rule.id}" if section == "clocks" else f"{section}[{index}]"
            cited.setdefault(rule.clause, []).append(name)
    return cited


def _told(item: Mapping[str, Any], scenario: Scenario, found: Found) -> Told:
    expect = scenario.expect
    return Told(
        name=scenario.name,
        parts=Counter(_parts(item)),
        says=frozenset(expect),
        expected=frozenset(_expected(expect, found)),
        found=_found(found),
    )


def _parts(item: Mapping[str, Any]) -> Iterator[Hashable]:
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


def _line(row: Row) -> str:
    kinds = "、".join(KINDS[kind] for kind in row.clause.kinds)
    if row.clause.through is not None:
        shown = f"with `{row.clause.through}`"
    else:
        shown = "; ".join("**nothing**" if not names else " / ".join(names) for names in row.shown.values())
    enforced = ", ".join(f"`{name}`" for name in row.enforced) or "-"
    return f"| `{row.clause.id}` ({kinds}) | {row.clause.text} | {enforced} | {shown} |"
