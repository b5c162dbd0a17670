"""Model folders: nothing runs that the manifest does not vouch for, nothing is lost when a save goes wrong."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from safetensors.numpy import save

from training.fit import Examples, fit_model
from triage.classify import store
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.classify.store import FORMAT, checked_bytes, digest, load_model, read_manifest, save_model, table_files
from triage.domain.errors import ModelFault
from triage.language.word_table import WordTable

TEXTS = [as_read("", text) for text in ("油烟熏人", "饭店油烟", "路灯不亮", "路灯坏了")] * 3
LABELS = ["油烟", "油烟", "路灯", "路灯"] * 3
WORDS = {word: row for row, word in enumerate(["油烟", "路灯", "油", "烟", "路", "灯"])}
TABLE = {
    "words/model.safetensors": save({"embedding.weight": np.eye(6, dtype=np.float16)}),
    "words/tokenizer.json": json.dumps(
        {"model": {"type": "WordPiece", "continuing_subword_prefix": "", "vocab": WORDS}}
    ).encode(),
}


class _Poison:
    """Unpickling it writes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.fixture(scope="module")
def model():
    features = TextFeatures(table=WordTable.from_bytes(*TABLE.values()))
    return fit_model("probe", {"matter": Examples(TEXTS, LABELS)}, primary="matter", features=features)


@pytest.fixture
def folder(model, tmp_path):
    save_model(model, tmp_path / "model", {"card.md": b"# Probe\n", **TABLE}, {"rows": len(TEXTS)})
    return tmp_path / "model"


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(
        json.dumps({name: value for name, value in manifest.items() if value is not None}), encoding="utf-8"
    )


def test_a_loaded_model_answers_exactly_like_the_saved_one(model, folder):
    loaded = load_model(folder)
    assert loaded.predict(TEXTS) == model.predict(TEXTS)
    assert (loaded.name, loaded.version, loaded.primary, loaded.promises) == ("probe", model.version, "matter", True)


def test_saving_twice_gives_the_same_bytes(model, folder, tmp_path):
    save_model(model, tmp_path / "again", {"card.md": b"# Probe\n", **TABLE}, {"rows": len(TEXTS)})
    assert _contents(tmp_path / "again") == _contents(folder)


def test_the_manifest_names_every_file_with_its_digest(folder):
    manifest = read_manifest(folder)
    files = {name: digest(content) for name, content in _contents(folder).items() if name != "manifest.json"}
    assert manifest["files"] == files
    assert manifest["tasks"]["matter"]["labels"] == ["油烟", "路灯"]
    assert manifest["rows"] == 12


@pytest.mark.parametrize("name", ["features.joblib", "matter.joblib"])
def test_a_poisoned_file_is_refused_before_anything_of_it_runs(folder, tmp_path, name):
    marker = tmp_path / "it ran"
    joblib.dump(_Poison(marker), folder / name)
    with pytest.raises(ModelFault, match=f"{name} is not the file the manifest names"):
        load_model(folder)
    assert not marker.exists()
    pickle.loads(pickle.dumps(_Poison(marker)))
    assert marker.exists(), "the poison must be real, or the test proves nothing"


def test_a_file_the_manifest_does_not_name_is_not_loaded(folder, tmp_path):
    marker = tmp_path / "it ran"
    joblib.dump(_Poison(marker), folder / "other.joblib")
    _change_manifest(folder, tasks={"matter": {}, "other": {}})
    with pytest.raises(ModelFault, match=r"other.joblib is not in the manifest"):
        load_model(folder)
    assert not marker.exists()


LOADED = ["features.joblib", "matter.joblib", "words/model.safetensors", "words/tokenizer.json"]


