"""Model folders: `manifest.json` names every file with its SHA-256; nothing is loaded whose digest is not there.

joblib files run code when they are loaded, so the digest is checked on the very bytes that are loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import joblib

from triage.classify.examples import NONE, TEXTS, VECTORS, Examples
from triage.classify.model import Model
from triage.classify.second_opinion import ENCODER, SecondOpinion
from triage.domain.errors import ModelFault
from triage.domain.folders import write_folder
from triage.language.word_table import TOKENIZER, WEIGHTS, WordTable

FORMAT = 2
TABLE = "words"
"""The folder of the static word table inside a model's folder."""

MANIFEST = "manifest.json"

_FEATURES = "features.joblib"


def save_model(model: Model, folder: Path, extra: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Write a model folder whole or not at all.

    `extra` are further files by name (card, taxonomy, `words/…` for the table that the features were fitted with, and
    where examples may be shown those of `example_files`);
    `facts` go into the manifest (data digests, rows, dates).
    """
    folder = folder.resolve()
    refuse_other_files(folder)
    _refuse_names_outside(folder, [*extra, *model.heads])
    files = _all_files(model, folder, extra)
    manifest = {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "primary": model.primary,
        "promises": model.promises,
        "tasks": {task: _task_facts(head) for task, head in model.heads.items()},
        "files": {name: digest(content) for name, content in sorted(files.items())},
        **facts,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        write_folder(folder, {**files, MANIFEST: text.encode()})
    except OSError as error:
        raise ModelFault(f"model {folder} cannot be written: {error.strerror}") from None


def _all_files(model: Model, folder: Path, extra: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a model's folder holds beside its manifest, by name."""
    if model.features.table is not None and f"{TABLE}/{WEIGHTS}" not in extra:
        raise ModelFault(f"model {folder}: fitted with a word table, so {TABLE}/{WEIGHTS} must be saved with it")
    files = {_FEATURES: _dumped(model.features), **extra}
    if model.second is not None:
        files |= model.second.files()
    for task, head in model.heads.items():
        name = f"{task}.joblib"
        if name in files:
            raise ModelFault(f"model {folder}: a task cannot be called {task!r}, {name} is another file of the model")
        files[name] = _dumped(head)
    return files


def load_model(folder: Path, sealed: str | None = None) -> Model:
    """Load a model folder; ModelFault names what is missing or is not what the manifest says.

    With `sealed`, the SHA-256 of its manifest, that very model is loaded and no other.
    """
    manifest = read_manifest(folder, sealed)
    features = _loaded(folder, _FEATURES, manifest)
    if f"{TABLE}/{WEIGHTS}" in manifest["files"]:
        weights, tokenizer = (checked_bytes(folder, f"{TABLE}/{name}", manifest) for name in (WEIGHTS, TOKENIZER))
        features.table = WordTable.from_bytes(weights, tokenizer)
    return Model(
        name=manifest["name"],
        version=manifest["version"],
        features=features,
        heads={task: _loaded(folder, f"{task}.joblib", manifest) for task in manifest["tasks"]},
        primary=manifest["primary"],
        promises=manifest["promises"],
        examples=cache(partial(_examples, folder, manifest)),
        second=_second(folder, manifest),
    )


def table_files(folder: Path) -> dict[str, bytes]:
    """The files of a model's word table by their names in the manifest, to go into another model's folder."""
    manifest = read_manifest(folder)
    return {name: checked_bytes(folder, name, manifest) for name in manifest["files"] if name.startswith(f"{TABLE}/")}


def read_manifest(folder: Path, sealed: str | None = None) -> dict[str, Any]:
    """The manifest of a model folder of today's format; with `sealed` the one with this SHA-256."""
    manifest = _parsed_manifest(folder, sealed)
    if manifest["format"] != FORMAT:
        raise ModelFault(f"model {folder}: format {manifest['format']!r} is not {FORMAT}; train it again")
    return manifest


def manifest_bytes(folder: Path) -> bytes:
    """The bytes of a model folder's manifest: their SHA-256 names the model with everything in it."""
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise ModelFault(f"model {folder}: cannot read manifest.json: {error.strerror}") from None


def _parsed_manifest(folder: Path, sealed: str | None = None) -> dict[str, Any]:
    content = manifest_bytes(folder)
    if sealed is not None and digest(content) != sealed:
        raise ModelFault(f"model {folder}: manifest.json is not the one that was promoted (its SHA-256 differs)")
    try:
        manifest: dict[str, Any] = json.loads(content.decode())
    except ValueError as error:
        raise ModelFault(f"model {folder}: manifest.json is not JSON: {error}") from None
    wanted = {"format", "name", "version", "primary", "promises", "tasks", "files"}
    missing = sorted(wanted - set(manifest)) if isinstance(manifest, dict) else sorted(wanted)
    if missing:
        raise ModelFault(f"model {folder}: manifest.json lacks {', '.join(missing)}")
    if not isinstance(manifest["files"], dict) or not isinstance(manifest["tasks"], dict):
        raise ModelFault(f"model {folder}: manifest.json must map files to digests, and tasks to facts")
    _refuse_names_outside(folder, manifest["files"])
    return manifest


def _refuse_names_outside(folder: Path, names: Iterable[str]) -> None:
    """A name may lead into the folder only: not up and out of it, nor to a place of its own."""
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise ModelFault(f"model {folder}: {name!r} is not the name of a file inside the folder")


def checked_bytes(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    """A file's bytes, once their digest is found to be the manifest's."""
    expected = manifest["files"].get(name)
    if expected is None:
        raise ModelFault(f"model {folder}: {name} is not in the manifest and is not loaded")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelFault(f"model {folder}: cannot read {name}: {error.strerror}") from None
    if digest(content) != expected:
        raise ModelFault(f"model {folder}: {name} is not the file the manifest names (its SHA-256 differs)")
    return content


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _examples(folder: Path, manifest: Mapping[str, Any]) -> Examples:
    if not {TEXTS, VECTORS} & set(manifest["files"]):
        return NONE
    return Examples.from_bytes(*(checked_bytes(folder, name, manifest) for name in (TEXTS, VECTORS)))


def _second(folder: Path, manifest: Mapping[str, Any]) -> SecondOpinion | None:
    if ENCODER not in manifest["files"]:
        return None
    return SecondOpinion.from_files(lambda name: checked_bytes(folder, name, manifest))


def _loaded(folder: Path, name: str, manifest: Mapping[str, Any]) -> Any:
    return joblib.load(io.BytesIO(checked_bytes(folder, name, manifest)))


def _dumped(part: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(part, buffer, compress=("zlib", 3))
    return buffer.getvalue()


def _task_facts(head: Any) -> dict[str, Any]:
    return {"labels": [str(label) for label in head.classes_], "promise": asdict(head.promise_)}


def refuse_other_files(folder: Path) -> None:
    """Only an empty folder or one with a model's own files is written over; asked before anything is fitted."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelFault(f"{folder} is a file; a model is a folder")
    found = {path.name for path in folder.iterdir()}
    if not found:
        return
    try:
        own = {MANIFEST, *_parsed_manifest(folder)["files"]}
    except ModelFault:
        pass  # not a model's folder: everything in it is somebody else's
    else:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - own
    if found:
        shown = ", ".join(sorted(found)[:5])
        raise ModelFault(f"{folder} holds other files ({shown}); name a new folder or one that holds a model")
