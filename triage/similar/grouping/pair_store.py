"""A pair model as a folder: `pairs.json`, a card, and a manifest with the SHA-256 of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.domain.errors import ModelFault
from triage.domain.folders import write_folder
from triage.similar.grouping.pairs import PairModel

MODEL, CARD, MANIFEST = "pairs.json", "card.md", "manifest.json"
KIND = "pairs"


def read_pair_model(folder: Path) -> PairModel:
    """The pair model of a folder; ModelFault where a file is missing or its digest is not the manifest's."""
    expected = _files(folder).get(MODEL)
    if expected is None:
        raise ModelFault(f"pair model {folder}: {MODEL} is not in the manifest and is not loaded")
    content = _bytes(folder, MODEL)
    if _digest(content) != expected:
        raise ModelFault(f"pair model {folder}: {MODEL} is not the file the manifest names (its SHA-256 differs)")
    return PairModel.from_json(content)


def save_pair_model(model: PairModel, folder: Path, card: str, facts: Mapping[str, Any]) -> None:
    """Write the folder whole or not at all.

    `facts` go into the manifest (digests of what was learnt from, figures).
    """
    folder = folder.resolve()
    refuse_other_files(folder)
    files = {MODEL: model.to_json(), CARD: card.encode()}
    manifest = {**facts, "kind": KIND, "files": {name: _digest(content) for name, content in files.items()}}
    files[MANIFEST] = (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    try:
        write_folder(folder, files)
    except OSError as error:
        raise ModelFault(f"pair model {folder} cannot be written: {error.strerror}") from None


def refuse_other_files(folder: Path) -> None:
    """Only a new folder, an empty one or one with a pair model is written to; asked before anything is learnt."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelFault(f"{folder} is a file; a pair model is a folder")
    found = {path.name for path in folder.iterdir()}
    if not found:
        return
    try:
        others = found - {MANIFEST, *_files(folder)}
    except ModelFault:
        others = found  # not a pair model's folder: everything in it is somebody else's
    if others:
        shown = ", ".join(sorted(others)[:5])
        raise ModelFault(f"{folder} holds other files ({shown}); name a new folder or one that holds a pair model")


def _files(folder: Path) -> dict[str, str]:
    """The digests by file name of a pair model's manifest."""
    try:
        manifest = json.loads(_bytes(folder, MANIFEST))
    except (ValueError, RecursionError) as error:
        raise ModelFault(f"pair model {folder}: {MANIFEST} cannot be read: {error}") from None
    files = manifest.get("files") if isinstance(manifest, dict) and manifest.get("kind") == KIND else None
    if not isinstance(files, dict):
        raise ModelFault(f"pair model {folder}: {MANIFEST} must have kind {KIND!r} and map files to digests")
    return files


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ModelFault(f"pair model {folder}: cannot read {name}: {error.strerror}") from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
