"""What a pack's parts must agree on: one small check a function, every fault reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Any

from triage.domain.clauses import ClauseKind
from triage.domain.errors import hint
from triage.domain.vocabulary import EventKind
from triage.policy.bulletins.lint import bulletin_parameters, bulletins_are_sound, seasons_name_categories
from triage.policy.calendar.workdays import MOST_DAYS, MOST_HOURS
from triage.policy.pack.implication import implies
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import SECTIONS
from triage.policy.pack.schema import PackFile
from triage.policy.pack.yamlfile import Loc
from triage.policy.scoring.lint import scoring_is_sound
from triage.policy.vocabulary import KNOWN_AFTER_CLOCKS

Fault = tuple[Loc, str]

HONOURED_BY: Mapping[str, frozenset[ClauseKind]] = {
    "dispatch": frozenset({ClauseKind.DECIDES}),
    "clocks": frozenset({ClauseKind.CLOCK}),
    "alerts": frozenset({ClauseKind.ALERT}),
    "escalations": frozenset({ClauseKind.ALERT}),
    "reminders": frozenset({ClauseKind.ALERT}),
    "refusals": frozenset({ClauseKind.REFUSAL}),
    "approvals": frozenset({ClauseKind.DECIDES, ClauseKind.REFUSAL}),
    "closing": frozenset({ClauseKind.REFUSAL}),
}
"""Which kinds of clause the rules of a section honour."""

RULED = frozenset(kind for kinds in HONOURED_BY.values() for kind in kinds)

REFUSABLE = frozenset(
    {
        EventKind.RETURN_REQUESTED,
        EventKind.RETURN_APPROVED,
        EventKind.RETURN_REJECTED,
        EventKind.EXTENSION_REQUESTED,
        EventKind.EXTENSION_GRANTED,
        EventKind.EXTENSION_REFUSED,
        EventKind.STORED,
        EventKind.CLOSED,
    }
)
"""Returns, extensions, closings and what is put on file can be refused; any other step just happened."""


def rules_of(pack: PackFile, *sections: str) -> Iterator[tuple[Loc, Any]]:
    """Every rule of these sections (or of all), the overrides' too, with its place."""
    for section in sections or SECTIONS:
        for index, rule in enumerate(getattr(pack, section)):
            yield (section, index), rule
        for place, override in enumerate(pack.overrides):
            for index, rule in enumerate(getattr(override, section)):
                yield ("overrides", place, section, index), rule


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
    for loc, rule in rules_of(pack):
        if rule.clause not in known:
            yield (
                (*loc, "clause"),
                f"clause {rule.clause!r} is neither stated under clauses nor adopted; do one of these",
            )
    for index, override in enumerate(pack.overrides):
        if override.clause not in known:
            yield (
                ("overrides", index, "clause"),
                f"no clause {override.clause!r} here to override; {hint(override.clause, sorted(known))}",
            )
    for part, clause in pack.clauses.items():
        if clause.through is not None and clause.through not in known - {f"{pack.id}:{part}"}:
            yield (
                ("clauses", part, "through"),
                f"no other clause {clause.through!r} here; {hint(clause.through, sorted(known))}",
            )


def overrides_rule_their_clause(pack: PackFile) -> Iterator[Fault]:
    for index, override in enumerate(pack.overrides):
        for section in SECTIONS:
            for place, rule in enumerate(getattr(override, section)):
                if rule.clause != override.clause:
                    loc = ("overrides", index, section, place, "clause")
                    yield loc, f"an override of {override.clause} cannot rule on {rule.clause}; that needs its own"


def clauses_are_honoured(pack: PackFile) -> Iterator[Fault]:
    """A clause says how it is honoured; some rule must do so, and no rule may do what its clause does not say."""
    cited: dict[str, set[ClauseKind]] = {}
    for loc, rule in rules_of(pack):
        kinds = HONOURED_BY[str(loc[-2])]
        cited.setdefault(rule.clause, set()).update(kinds)
        stated = pack.clauses.get(rule.clause.removeprefix(f"{pack.id}:"))
        if stated is not None and not kinds & set(stated.kind):
            yield (*loc, "clause"), f"{rule.clause} is not stated as {' or '.join(sorted(kinds))}; add that to its kind"
    for part, clause in pack.clauses.items():
        if clause.through is None:
            for kind in set(clause.kind) & RULED - cited.get(f"{pack.id}:{part}", set()):
                sections = [section for section, kinds in HONOURED_BY.items() if kind in kinds]
                msg = (
                    f"is stated as {kind}, but no rule under {' or '.join(sections)} cites it; add one, or take it away"
                )
                yield ("clauses", part), msg


def only_requests_are_refused(pack: PackFile) -> Iterator[Fault]:
    for loc, rule in rules_of(pack, "refusals"):
        if rule.event.kind not in REFUSABLE:
            allowed = ", ".join(sorted(REFUSABLE))
            yield (*loc, "event"), f"{rule.event.kind} cannot be refused, since life goes on; only {allowed} can"


