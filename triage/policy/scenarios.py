"""Scenario files: what a policy must do, stated in YAML by anyone, and checked against the judge.

The format is in docs/scenarios.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.domain.decisions import Alert, Obligation
from triage.domain.errors import BadInput, Problem, UnknownPolicy
from triage.policy.events import parse_events
from triage.policy.expectations import NOT_JUDGED, check_expected
from triage.policy.facts import Case
from triage.policy.judge import Judgement, judge
from triage.policy.load import PackShelf
from triage.policy.pack import Pack
from triage.policy.vocabulary import FactValue, check_facts
from triage.policy.workdays import WorkingTime, parse_time
from triage.policy.yamlfile import read_yaml

_KEYS = {"name", "policy", "order", "facts", "events", "as_of", "expect"}
_ORDER_KEYS = {"received_at", "request_type", "urgency", "complexity", "units", "category"}
_SHAPES: Mapping[str, type] = {"order": dict, "facts": dict, "events": list, "expect": dict}
_SHAPE_WORDS: Mapping[type, str] = {dict: "mapping", list: "list"}
_STATED_BY_ORDER = ("request_type", "urgency", "complexity")


@dataclass(frozen=True)
class Scenario:
    """One stated case and what is expected of it."""

    name: str
    policy: str
    case: Case
    category: str | None
    as_of: datetime
    expect: Mapping[str, Any]
    line: int


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
    """Run every scenario of the files, or of the YAML files in the folders, in order."""
    for file in scenario_files(paths):
        for scenario in read_scenarios(file):
            pack = _pack_of(scenario, file, shelf)
            judgement = judge(pack, _with_units(scenario, pack), scenario.as_of, working_time(pack))
            yield Outcome(file, scenario, tuple(differences(scenario.expect, judgement)))


def _pack_of(scenario: Scenario, file: Path, shelf: PackShelf) -> Pack:
    try:
        return shelf.get_or_raise(scenario.policy)
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
    source = read_yaml(path)
    if not isinstance(source.data, list):
        raise BadInput(str(path), [source.problem((), "a scenario file is a list of scenarios")])
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for index, item in enumerate(source.data):
        try:
            scenarios.append(_read_one(item, source.line_of((index,))))
        except ValueError as error:  # also a time that cannot be
            problems.append(source.problem((index,), str(error)))
        except BadInput as error:
            problems += [source.problem((index, *fault.loc), fault.msg) for fault in error.problems]
    if problems:
        raise BadInput(str(path), problems)
    return scenarios


def differences(expect: Mapping[str, Any], found: Judgement) -> Iterator[Difference]:
    """What differs, among what is named in `expect`."""
    yield from _compare("dispatch", expect.get("dispatch", {}), found.dispatch)
    owed = {str(one.id): one for one in found.obligations}
    for name, fields in expect.get("obligations", {}).items():
        if name not in owed:
            yield Difference(f"obligations.{name}", "present", "absent")
        else:
            yield from _compare(f"obligations.{name}", fields or {}, owed[name])
    for name in expect.get("no_obligations", ()):
        if name in owed:
            yield Difference(f"obligations.{name}", "absent", owed[name])
    for wanted in expect.get("alerts", ()):
        if not any(_is_alert(wanted, alert) for alert in found.alerts):
            yield Difference("alerts", wanted, list(found.alerts))
    for kind in expect.get("no_alerts", ()):
        if any(alert.kind == kind for alert in found.alerts):
            yield Difference(f"alerts.{kind}", "absent", "present")
    for name in NOT_JUDGED:
        if name in expect:
            yield Difference(name, expect[name], "not judged yet")


def _read_one(item: Any, line: int) -> Scenario:
    if not isinstance(item, Mapping):
        raise ValueError(f"a scenario is a mapping, not {item!r}")
    _refuse_unknown(item, _KEYS, "")
    for key in ("name", "policy", "expect"):
        if key not in item:
            raise ValueError(f"{key} is missing")
    for key, shape in _SHAPES.items():
        if not isinstance(item.get(key) or shape(), shape):
            raise BadInput("scenario", [Problem((key,), f"must be a {_SHAPE_WORDS[shape]}, not {item[key]!r}")])
    expect = item["expect"] or {}
    check_expected(expect)
    order = dict(item.get("order") or {})
    _refuse_unknown(order, _ORDER_KEYS, "order.")
    received = None if order.get("received_at") is None else parse_time(order["received_at"])
    events = parse_events(item.get("events") or [])
    derived: dict[str, FactValue] = check_facts(
        {name: order[name] for name in _STATED_BY_ORDER if order.get(name) is not None}, loc=("order",)
    )
    if order.get("units") is not None:
        derived.update(check_facts({"candidate_units": order["units"]}, loc=("order",)))
    case = Case(received, derived, events, check_facts(item.get("facts") or {}))
    as_of = item.get("as_of")
    times = [event.at for event in events] + ([received] if received else [])
    if as_of is None and not times:
        raise ValueError("as_of is missing, and there is no received_at and no event to take it from")
    at = max(times) if as_of is None else parse_time(as_of)
    category = None if order.get("category") is None else str(order["category"])
    return Scenario(str(item["name"]), str(item["policy"]), case, category, at, expect, line)


def _with_units(scenario: Scenario, pack: Pack) -> Case:
    """Where only a category is stated, its candidates are the units with the duty for it."""
    duty = pack.duties.get(scenario.category or "")
    if duty is None or "candidate_units" in scenario.case.derived:
        return scenario.case
    case = scenario.case
    return Case(case.received_at, {**case.derived, "candidate_units": duty.lead}, case.events, case.stated)


def _refuse_unknown(mapping: Mapping[str, Any], known: set[str], prefix: str) -> None:
    unknown = sorted(str(key) for key in mapping if key not in known)
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; known are {', '.join(sorted(known))}")


def _compare(what: str, expected: Mapping[str, Any], found: object) -> Iterator[Difference]:
    for name, value in expected.items():
        if not hasattr(found, name):
            yield Difference(f"{what}.{name}", value, "no such field")
            continue
        actual = getattr(found, name)
        wanted = parse_time(value) if name == "due_at" and value is not None else value
        if actual != wanted:
            yield Difference(f"{what}.{name}", wanted, actual)


def _is_alert(wanted: Mapping[str, Any], alert: Alert) -> bool:
    for name, value in wanted.items():
        actual = getattr(alert, name, None)
        if (set(value) != set(actual or ())) if name == "notify" else (value != actual):
            return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Obligation):
        return f"{value.id} ({value.state})"
    if isinstance(value, Alert):
        return f"{value.kind} {value.clause}"
    if isinstance(value, list):
        return ", ".join(str(_plain(part)) for part in value) or "none"
    return value
