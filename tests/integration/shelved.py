"""Models on a shelf for tests: the default model under other names, with the gate's word on each."""

from __future__ import annotations

import json
import os
from pathlib import Path

from triage.bootstrap import default_model
from triage.classify.shelf import ModelShelf, ShelvedModel
from triage.classify.store import digest, manifest_bytes
from triage.desk.learning.verdict import REPORT, Verdict
from triage.desk.learning.verdict import Reason as Reason

MEASURED = {"tasks": {"category": {"rows": 400, "accuracy": {"champion": 0.6, "challenger": 0.8}}}}


def shelf_in(folder: Path) -> ModelShelf:
    """The shelf of a folder."""
    return ModelShelf(folder, default_model())


def shelve(
    folder: Path, version: str, against: ShelvedModel | None = None, *reasons: Reason, judged: bool = True
) -> ShelvedModel:
    """A model `town` that answers like the default one; held `against` that one unless another is given."""
    ships, out = default_model(), folder / f"town-{version}"
    manifest = json.loads(manifest_bytes(ships))
    for name in manifest["files"]:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(ships / name, out / name)
    if judged:
        other = against or shelf_in(folder).unpromoted()
        held = {"name": other.name, "version": other.version, "digest": other.digest}
        (out / REPORT).write_bytes(Verdict(held, reasons, MEASURED).to_json())
        manifest["files"][REPORT] = digest((out / REPORT).read_bytes())
    (out / "manifest.json").write_text(json.dumps({**manifest, "name": "town", "version": version}), encoding="utf-8")
    return shelf_in(folder).get_or_raise("town", version)


def spoil(model: ShelvedModel, name: str) -> None:
    """Exchange a file of a model by another one; the default model, whose file it shares, stays as it is."""
    (model.folder / name).unlink()
    (model.folder / name).write_bytes(b"something else")
