"""What a pack's scoring must agree on with the rest of the pack: clauses, parameters, points, ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from triage.domain.clauses import ClauseKind
from triage.policy.pack.pack import Pack
from triage.policy.pack.schema import PackFile
from triage.policy.pack.yamlfile import Loc
from triage.policy.scoring.schema import RatePart, Scoring, TallyPart

Fault = tuple[Loc, str]


def scoring_is_sound(pack: PackFile) -> Iterator[Fault]:
    """Every fault of the section that its shape alone cannot show."""
    scoring = pack.scoring or Scoring()
    for loc, line in _lines(scoring):
        if line.clause not in {f"{pack.id}:{part}" for part in pack.clauses} | set(pack.adopts):
            yield (*loc, "clause"), f"clause {line.clause!r} is neither stated under clauses nor adopted"
    cited = {line.clause for _, line in _lines(scoring)}
    for name, clause in pack.clauses.items():
        if ClauseKind.COMPUTED in clause.kind and f"{pack.id}:{name}" not in cited:
            yield ("clauses", name), "is stated as computed, but nothing under scoring cites it"
    for loc, name, _ in _parameters(scoring):
        if name not in pack.parameters:
            yield loc, f"no parameter {name!r} in this pack"
    for check in (_points_add_up, _ids_are_unique, _excuses_are_known):
        yield from check(scoring)


def scoring_parameters_fit(pack: Pack) -> Iterator[Fault]:
    """Parameters of the scoring, as the town gave them, are such that scores can be worked out."""
    for _, name, wrong in _parameters(pack.scoring or Scoring()):
        value = pack.parameters[name].value
        if value is not None and (wanted := wrong(value)) is not None:
            yield ("parameters", name, "value"), f"must be {wanted}, or null, not {value!r}"


def _lines(scoring: Scoring) -> Iterator[tuple[Loc, Any]]:
    """Whatever cites a clause."""
    for section in ("parts", "targets"):
        for index, line in enumerate(getattr(scoring, section)):
            yield ("scoring", section, index), line
    if scoring.ranking is not None:
        yield ("scoring", "ranking"), scoring.ranking


def _points_add_up(scoring: Scoring) -> Iterator[Fault]:
    total = sum(part.points or 0 for part in scoring.parts)
    if scoring.full is not None and total != scoring.full:
        yield ("scoring", "full"), f"the points of the parts add up to {total}, not {scoring.full}"


def _ids_are_unique(scoring: Scoring) -> Iterator[Fault]:
    named = [(("scoring", "parts", index, "id"), part.id) for index, part in enumerate(scoring.parts)]
    named += [(("scoring", "targets", index, "id"), target.id) for index, target in enumerate(scoring.targets)]
    yield from _twice(named)
    entered = [(("scoring", "excuses", index, "id"), excuse.id) for index, excuse in enumerate(scoring.excuses)]
    for index, part in enumerate(scoring.parts):
        if isinstance(part, TallyPart):
            entered += [(("scoring", "parts", index, "items"), item.id) for item in part.items]
    yield from _twice(entered)


def _twice(named: list[Any]) -> Iterator[Fault]:
    ids = [name for _, name in named]
    for index, (loc, name) in enumerate(named):
        if name in ids[:index]:
            yield loc, f"{name!r} is used twice"


def _excuses_are_known(scoring: Scoring) -> Iterator[Fault]:
    known = {excuse.id for excuse in scoring.excuses}
    for index, part in enumerate(scoring.parts):
        for name in part.excused_by if isinstance(part, TallyPart) else ():
            if name not in known:
                yield (
                    ("scoring", "parts", index, "excused_by"),
                    f"no excuse {name!r}; known are {', '.join(sorted(known))}",
                )


def _parameters(scoring: Scoring) -> Iterator[tuple[Loc, str, Callable[[object], str | None]]]:
    """Every parameter named, where, and what is wrong with a value of it."""
    for loc, line in _lines(scoring):
        if isinstance(line, RatePart) and line.of_parameter is not None:
            yield (*loc, "of_parameter"), line.of_parameter, lambda value, part=line: _choice(value, part)  # type: ignore[misc]
        inner = [line, getattr(line, "of", None), *getattr(line, "items", ()), *getattr(line, "deductions", ())]
        inner += [one.of for one in getattr(line, "deductions", ())] + list(getattr(line, "choices", {}).values())
        for one in inner:
            for key in ("points_parameter", "at_least_parameter", "adds_parameter", "takes_parameter", "parameter"):
                if (name := getattr(one, key, None)) is not None:
                    yield loc, name, _number


def _choice(value: object, part: RatePart) -> str | None:
    return None if value in part.choices else " or ".join(part.choices)


def _number(value: object) -> str | None:
    fine = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 10_000
    return None if fine else "a number above 0"
