"""From a pack file to a pack: read, check, adopt, compile; every fault at once, with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from triage.domain.clauses import policy_of
from triage.domain.errors import BadInput, PackFault, Problem, UnknownPolicy
from triage.policy.assemble import assemble
from triage.policy.lint import lint, parameters_fit
from triage.policy.pack import Pack
from triage.policy.schema import PackFile, Parameter
from triage.policy.scoring.lint import scoring_parameters_fit
from triage.policy.yamlfile import Loc, YamlFile, read_yaml

BUILT_IN = Path(__file__).parent / "packs"


class PackShelf:
    """The packs at hand: those that ship and those of further folders, each loaded when first asked for.

    A file is named after its pack: `my-town.yaml`, and `my-town@2027.yaml` for a further version of it.
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
        self._paths: dict[str, dict[str, Path]] = {}
        for folder in (BUILT_IN, *folders):
            for path in sorted(folder.glob("*.yaml")):
                self._paths.setdefault(_policy(path), {})[path.name] = path
        strangers = sorted(set(given) - set(self._paths))
        if strangers:
            known = ", ".join(self.ids())
            raise PackFault("parameters", [Problem((name,), f"no such pack; known are {known}") for name in strangers])
        self._files: dict[Path, PackFile] = {}
        self._versions: dict[str, tuple[Pack, ...]] = {}

    def ids(self) -> list[str]:
        """Ids of all packs, sorted."""
        return sorted(self._paths)

    def get_or_raise(self, policy: str, at: datetime | None = None) -> Pack:
        """The version in force when an order came in, or the newest; UnknownPolicy names the known packs, PackFault
        every fault. An order older than all versions is judged by the first of them."""
        versions = self.versions(policy)
        in_force = [pack for pack in versions if at is None or _since(pack) <= at.date()]
        return in_force[-1] if in_force else versions[0]

    def versions(self, policy: str) -> tuple[Pack, ...]:
        """Every version of a pack, the oldest first."""
        if policy not in self._versions:
            if policy not in self._paths:
                raise UnknownPolicy(policy, self.ids())
            packs = sorted((self._build(path) for path in self._paths[policy].values()), key=_since)
            _check_versions(packs)
            self._versions[policy] = tuple(packs)
        return self._versions[policy]

    def find_or_raise(self, name: str) -> Pack:
        """A pack by its id, or by the path of its file, whether or not that stands in a known folder."""
        path = Path(name)
        if name in self._paths or path.suffix not in (".yaml", ".yml"):
            return self.get_or_raise(name)
        if not path.is_file():
            raise BadInput(name, [Problem((), "no such file")])
        shelf = copy(self)
        shelf._paths = {**self._paths, _policy(path): {path.name: path}}
        shelf._files, shelf._versions = {}, {}
        return shelf.get_or_raise(_policy(path))

    def _build(self, path: Path) -> Pack:
        file = self._file(path)
        self._check_adopted(path, file)
        origins = {policy: self._newest(policy) for policy in map(policy_of, file.adopts)}
        pack = assemble(file, origins, self._parameters(file))
        # The file itself is checked; what can still be wrong is a parameter given from outside, or one that an
        # adopted rule asks for.
        unfit = (*parameters_fit(pack), *scoring_parameters_fit(pack))
        faults = [Problem((file.id, str(loc[1])), msg) for loc, msg in unfit]
        if faults:
            raise PackFault("parameters", faults)
        return pack

    def _file(self, path: Path) -> PackFile:
        if path not in self._files:
            self._files[path] = _read_pack(path, self._categories)
        return self._files[path]

    def _newest(self, policy: str) -> PackFile:
        files = [self._file(path) for path in self._paths[policy].values()]
        return max(files, key=lambda file: file.valid_from or date.min)

    def _check_adopted(self, path: Path, file: PackFile) -> None:
        faults = [(index, self._adoption_fault(file.id, clause)) for index, clause in enumerate(file.adopts)]
        told = [(index, fault) for index, fault in faults if fault]
        if told:
            source = read_yaml(path)  # once more, but only to say on which line
            problems = [source.problem(("adopts", index), fault) for index, fault in told]
            raise PackFault(str(path), problems)

    def _adoption_fault(self, policy: str, clause: str) -> str | None:
        origin = policy_of(clause)
        if origin == policy:
            return f"{clause} is this pack's own clause and cannot be adopted"
        if origin not in self._paths:
            return f"{clause} cannot be adopted: no pack {origin!r}"
        if clause.split(":", 1)[1] not in self._newest(origin).clauses:
            return f"{clause} cannot be adopted: {origin} has no such clause of its own"
        circle = self._circle(policy, origin)
        if circle:
            return f"{clause} cannot be adopted: {' adopts from '.join(circle)}, a circle; drop one of these"
        return None

    def _circle(self, policy: str, origin: str, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The way from a pack over `origin` back to itself, if there is one."""
        way = (*seen, origin)
        for further in sorted({policy_of(clause) for clause in self._newest(origin).adopts} & set(self._paths)):
            if further == policy:
                return (policy, *way, policy)
            if further not in way and (found := self._circle(policy, further, way)):
                return found
        return ()

    def _parameters(self, file: PackFile) -> dict[str, Parameter]:
        parameters = dict(file.parameters)
        for name, value in self._given.get(file.id, {}).items():
            if name not in parameters:
                known = ", ".join(parameters) or "none"
                raise PackFault("parameters", [Problem((file.id, name), f"no such parameter; known are {known}")])
            parameters[name] = parameters[name].model_copy(update={"value": value})
        return parameters


def _policy(path: Path) -> str:
    return path.stem.split("@", 1)[0]


def _since(pack: Pack) -> date:
    return pack.valid_from or date.min


def _check_versions(packs: list[Pack]) -> None:
    for earlier, later in pairwise(packs):
        if _since(earlier) == _since(later) or earlier.version == later.version:
            msg = f"versions {earlier.version!r} and {later.version!r} must differ in version and in valid_from"
            raise PackFault("versions", [Problem((later.id,), msg)])


def _read_pack(path: Path, categories: AbstractSet[str]) -> PackFile:
    source = read_yaml(path)
    try:
        file = PackFile.model_validate(source.data)
    except ValidationError as error:
        raise PackFault(str(path), list(_shape_faults(error, source))) from None
    faults = [source.problem(loc, msg) for loc, msg in lint(file, categories)]
    if file.id != _policy(path):
        faults.append(source.problem(("id",), f"{file.id!r} must be the file's name, {_policy(path)!r}"))
    if faults:
        raise PackFault(str(path), faults)
    return file


def _shape_faults(error: ValidationError, source: YamlFile) -> Iterator[Problem]:
    faults: list[tuple[Loc, str]] = [(tuple(fault["loc"]), fault["msg"]) for fault in error.errors(include_url=False)]
    for loc, msg in sorted(faults, key=lambda fault: source.line_of(fault[0])):
        yield source.problem(loc, msg.removeprefix("Value error, "))
