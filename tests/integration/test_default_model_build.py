"""The model that ships is what the written taxonomy gives: built again, it is the same byte for byte."""

from __future__ import annotations

from training.default_model import build_default
from triage.classify.store import read_manifest


def test_what_ships_is_what_the_taxonomy_gives(default_folder, tmp_path):
    build_default(tmp_path / "model")
    assert read_manifest(tmp_path / "model") == read_manifest(default_folder), "run `make model`"
    for name in read_manifest(default_folder)["files"]:
        assert (tmp_path / "model" / name).read_bytes() == (default_folder / name).read_bytes(), name