def clocks_ask_what_is_known_before(pack: PackFile) -> Iterator[Fault]:
    for loc, clock in rules_of(pack, "clocks"):
        for condition in (clock.when, *(limit.when for limit in clock.within)):
            for name in set(condition.names) & set(KNOWN_AFTER_CLOCKS):
                yield (
                    (*loc, "when"),
                    f"{name} follows from the clocks: no clock can ask it; ask the events that lead to it",
                )


def some_rule_can_apply(pack: PackFile | Pack) -> Iterator[Fault]:
    """Of lines of which the first counts, none may be covered by one above it: they would contradict each other."""
    for section in ("dispatch", "clocks", "approvals"):
        lines = list(enumerate(getattr(pack, section)))
        for (_, first), (below, second) in combinations(lines, 2):
            if _same_question(section, first, second) and implies(second.when, first.when):
                comes_first = f"{first.clause} (when: {first.when.source}) comes first and always holds then"
                yield (section, below, "when"), f"can never apply: {comes_first}; move this above it, or drop one"


def _same_question(section: str, first: Any, second: Any) -> bool:
    """Clocks compete with those of their id, approvals with those of the same request, lines of dispatch with all."""
    if section == "clocks":
        return bool(first.id == second.id)
    return section == "dispatch" or bool(first.request == second.request)


def parameters_fit(pack: PackFile | Pack) -> Iterator[Fault]:
    """Parameters that rules name exist, and are numbers that can be counted with."""
    for loc, name, fault_of in _named(pack):
        if name not in pack.parameters:
            yield loc, f"no parameter {name!r} in this pack; state it, with value: null until the town gives it"
        elif (value := pack.parameters[name].value) is not None and (wanted := fault_of(value)) is not None:
            yield ("parameters", name, "value"), f"must be {wanted}, or null, not {value!r}"


def _named(pack: PackFile | Pack) -> Iterator[tuple[Loc, str, Callable[[object], str | None]]]:
    for index, clock in enumerate(pack.clocks):
        for limit in clock.within:
            if limit.workdays_parameter is not None:
                yield ("clocks", index, "within"), limit.workdays_parameter, _workdays
    for index, alert in enumerate(pack.alerts):
        if alert.at_least is not None:
            yield ("alerts", index, "at_least"), alert.at_least.parameter, _threshold
    for index, reminder in enumerate(pack.reminders):
        yield ("reminders", index, "parameter"), reminder.parameter, _lead
    for loc, name in bulletin_parameters(pack):
        yield loc, name, _threshold


def _workdays(value: object) -> str | None:
    return None if type(value) is int and 1 <= value <= MOST_DAYS else f"1 to {MOST_DAYS} working days"


def _threshold(value: object) -> str | None:
    return None if type(value) is int and value >= 1 else "a whole number from 1"


def _lead(value: object) -> str | None:
    fine = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST_HOURS
    return None if fine else f"0 to {MOST_HOURS} office hours"


def clocks_follow_clocks_before(pack: PackFile | Pack) -> Iterator[Fault]:
    seen = set()
    for index, clock in enumerate(pack.clocks):
        for limit in clock.within:
            if limit.workday_before is not None and limit.workday_before not in seen:
                yield ("clocks", index, "within"), f"workday_before {limit.workday_before} must stand after that clock"
        seen.add(clock.id)


def some_rule_always_decides(pack: PackFile | Pack) -> Iterator[Fault]:
    if not pack.dispatch or pack.dispatch[-1].when.source != "true":
        yield ("dispatch",), "the last rule must have no when, so that every order has someone who decides"


CHECKS: tuple[Callable[[PackFile], Iterator[Fault]], ...] = (
    unique_ids,
    units_have_leaders,
    duties_name_units,
    one_centre_leader,
    rules_cite_clauses,
    overrides_rule_their_clause,
    clauses_are_honoured,
    only_requests_are_refused,
    clocks_ask_what_is_known_before,
    some_rule_can_apply,
    parameters_fit,
    clocks_follow_clocks_before,
    some_rule_always_decides,
    scoring_is_sound,
    bulletins_are_sound,
)


WHOLE: tuple[Callable[[PackFile | Pack], Iterator[Fault]], ...] = (
    some_rule_can_apply,
    parameters_fit,
    clocks_follow_clocks_before,
    some_rule_always_decides,
)
"""What must still hold once adopted rules have come in and overridden ones have gone."""


def lint_whole(pack: Pack) -> Iterator[Fault]:
    """Every fault of a pack that only shows when it is put together."""
    for check in WHOLE:
        yield from check(pack)


def lint(pack: PackFile, categories: AbstractSet[str]) -> Iterator[Fault]:
    """Every fault of a pack that its schema alone cannot see."""
    for check in CHECKS:
        yield from check(pack)
    yield from seasons_name_categories(pack, categories)
    for category in pack.duties:
        if category not in categories:
            yield ("duties", category), f"no category {category!r} in the taxonomy"
