"""What a pack's parts must agree on: one small check a function, every fault reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from triage.policy.schema import PackFile
from triage.policy.workdays import MOST_DAYS
from triage.policy.yamlfile import Loc

Fault = tuple[Loc, str]


def unique_ids(pack: PackFile) -> Iterator[Fault]:
    for part, ids in (("units", [unit.id for unit in pack.units]), ("leaders", [leader.id for leader in pack.leaders])):
        for index, name in enumerate(ids):
            if name in ids[:index]:
                yield (part, index, "id"), f"{name!r} is used twice"


def units_have_leaders(pack: PackFile) -> Iterator[Fault]:
    leaders = {leader.id for leader in pack.leaders}
    for index, unit in enumerate(pack.units):
        if unit.leader not in leaders:
            yield ("units", index, "leader"), f"no leader {unit.leader!r}; known are {', '.join(sorted(leaders))}"


def duties_name_units(pack: PackFile) -> Iterator[Fault]:
    units = {unit.id for unit in pack.units}
    for category, duty in pack.duties.items():
        for part, names in (("lead", duty.lead), ("assist", duty.assist)):
            for name in names:
                if name not in units:
                    yield ("duties", category, part), f"no unit {name!r} in this pack"
        for name in set(duty.lead) & set(duty.assist):
            yield ("duties", category, "assist"), f"{name!r} already leads here"


def one_centre_leader(pack: PackFile) -> Iterator[Fault]:
    count = sum(leader.role == "centre_leader" for leader in pack.leaders)
    if count != 1:
        yield ("leaders",), f"exactly one leader has the role centre_leader, not {count}"


def rules_cite_clauses(pack: PackFile) -> Iterator[Fault]:
    known = {f"{pack.id}:{part}" for part in pack.clauses} | set(pack.adopts)
    cited = {"dispatch": [rule.clause for rule in pack.dispatch], "clocks": [clock.clause for clock in pack.clocks]}
    for part, clauses in cited.items():
        for index, clause in enumerate(clauses):
            if clause not in known:
                yield (part, index, "clause"), f"clause {clause!r} is neither stated under clauses nor adopted"


def clocks_name_parameters(pack: PackFile) -> Iterator[Fault]:
    for index, clock in enumerate(pack.clocks):
        for limit in clock.within:
            name = limit.workdays_parameter
            if name is None:
                continue
            if name not in pack.parameters:
                yield ("clocks", index, "within"), f"no parameter {name!r} in this pack"
            elif not _is_workdays(value := pack.parameters[name].value):
                yield ("parameters", name, "value"), f"must be 1 to {MOST_DAYS} working days, or null, not {value!r}"


def _is_workdays(value: int | float | str | None) -> bool:
    return value is None or (type(value) is int and 1 <= value <= MOST_DAYS)


def clocks_follow_clocks_before(pack: PackFile) -> Iterator[Fault]:
    seen = set()
    for index, clock in enumerate(pack.clocks):
        for limit in clock.within:
            if limit.workday_before is not None and limit.workday_before not in seen:
                yield ("clocks", index, "within"), f"workday_before {limit.workday_before} must stand after that clock"
        seen.add(clock.id)


def some_rule_always_decides(pack: PackFile) -> Iterator[Fault]:
    if not pack.dispatch or pack.dispatch[-1].when.source != "true":
        yield ("dispatch",), "the last rule must have no when, so that every order has someone who decides"


CHECKS: tuple[Callable[[PackFile], Iterator[Fault]], ...] = (
    unique_ids,
    units_have_leaders,
    duties_name_units,
    one_centre_leader,
    rules_cite_clauses,
    clocks_name_parameters,
    clocks_follow_clocks_before,
    some_rule_always_decides,
)


def lint(pack: PackFile, categories: AbstractSet[str]) -> Iterator[Fault]:
    """Every fault of a pack that its schema alone cannot see."""
    for check in CHECKS:
        yield from check(pack)
    for category in pack.duties:
        if category not in categories:
            yield ("duties", category), f"no category {category!r} in the taxonomy"
