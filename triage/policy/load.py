"""From a pack file to a pack: read, check, adopt, compile; every fault at once, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from triage.domain.clauses import Clause, policy_of
from triage.domain.errors import BadInput, PackFault, Problem, UnknownPolicy
from triage.policy.lint import clocks_name_parameters, lint
from triage.policy.pack import Pack
from triage.policy.schema import PackFile, Parameter
from triage.policy.yamlfile import Loc, YamlFile, read_yaml

BUILT_IN = Path(__file__).parent / "packs"


class PackShelf:
    """The packs at hand: those that ship and those of further folders, each loaded when first asked for.

    `categories` are the taxonomy's ids; `given` are parameters a town states, by pack and name.
    """

    def __init__(
        self,
        categories: AbstractSet[str],
        folders: tuple[Path, ...] = (),
        given: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        self._categories = categories
        self._given = given
        self._paths = {path.stem: path for folder in (BUILT_IN, *folders) for path in sorted(folder.glob("*.yaml"))}
        strangers = sorted(set(given) - set(self._paths))
        if strangers:
            known = ", ".join(self.ids())
            raise PackFault("parameters", [Problem((name,), f"no such pack; known are {known}") for name in strangers])
        self._files: dict[str, PackFile] = {}
        self._packs: dict[str, Pack] = {}

    def ids(self) -> list[str]:
        """Ids of all packs, sorted."""
        return sorted(self._paths)

    def get_or_raise(self, policy: str) -> Pack:
        """The pack of a policy; UnknownPolicy names the known ones, PackFault every fault."""
        if policy not in self._packs:
            if policy not in self._paths:
                raise UnknownPolicy(policy, self.ids())
            self._packs[policy] = self._build(policy)
        return self._packs[policy]

    def find_or_raise(self, name: str) -> Pack:
        """A pack by its id, or by the path of its file, whether or not that stands in a known folder."""
        path = Path(name)
        if name in self._paths or path.suffix not in (".yaml", ".yml"):
            return self.get_or_raise(name)
        if not path.is_file():
            raise BadInput(name, [Problem((), "no such file")])
        shelf = copy(self)
        shelf._paths, shelf._files, shelf._packs = {**self._paths, path.stem: path}, {}, {}
        return shelf.get_or_raise(path.stem)

    def _build(self, policy: str) -> Pack:
        file = self._file(policy)
        self._check_adopted(policy, file)
        adopted = [(clause, self._file(policy_of(clause))) for clause in file.adopts]
        clauses = dict(_clauses(file))
        for clause_id, origin in adopted:
            clauses[clause_id] = dict(_clauses(origin))[clause_id]
        # What is adopted is a higher authority's and stands before the pack's own rules.
        dispatch = [rule for clause, origin in adopted for rule in origin.dispatch if rule.clause == clause]
        clocks = [clock for clause, origin in adopted for clock in origin.clocks if clock.clause == clause]
        return Pack(
            id=file.id,
            name=file.name,
            version=file.version,
            valid_from=file.valid_from,
            kind=file.kind,
            source=file.source,
            office_hours=file.office_hours,
            parameters=self._parameters(file),
            leaders={leader.id: leader for leader in file.leaders},
            units={unit.id: unit for unit in file.units},
            duties=file.duties,
            territory=file.territory,
            words=file.words,
            clauses=clauses,
            dispatch=(*dispatch, *file.dispatch),
            clocks=(*clocks, *file.clocks),
        )

    def _file(self, policy: str) -> PackFile:
        if policy not in self._files:
            self._files[policy] = _read_pack(self._paths[policy], self._categories)
        return self._files[policy]

    def _check_adopted(self, policy: str, file: PackFile) -> None:
        faults = [(index, self._adoption_fault(policy, clause)) for index, clause in enumerate(file.adopts)]
        told = [(index, fault) for index, fault in faults if fault]
        if told:
            source = read_yaml(self._paths[policy])  # once more, but only to say on which line
            problems = [source.problem(("adopts", index), fault) for index, fault in told]
            raise PackFault(str(self._paths[policy]), problems)

    def _adoption_fault(self, policy: str, clause: str) -> str | None:
        origin = policy_of(clause)
        if origin == policy:
            return f"{clause} is this pack's own clause and cannot be adopted"
        if origin not in self._paths:
            return f"{clause} cannot be adopted: no pack {origin!r}"
        if clause.split(":", 1)[1] not in self._file(origin).clauses:
            return f"{clause} cannot be adopted: {origin} has no such clause of its own"
        return None

    def _parameters(self, file: PackFile) -> dict[str, Parameter]:
        parameters = dict(file.parameters)
        for name, value in self._given.get(file.id, {}).items():
            if name not in parameters:
                known = ", ".join(parameters) or "none"
                raise PackFault("parameters", [Problem((file.id, name), f"no such parameter; known are {known}")])
            parameters[name] = parameters[name].model_copy(update={"value": value})
        given = file.model_copy(update={"parameters": parameters})
        faults = [Problem((file.id, str(loc[1])), msg) for loc, msg in clocks_name_parameters(given)]
        if faults:
            raise PackFault("parameters", faults)
        return parameters


def _read_pack(path: Path, categories: AbstractSet[str]) -> PackFile:
    source = read_yaml(path)
    try:
        file = PackFile.model_validate(source.data)
    except ValidationError as error:
        raise PackFault(str(path), list(_shape_faults(error, source))) from None
    faults = [source.problem(loc, msg) for loc, msg in lint(file, categories)]
    if file.id != path.stem:
        faults.append(source.problem(("id",), f"{file.id!r} must be the file's name, {path.stem!r}"))
    if faults:
        raise PackFault(str(path), faults)
    return file


def _shape_faults(error: ValidationError, source: YamlFile) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        loc: Loc = tuple(part for part in fault["loc"])
        yield source.problem(loc, fault["msg"].removeprefix("Value error, "))


def _clauses(file: PackFile) -> Iterator[tuple[str, Clause]]:
    for part, clause in file.clauses.items():
        clause_id = f"{file.id}:{part}"
        yield clause_id, Clause(clause_id, clause.kind, clause.text)
