"""How far a run is, and what it is bound to: `progress.json`, rewritten whole after each part."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.domain.errors import BadInput, Problem

PROGRESS = "progress.json"
_FORMAT = 1


def put_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, so that it is on disk when this returns; BadInput where it cannot be."""
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise BadInput(str(path), [Problem((), f"cannot be written: {error.strerror}")]) from None
    finally:
        beside.unlink(missing_ok=True)


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(value: Any) -> bytes:
    """A value as it stands in files that people read."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


@dataclass
class Journal:
    """The folder of a run. `bound` is what its rows and answers depend on; `parts` says of each whole part how many
    items it took in and the SHA-256 of its predictions; `seconds` is the time it took, stops left out."""

    folder: Path
    bound: Mapping[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    finished: bool = False

    def keep(self) -> None:
        """Write it down."""
        told = {"format": _FORMAT, **{name: getattr(self, name) for name in ("finished", "seconds", "parts", "bound")}}
        put_whole(self.folder / PROGRESS, as_json(told))

    @property
    def items(self) -> int:
        """How many items the whole parts took in."""
        return sum(part["items"] for part in self.parts)


def open_journal(folder: Path, bound: Mapping[str, Any]) -> Journal:
    """The journal of a new folder, or of a run that is gone on with; BadInput names every way in which that one was
    another run."""
    told = read_progress(folder)
    if told is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(str(folder), [Problem((), f"cannot be written: {error.strerror}")]) from None
        journal = Journal(folder, bound)
        journal.keep()
        return journal
    changed = _changes(told["bound"], bound)
    problems = [Problem((name,), f"is not that of the run in this folder: {what}") for name, what in changed]
    if problems:
        raise BadInput(f"{folder}: name another folder, or give what was given before", problems)
    return Journal(folder, bound, told["parts"], told["seconds"], told["finished"])


def read_progress(folder: Path) -> dict[str, Any] | None:
    """What is noted in a folder, None where it is new or empty; BadInput where it holds something else."""
    if not folder.exists():
        return None
    path = folder / PROGRESS
    if not folder.is_dir() or (not path.exists() and any(not one.name.startswith(".") for one in folder.iterdir())):
        raise BadInput(str(folder), [Problem((), "holds other files; name a new folder")])
    try:
        told = json.loads(path.read_bytes())
        if told["format"] != _FORMAT or not isinstance(told["parts"], list):
            raise ValueError("another format")
        return {name: told[name] for name in ("bound", "parts", "seconds", "finished")}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(str(path), [Problem((), "is damaged or of another version; name a new folder")]) from None


def _changes(before: Mapping[str, Any], bound: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a run is bound to now and was not, with what differs."""
    now: Mapping[str, Any] = json.loads(json.dumps(bound))
    for name in sorted({*now, *before}):
        one, other = before.get(name), now.get(name)
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            yield name, ", ".join(_differing(one, other))
        else:
            yield name, f"it was {one!r}, now {other!r}"


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The names under which two mappings differ, files one by one."""
    for name in sorted({*before, *now}):
        one, other = before.get(name), now.get(name)
        if one != other and isinstance(one, dict) and isinstance(other, dict):
            yield from (f"{inner} differs" for inner in _differing(one, other))
        elif one != other:
            yield name
