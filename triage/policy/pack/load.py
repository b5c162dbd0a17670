"""From a pack file to a pack: read, check, adopt, compile; every fault at once, with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from triage.domain.clauses import policy_of
from triage.domain.errors import BadInput, PackFault, Problem, UnknownPolicy
from triage.policy.pack.assemble import assemble
from triage.policy.pack.faults import shape_faults
from triage.policy.pack.lint import lint, lint_whole, rules_of
from triage.policy.pack.pack import Pack
from triage.policy.pack.rules import SECTIONS
from triage.policy.pack.schema import PackFile, Parameter
from triage.policy.pack.yamlfile import Loc, read_yaml
from triage.policy.scoring.lint import scoring_parameters_fit

BUILT_IN = Path(__file__).parents[1] / "packs"


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
        self._others: tuple[Path, ...] = ()

    def ids(self) -> list[str]:
        """Ids of all packs, sorted."""
        return sorted(self._paths)

    def get_or_raise(self, policy: str, at: datetime | None = None) -> Pack:
        """The version in force when an order came in, or the newest; UnknownPolicy names the known packs, PackFault
        every fault. An order older than all versions is judged by the first of them."""
        versions = self.versions(policy)
        in_force = [pack for pack in versions if at is None or (pack.valid_from or date.min) <= at.date()]
        return in_force[-1] if in_force else versions[0]

    def versions(self, policy: str) -> tuple[Pack, ...]:
        """Every version of a pack, the oldest first."""
        if policy not in self._versions:
            if policy not in self._paths:
                raise UnknownPolicy(policy, self.ids())
            built = sorted(((path, self._build(path)) for path in self._paths[policy].values()), key=_since)
            _check_versions(built)
            self._versions[policy] = tuple(pack for _, pack in built)
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
        shelf._others = tuple(self._paths.get(_policy(path), {}).values())
        shelf._files, shelf._versions = {}, {}
        return shelf.get_or_raise(_policy(path))

    def _build(self, path: Path) -> Pack:
        file = self._file(path)
        self._check_adopted(path, file)
        origins = {policy: self._newest(policy) for policy in map(policy_of, file.adopts)}
        pack = assemble(file, origins, self._parameters(file))
        # The file itself is checked; what can still be wrong comes in from outside: parameters given, rules adopted,
        # rules overridden.
        faults = dict.fromkeys((*lint_whole(pack), *scoring_parameters_fit(pack)))
        if faults:
            source, given = read_yaml(path), self._given.get(file.id, {})
            problems = [
                Problem((file.id, str(loc[1])), msg)
                if loc[0] == "parameters" and loc[1] in given
                else source.problem(_place(file, pack, loc), msg)
                for loc, msg in faults
            ]
            raise PackFault(str(path), problems)
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
        """The file's, with what is given; a name that another version has may be given too."""
        given = self._given.get(file.id, {})
        parameters = dict(file.parameters)
        strangers = [name for name in given if name not in parameters]
        if strangers:
            others = [self._file(path) for path in (*self._paths[file.id].values(), *self._others)]
            known = dict.fromkeys(name for one in others for name in one.parameters)
            faults = [Problem((file.id, name), _no_parameter(known)) for name in strangers if name not in known]
            if faults:
                raise PackFault("parameters", faults)
        parameters.update(
            {
                name: parameters[name].model_copy(update={"value": value})
                for name, value in given.items()
                if name in parameters
            }
        )
        return parameters


def _policy(path: Path) -> str:
    return path.stem.split("@", 1)[0]


def _no_parameter(known: Mapping[str, None]) -> str:
    return f"no such parameter; known are {', '.join(known) or 'none'}"


def _since(built: tuple[Path, Pack]) -> date:
    return built[1].valid_from or date.min


def _check_versions(built: list[tuple[Path, Pack]]) -> None:
    faults = [
        read_yaml(path).problem((key,), f"is that of {other.name} too; each version of a pack needs its own {key}")
        for (other, earlier), (path, later) in combinations(built, 2)
        for key in ("version", "valid_from")
        if getattr(earlier, key) == getattr(later, key)
    ]
    if faults:
        raise PackFault("versions", faults)


def _place(file: PackFile, pack: Pack, loc: Loc) -> Loc:
    """Where in its file a part of the assembled pack stands: among the pack's own, under an override, or adopted."""
    section = str(loc[0])
    if section not in SECTIONS:
        return loc
    if len(loc) < 2:  # only an override can have taken the pack's own last line away
        places = [index for index, override in enumerate(file.overrides) if section in override.model_fields_set]
        return ("overrides", places[0], section) if places else loc
    rule = getattr(pack, section)[loc[1]]
    own = next((place for place, one in rules_of(file, section) if one is rule), None)
    return (*own, *loc[2:]) if own is not None else ("adopts", file.adopts.index(rule.clause), section, *loc[2:])


def _read_pack(path: Path, categories: AbstractSet[str]) -> PackFile:
    source = read_yaml(path)
    try:
        file = PackFile.model_validate(source.data)
    except ValidationError as error:
        raise PackFault(str(path), list(shape_faults(error, source))) from None
    faults = [source.problem(loc, msg) for loc, msg in lint(file, categories)]
    if file.id != _policy(path):
        faults.append(source.problem(("id",), f"{file.id!r} must be the file's name, {_policy(path)!r}"))
    if faults:
        raise PackFault(str(path), faults)
    return file
