"""Scenario files: what a policy must do, stated in YAML by anyone, and checked against the judge.

The format is in docs/scenarios.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.domain.decisions import Alert, Awaited, Obligation, Reason
from triage.domain.errors import BadInput, Problem, UnknownPolicy
from triage.policy.calendar.workdays import WorkingTime, parse_time
from triage.policy.judging.admission import refused_events
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.yamlfile import each_item, read_items
from triage.policy.scenarios.cases import ReadCase, read_case, refuse_unknown
from triage.policy.scenarios.expectations import check_expected

_KEYS = {"name", "policy", "order", "facts", "events", "as_of", "expect"}


@dataclass(frozen=True)
class Scenario:
    """One stated case and what is expected of it."""

    name: str
    policy: str
    read: ReadCase
    expect: Mapping[str, Any]
    line: int

    @property
    def case(self) -> Case:
        return self.read.case

    @property
    def as_of(self) -> datetime:
        return self.read.as_of


@dataclass(frozen=True)
class Found:
    """What was found: the judgement, and of each event that would have been refused, by its position, why."""

    judgement: Judgement
    refused: Mapping[int, tuple[Reason, ...]]


@dataclass(frozen=True)
class Difference:
    """Where what was found is not what was expected."""

    what: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.what}: expected {_plain(self.expected)}, found {_plain(self.found)}"


@dataclass(frozen=True)
class Outcome:
    """A scenario that was run."""

    file: Path
    scenario: Scenario
    differences: tuple[Difference, ...]


def run_scenarios(
    paths: list[Path], shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]
) -> Iterator[Outcome]:
    """Run every scenario of the files, or of the YAML files in the folders, in order.

    What cannot be used keeps nothing else from being run: BadInput tells all of it at the end.
    """
    problems: list[Problem] = []
    for file in scenario_files(paths):
        try:
            scenarios, faults = each_item(file, "scenarios", _read_one)
        except BadInput as error:
            scenarios, faults = [], error.problems
        problems += faults
        for scenario in scenarios:
            try:
                pack = _pack_of(scenario, file, shelf)
            except BadInput as error:
                problems += error.problems
                continue
            found = find(scenario, pack, working_time(pack))
            yield Outcome(file, scenario, tuple(differences(scenario.expect, found)))
    if problems:
        raise BadInput("scenarios", list(dict.fromkeys(problems)))


def find(scenario: Scenario, pack: Pack, hours: WorkingTime) -> Found:
    """Judge a scenario; refusals are looked for only where they are expected."""
    case = scenario.read.under(pack)
    refused = refused_events(pack, case, scenario.as_of, hours) if "refused" in scenario.expect else {}
    return Found(judge(pack, case, scenario.as_of, hours), refused)


def _pack_of(scenario: Scenario, file: Path, shelf: PackShelf) -> Pack:
    try:
        return shelf.get_or_raise(scenario.policy, scenario.case.received_at or scenario.as_of)
    except UnknownPolicy as error:
        where = f"{file.name}:{scenario.line}"
        raise BadInput(str(file), [Problem((where, *fault.loc), fault.msg) for fault in error.problems]) from None


def scenario_files(paths: list[Path]) -> list[Path]:
    """The files themselves, and the YAML files below folders."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        elif path.is_file():
            files.append(path)
        else:
            raise BadInput(str(path), [Problem((), "no such file or folder")])
    return files


def read_scenarios(path: Path) -> list[Scenario]:
    """Parse one file; every fault of it is reported at once, with its line."""
    return read_items(path, "scenarios", _read_one)


def differences(expect: Mapping[str, Any], found: Found) -> Iterator[Difference]:
    """What differs, among what is named in `expect`."""
    judgement = found.judgement
    yield from _compare("dispatch", expect.get("dispatch", {}), judgement.dispatch)
    yield from _obligations(expect, judgement)
    for part, among in (("alerts", judgement.alerts), ("awaits", judgement.awaits)):
        for wanted in expect.get(part, ()):
            if not any(_fits(wanted, one) for one in among):
                yield Difference(part, wanted, list(among))
    for unwanted in expect.get("no_alerts", ()):
        fields = unwanted if isinstance(unwanted, Mapping) else {"kind": unwanted}
        if any(_fits(fields, alert) for alert in judgement.alerts):
            yield Difference(f"alerts.{unwanted}", "absent", "present")
    if expect.get("awaits") == [] and judgement.awaits:
        yield Difference("awaits", "nothing", list(judgement.awaits))
    if "may_close" in expect and expect["may_close"] != judgement.may_close:
        yield Difference("may_close", expect["may_close"], judgement.may_close or list(judgement.why_not))
    for clause in expect.get("why_not", ()):
        if clause not in [reason.clause for reason in judgement.why_not]:
            yield Difference("why_not", clause, list(judgement.why_not))
    yield from _refusals(expect, found.refused)


def _obligations(expect: Mapping[str, Any], judgement: Judgement) -> Iterator[Difference]:
    owed = {str(one.id): one for one in judgement.obligations}
    for name, fields in expect.get("obligations", {}).items():
        if name not in owed:
            yield Difference(f"obligations.{name}", "present", "absent")
        else:
            yield from _compare(f"obligations.{name}", fields or {}, owed[name])
    for name in expect.get("no_obligations", ()):
        if name in owed:
            yield Difference(f"obligations.{name}", "absent", owed[name])


def _refusals(expect: Mapping[str, Any], refused: Mapping[int, tuple[Reason, ...]]) -> Iterator[Difference]:
    """Each that is listed must be among those found; an empty list means that nothing is refused."""
    wanted = expect.get("refused", ())
    for one in wanted:
        reasons = refused.get(one["event"], ())
        if not any(_fits({name: value for name, value in one.items() if name != "event"}, why) for why in reasons):
            yield Difference(f"refused.{one['event']}", one.get("clause", "refused"), list(reasons))
    if not wanted:
        for place, reasons in refused.items():
            yield Difference(f"refused.{place}", "not refused", list(reasons))


def _read_one(item: Any, line: int) -> Scenario:
    if not isinstance(item, Mapping):
        raise ValueError(f"a scenario is a mapping, not {item!r}")
    refuse_unknown(item, _KEYS, "")
    for key in ("name", "policy", "expect"):
        if key not in item:
            raise ValueError(f"{key} is missing")
    read = read_case(item)
    expect = item["expect"] or {}
    check_expected(expect, len(read.case.events))
    return Scenario(str(item["name"]), str(item["policy"]), read, expect, line)


def _compare(what: str, expected: Mapping[str, Any], found: object) -> Iterator[Difference]:
    for name, value in expected.items():
        if not hasattr(found, name):
            yield Difference(f"{what}.{name}", value, "no such field")
            continue
        actual = getattr(found, name)
        wanted = parse_time(value) if name == "due_at" and value is not None else value
        if actual != wanted:
            yield Difference(f"{what}.{name}", wanted, actual)


def _fits(wanted: Mapping[str, Any], found: Alert | Awaited | Reason) -> bool:
    """Whether all that is named is so; roles in any order."""
    for name, value in wanted.items():
        actual = getattr(found, name, None)
        if (set(value) != set(actual or ())) if name in ("notify", "by") else (value != actual):
            return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Obligation):
        return f"{value.id} ({value.state})"
    if isinstance(value, Alert):
        return f"{value.kind} {value.clause}"
    if isinstance(value, Awaited):
        return f"{value.what} from {', '.join(value.by)} {value.clause}"
    if isinstance(value, Reason):
        return f"{value.clause} {value.because}"
    if isinstance(value, list):
        return ", ".join(str(_plain(part)) for part in value) or "none"
    return value
