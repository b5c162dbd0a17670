"""From pack files to a pack: what a higher authority rules instead is put in place, what is adopted is joined in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triage.domain.clauses import Clause, policy_of
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import SECTIONS
from triage.policy.pack.schema import Override, PackFile, Parameter


def assemble(file: PackFile, origins: Mapping[str, PackFile], parameters: Mapping[str, Parameter]) -> Pack:
    """A pack ready for use; `origins` are the files of the packs that it adopts clauses of, by id."""
    sections = {section: tuple(_rules(file, section, origins)) for section in SECTIONS}
    return Pack(
        id=file.id,
        name=file.name,
        version=file.version,
        valid_from=file.valid_from,
        kind=file.kind,
        source=file.source,
        office_hours=file.office_hours,
        parameters=parameters,
        leaders={leader.id: leader for leader in file.leaders},
        units={unit.id: unit for unit in file.units},
        duties=file.duties,
        territory=file.territory,
        words=file.words,
        clauses=_clauses(file, origins),
        overrides=file.overrides,
        scoring=file.scoring,
        bulletins=file.bulletins,
        **sections,
    )


def _rules(file: PackFile, section: str, origins: Mapping[str, PackFile]) -> Iterator[Any]:
    """A section's rules: adopted ones first, since they are a higher authority's, then the pack's own."""
    for clause in file.adopts:
        origin = origins[policy_of(clause)]
        yield from (rule for rule in getattr(origin, section) if rule.clause == clause)
    yield from _overridden(getattr(file, section), file.overrides, section)


def _overridden(own: tuple[Any, ...], overrides: tuple[Override, ...], section: str) -> tuple[Any, ...]:
    """An override that has the section, be it empty, replaces the rules of its clause where the first of them stood."""
    for override in overrides:
        if section not in override.model_fields_set:
            continue
        places = [index for index, rule in enumerate(own) if rule.clause == override.clause]
        at = places[0] if places else 0
        kept = [rule for rule in own if rule.clause != override.clause]
        own = (*kept[:at], *getattr(override, section), *kept[at:])
    return own


def _clauses(file: PackFile, origins: Mapping[str, PackFile]) -> dict[str, Clause]:
    clauses = dict(_stated(file))
    for clause_id in file.adopts:
        clauses[clause_id] = dict(_stated(origins[policy_of(clause_id)]))[clause_id]
    for override in file.overrides:
        said = clauses[override.clause]
        text = f"{override.text}（{override.source.title}；原文：{said.text}）"
        clauses[override.clause] = Clause(said.id, said.kinds, text, said.reason, said.through)
    return clauses


def _stated(file: PackFile) -> Iterator[tuple[str, Clause]]:
    for part, clause in file.clauses.items():
        clause_id = f"{file.id}:{part}"
        yield clause_id, Clause(clause_id, clause.kind, clause.text, clause.reason, clause.through)