def _tamper(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", LOADED)
def test_one_changed_byte_is_enough_to_be_refused(folder, name):
    _tamper(folder / name)
    with pytest.raises(ModelFault, match=f"{name} is not the file the manifest names .its SHA-256 differs"):
        load_model(folder)


@pytest.mark.parametrize("name", LOADED)
def test_a_digest_that_is_none_is_refused(folder, name):
    for wrong in ("", "0" * 64, 5, ["sha"]):
        files = {**read_manifest(folder)["files"], name: wrong}
        _change_manifest(folder, files=files)
        with pytest.raises(ModelFault, match="SHA-256 differs"):
            load_model(folder)


@pytest.mark.parametrize("name", [name for name in LOADED if name.endswith(".joblib")])
def test_nothing_is_unpickled_before_its_own_digest_was_found_right(folder, name, monkeypatch):
    _tamper(folder / name)
    unpickled = []
    monkeypatch.setattr(store.joblib, "load", lambda file: unpickled.append(digest(file.read())) or TextFeatures())
    with pytest.raises(ModelFault, match="SHA-256 differs"):
        load_model(folder)
    assert digest((folder / name).read_bytes()) not in unpickled


@pytest.mark.parametrize("name", ["words/model.safetensors", "words/tokenizer.json"])
def test_a_tampered_table_goes_into_no_other_model(folder, name):
    assert table_files(folder) == TABLE
    _tamper(folder / name)
    with pytest.raises(ModelFault, match=f"{name} is not the file"):
        table_files(folder)


OUTSIDE = ["../x", "words/../../x", "/etc/passwd", "..", "words/..", "..\\x"]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("use", [load_model, table_files, read_manifest])
def test_a_manifest_that_names_a_file_outside_the_folder_is_refused(folder, name, use):
    outside = (folder / "x").parent.parent / "x"
    outside.write_bytes(b"not of the model")
    _change_manifest(folder, files={**read_manifest(folder)["files"], name: digest(outside.read_bytes())})
    with pytest.raises(ModelFault, match="is not the name of a file inside the folder"):
        use(folder)


def test_a_task_that_leads_out_of_the_folder_is_refused_and_what_lies_there_does_not_run(folder, tmp_path):
    marker = tmp_path / "it ran"
    joblib.dump(_Poison(marker), folder.parent / "evil.joblib")
    files = {"../evil.joblib": digest((folder.parent / "evil.joblib").read_bytes())}
    for named in ({}, files):
        _change_manifest(folder, tasks={"../evil": {}}, files={**_files(folder), **named})
        with pytest.raises(ModelFault, match=r"evil.joblib"):
            load_model(folder)
    assert not marker.exists()


def _files(folder: Path) -> dict[str, str]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_is_saved_outside_the_folder(model, tmp_path, name):
    with pytest.raises(ModelFault, match="is not the name of a file inside the folder"):
        save_model(model, tmp_path / "model", {name: b"x"}, {})
    assert not list(tmp_path.iterdir())


def test_a_label_column_cannot_name_a_file_outside_the_folder(tmp_path):
    tasks = {"../up": Examples(TEXTS, LABELS)}
    climbing = fit_model("probe", tasks, primary="../up", features=TextFeatures())
    with pytest.raises(ModelFault, match=r"'../up' is not the name of a file inside the folder"):
        save_model(climbing, tmp_path / "model", {}, {})
    assert not list(tmp_path.iterdir())


def test_what_is_loaded_is_what_was_checked_even_where_the_file_changes_in_between(folder, monkeypatch, tmp_path):
    marker = tmp_path / "it ran"
    real = store.digest

    def then_swapped(content):
        found = real(content)
        joblib.dump(_Poison(marker), folder / "features.joblib")
        return found

    monkeypatch.setattr(store, "digest", then_swapped)
    store._loaded(folder, "features.joblib", read_manifest(folder))
    assert not marker.exists()


def test_a_missing_file_is_named(folder):
    (folder / "matter.joblib").unlink()
    with pytest.raises(ModelFault, match=r"cannot read matter.joblib: No such file"):
        load_model(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ModelFault, match=r"nowhere: cannot read manifest.json: No such file"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "manifest.json is not JSON"),
        (b"", "manifest.json is not JSON"),
        (b"\xff\xfe\x00", "manifest.json is not JSON"),
        (b"[]", "manifest.json lacks"),
        (b"null", "manifest.json lacks"),
        (b"{}", "lacks files, format, name, primary, promises, tasks, version"),
    ],
)
def test_a_manifest_that_is_none_is_refused(folder, content, said):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ModelFault, match=said):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 1}, f"format 1 is not {FORMAT}; train it again"),
        ({"format": str(FORMAT)}, f"format '{FORMAT}' is not {FORMAT}"),
        ({"files": None}, "lacks files"),
        ({"files": ["features.joblib"]}, "must map files to digests"),
        ({"tasks": ["matter"]}, "and tasks to facts"),
        ({"files": {}}, "features.joblib is not in the manifest"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(folder, changes, said):
    _change_manifest(folder, **changes)
    with pytest.raises(ModelFault, match=said):
        load_model(folder)


def test_further_files_are_checked_too(folder):
    assert checked_bytes(folder, "card.md", read_manifest(folder)) == b"# Probe\n"
    (folder / "card.md").write_text("# Something else\n", encoding="utf-8")
    with pytest.raises(ModelFault, match=r"card.md is not the file"):
        checked_bytes(folder, "card.md", read_manifest(folder))


# --- saving ------------------------------------------------------------------------------------------------


def test_a_folder_with_other_files_is_not_written_over(model, tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(ModelFault, match="holds other files"):
        save_model(model, tmp_path, {}, {})
    assert _contents(tmp_path) == {"thesis.docx": b"years of work"}


@pytest.mark.parametrize("manifest", ['{"name": "a web page", "icons": []}', "not json"])
def test_another_programs_manifest_is_not_taken_for_a_models(model, tmp_path, manifest):
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelFault, match="holds other files"):
        save_model(model, tmp_path, {}, {})
    assert (tmp_path / "manifest.json").read_text(encoding="utf-8") == manifest


def test_a_model_folder_with_notes_in_it_is_not_written_over(model, folder):
    (folder / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(ModelFault, match=r"other files \(notes.txt\)"):
        save_model(model, folder, {}, {})
    assert (folder / "notes.txt").exists()


def test_notes_beside_the_word_table_are_not_lost_either(model, folder):
    (folder / "words" / "notes.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(ModelFault, match=r"other files \(words/notes.txt\)"):
        save_model(model, folder, TABLE, {})
    assert (folder / "words" / "notes.txt").exists()


def test_a_model_with_a_word_table_is_not_saved_without_it(model, tmp_path):
    with pytest.raises(ModelFault, match="words/model.safetensors must be saved with it"):
        save_model(model, tmp_path / "model", {"card.md": b""}, {})
    assert not list(tmp_path.iterdir())


def test_a_task_called_like_the_features_is_refused_and_nothing_is_written(tmp_path):
    features = TextFeatures(min_df=1)
    model = fit_model("probe", {"features": Examples(TEXTS, LABELS)}, primary="features", features=features)
    with pytest.raises(ModelFault, match=r"a task cannot be called 'features'"):
        save_model(model, tmp_path / "model", {}, {})
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_the_folder_is_not_written_over(model, tmp_path):
    (tmp_path / "model").write_text("a file", encoding="utf-8")
    with pytest.raises(ModelFault, match="is a file"):
        save_model(model, tmp_path / "model", {}, {})
    assert (tmp_path / "model").read_text(encoding="utf-8") == "a file"


def test_an_empty_folder_and_an_older_model_are_written_over(model, tmp_path):
    (tmp_path / "model").mkdir()
    save_model(model, tmp_path / "model", {"old.md": b"old", **TABLE}, {})
    save_model(model, tmp_path / "model", {"new.md": b"new", **TABLE}, {})
    written = {"features.joblib", "matter.joblib", "manifest.json", "new.md", *TABLE}
    assert set(_contents(tmp_path / "model")) == written
    assert [path.name for path in tmp_path.iterdir()] == ["model"], "nothing is left beside it"


def _fails_at(monkeypatch, step):
    def broken(*args, **kwargs):
        raise KeyboardInterrupt

    real_rename = Path.rename

    def rename(path, target):
        if ".new-" in path.name:
            raise KeyboardInterrupt
        return real_rename(path, target)

    real_write = Path.write_bytes

    def write(path, content):
        if path.name == "manifest.json":
            raise KeyboardInterrupt
        return real_write(path, content)

    steps = {
        "fitting into bytes": (store, "_dumped", broken),
        "writing a file": (Path, "write_bytes", broken),
        "writing the manifest": (Path, "write_bytes", write),
        "putting it in place": (Path, "rename", rename),
    }
    monkeypatch.setattr(*steps[step])


@pytest.mark.parametrize(
    "step", ["fitting into bytes", "writing a file", "writing the manifest", "putting it in place"]
)
def test_an_interrupted_save_leaves_the_old_model_whole(model, folder, monkeypatch, step):
    before = _contents(folder)
    with monkeypatch.context() as patched:
        _fails_at(patched, step)
        with pytest.raises(KeyboardInterrupt):
            save_model(model, folder, {"card.md": b"other", **TABLE}, {})
    assert _contents(folder) == before
    assert load_model(folder).predict(TEXTS[:2]) == model.predict(TEXTS[:2])
    assert [path.name for path in folder.parent.iterdir()] == ["model"], "nothing is left beside it"


def test_where_nothing_can_be_written_it_is_said(model, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelFault, match="cannot be written: Not a directory"):
        save_model(model, tmp_path / "file" / "model", TABLE, {})


def test_a_relative_folder_works_too(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_model(model, Path("model"), TABLE, {})
    assert load_model(Path("model")).name == "probe"
    assert [path.name for path in Path().iterdir()] == ["model"]


def test_a_model_of_an_older_format_is_written_over(model, folder):
    _change_manifest(folder, format=1)
    save_model(model, folder, TABLE, {})
    assert read_manifest(folder)["format"] == FORMAT


def test_weights_and_table_lose_nothing_on_their_way_through_the_folder(model, folder):
    loaded = load_model(folder)
    assert isinstance(loaded.heads["matter"], LinearHead)
    assert np.array_equal(loaded.heads["matter"].weights_, model.heads["matter"].weights_)
    assert np.array_equal(loaded.features.table.encode(TEXTS), model.features.table.encode(TEXTS))


def test_the_table_is_no_part_of_what_is_pickled(folder):
    assert joblib.load(folder / "features.joblib").table is None
