"""The model that ships is what the written taxonomy gives, and the same taxonomy gives the same bytes.

Building it whole takes minutes (`make model`). Here what it was made from is compared with what is written, the parts
that take seconds are built again, and a small taxonomy is built twice from beginning to end.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training import default_model
from training.default_model import build_default, features_from, heads_of, shown_examples, tasks_of
from training.fit import _version, fit_model
from training.taxonomy import WrittenTaxonomy, read_taxonomy
from triage.classify import store
from triage.classify.store import TABLE, digest, load_model, read_manifest
from triage.language.redact import redact
from triage.language.word_table import WordTable


@pytest.fixture(scope="module")
def written() -> WrittenTaxonomy:
    return read_taxonomy()


@pytest.fixture(scope="module")
def tasks(written):
    return tasks_of(written)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_ships_was_made_from_the_taxonomy_as_it_is_written_now(default_folder, written, tasks):
    manifest = read_manifest(default_folder)
    taxonomy = written.taxonomy.to_json()
    assert manifest["version"] == _version(tasks), "run `make model`"
    assert manifest["taxonomy_sha256"] == manifest["files"]["taxonomy.json"] == digest(taxonomy)
    assert manifest["rows"] == {task: len(examples.texts) for task, examples in tasks.items()}
    labels = {task: part["labels"] for task, part in manifest["tasks"].items()}
    assert labels == {task: sorted(set(examples.labels)) for task, examples in tasks.items()}


def test_every_file_that_ships_is_the_one_the_manifest_names(default_folder):
    files = {name: digest(content) for name, content in _contents(default_folder).items() if name != "manifest.json"}
    assert files == read_manifest(default_folder)["files"]


def test_its_heads_were_made_as_the_build_makes_them(default_folder, written):
    heads = load_model(default_folder).heads
    unfitted = heads_of(written)
    assert {task: head.get_params() for task, head in heads.items()} == {
        task: head.get_params() for task, head in unfitted.items()
    }, "run `make model`"


def test_its_vocabulary_and_its_smallest_head_built_again_are_the_same_bytes(default_folder, written, tasks):
    # Redacted twice a text stays as it is, so that features can be fitted on all texts and one head on its own.
    texts = dict.fromkeys(redact(text) for examples in tasks.values() for text in examples.texts)
    features = features_from(WordTable.read(default_folder / TABLE)).fit(list(texts))
    assert store._dumped(features) == (default_folder / "features.joblib").read_bytes(), "run `make model`"
    for name, content in shown_examples(written, features).items():
        assert content == (default_folder / name).read_bytes(), name
    features.fit = lambda texts: features  # type: ignore[method-assign]
    of_one = {"complexity": tasks["complexity"]}
    model = fit_model("again", of_one, "complexity", features=features, heads=heads_of(written))
    assert store._dumped(model.heads["complexity"]) == (default_folder / "complexity.joblib").read_bytes()


def test_the_same_taxonomy_gives_the_same_files_twice(default_folder, written, tmp_path, monkeypatch):
    signals = {task: rows[::4] for task, rows in written.signals.items()}
    small = replace(written, categories=written.categories[::30], signals=signals)
    assert len({one.category.domain for one in small.categories}) > 2
    monkeypatch.setattr(default_model, "read_taxonomy", lambda: small)
    for name in ("one", "other"):
        build_default(tmp_path / name, default_folder / TABLE)
    one, other = (_contents(tmp_path / name) for name in ("one", "other"))
    assert one.keys() == _contents(default_folder).keys()
    assert [name for name in one if one[name] != other[name]] == []
