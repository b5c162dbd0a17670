"""The models at hand: the one that answers unless another is promoted, and those in a folder of a town's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.classify.store import MANIFEST, digest, manifest_bytes, read_manifest
from triage.domain.errors import BadInput, ModelFault, NotFound, Problem

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class ShelvedModel:
    """A model that is there, not loaded: where it lies, its manifest, and the SHA-256 of it by which it is known."""

    folder: Path
    digest: str
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.manifest["name"])

    @property
    def version(self) -> str:
        """Which of its name it is."""
        return str(self.manifest["version"])


class ModelShelf:
    """Finds models by name and version in a folder of folders named `NAME-VERSION`; `unpromoted` is the folder of the
    model that answers where nothing is promoted."""

    def __init__(self, folder: Path, unpromoted: Path) -> None:
        self._folder = folder
        self._unpromoted = unpromoted

    def folder_of(self, name: str, version: str) -> Path:
        """Where a model of this name and version belongs; BadInput where that could lead anywhere else."""
        problems = [
            Problem((what,), f"{value[:80]!r} is not made of letters, digits, '_', '.' and '-'")
            for what, value in (("name", name), ("version", version))
            if not _PLAIN.fullmatch(value)
        ]
        if problems:
            raise BadInput("model", problems)
        return self._folder / f"{name}-{version}"

    def unpromoted(self) -> ShelvedModel:
        """The model that answers where nothing is promoted."""
        return _shelved(self._unpromoted)

    def get_or_raise(self, name: str, version: str | None = None) -> ShelvedModel:
        """The model of this name and version, or the only one of the name; NotFound names those that are there."""
        known = list(self)
        found = [one for one in known if one.name == name and version in (None, one.version)]
        if len(found) != 1:
            names = ", ".join(f"{one.name} {one.version}" for one in known)
            asked = repr(name[:80]) if version is None else f"{name[:80]!r} {version[:80]!r}"
            fault = f"no model {asked} is at hand" if not found else f"there are several {asked}; say which version"
            raise NotFound("model", [Problem(("version",), f"{fault}; known are {names}")])
        return found[0]

    def __iter__(self) -> Iterator[ShelvedModel]:
        """All models at hand, the one that needs no promotion first.

        What has no manifest, or one that names another model than its folder does, is none.
        """
        yield self.unpromoted()
        for path in sorted(self._folder.glob(f"*/{MANIFEST}")):
            try:
                found = _shelved(path.parent)
            except ModelFault:
                continue
            if path.parent.name == f"{found.name}-{found.version}" and _PLAIN.fullmatch(found.name):
                yield found


def _shelved(folder: Path) -> ShelvedModel:
    known = digest(manifest_bytes(folder))
    return ShelvedModel(folder, known, read_manifest(folder, known))
