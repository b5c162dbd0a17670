"""A backlog through a model: nothing lost, stopped and gone on with, refused where it is another run."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.reclassifying import KILLED_AT, backlog, files_of, partition_of, run
from training.reclassify.engines import EngineFault, LocalEngine
from training.reclassify.rows import Row
from training.reclassify.sources import Files
from training.reclassify.wanted import Wanted
from triage.classify.features import as_read
from triage.domain.errors import BadInput, ModelFault

ROWS = 300
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return backlog(tmp_path_factory.mktemp("data") / "backlog.csv", ROWS)


@pytest.fixture(scope="module")
def whole(data, default_folder, tmp_path_factory):
    """A run that nobody stopped."""
    out = tmp_path_factory.mktemp("whole")
    run(data, default_folder, out, LocalEngine(partition_of(default_folder), 2))
    return out


class Stopping:
    """An engine that counts the rows it answers, and is stopped after some chunks."""

    def __init__(self, partition, after):
        self.engine = LocalEngine(partition, 1)
        self.after = after
        self.rows = 0

    def answers(self, chunks):
        for number, (chunk, found) in enumerate(self.engine.answers(chunks)):
            if number == self.after:
                raise KeyboardInterrupt
            self.rows += len(found)
            yield chunk, found


def _tables(out):
    return pd.concat([pd.read_parquet(path) for path in sorted((out / "predictions").iterdir())], ignore_index=True)


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_every_row_is_answered_as_the_model_answers_it_or_rejected(data, whole, default_folder):
    rows = [item for item in Files(data, Wanted(label="category")).items() if isinstance(item, Row)]
    found = _tables(whole)
    answers = partition_of(default_folder).model.predict([as_read(row.title, row.text) for row in rows])
    assert list(found.columns) == ["id", "label", "confidence", "auto"]
    assert found["id"].tolist() == [row.id for row in rows]
    assert found["label"].tolist() == [answer.label for answer in answers]
    assert found["confidence"].tolist() == pytest.approx([answer.confidence for answer in answers], abs=1e-6)
    assert found["auto"].tolist() == [answer.auto for answer in answers]
    summary = json.loads((whole / "summary.json").read_bytes())
    assert (summary["read"], summary["rows"], summary["rejected"]) == (ROWS + 6, ROWS, 6)
    assert [row[0] for row in _rows(whole / "rejected.csv")] == ["file"] + ["backlog.csv"] * 6
    assert summary["ids"] == {"made_of_row_numbers": 3, "repeated": 1}
    assert _rows(whole / "repeated_ids.csv") == [["id", "times"], ["twice", "6"]]


def test_rows_whose_label_differs_are_listed_and_counted(data, whole):
    rows = [item for item in Files(data, Wanted(label="category")).items() if isinstance(item, Row)]
    found = _tables(whole)["label"].tolist()
    differing = [
        (row.id, row.given, label) for row, label in zip(rows, found, strict=True) if row.given not in (None, label)
    ]
    listed = _rows(whole / "diff.csv")
    assert listed[0] == ["id", "given", "label", "confidence", "auto"]
    assert [tuple(row[:3]) for row in listed[1:]] == differing
    compared = json.loads((whole / "summary.json").read_bytes())["compared"]
    labelled = sum(row.given is not None for row in rows)
    assert (compared["labelled"], compared["differ"]) == (labelled, len(differing))
    assert sum(change["rows"] for change in compared["categories"]) == len(differing)


def test_a_stopped_run_goes_on_without_double_work(data, whole, default_folder, tmp_path):
    partition = partition_of(default_folder)
    stopped = Stopping(partition, after=5)
    with pytest.raises(KeyboardInterrupt):
        run(data, default_folder, tmp_path / "out", stopped)
    assert len(list((tmp_path / "out" / "predictions").iterdir())) == 2
    rest = Stopping(partition, after=None)
    run(data, default_folder, tmp_path / "out", rest)
    assert stopped.rows + rest.rows == ROWS + 20  # the chunk that was answered and not part of a whole part yet
    assert files_of(tmp_path / "out") == files_of(whole)
    again = Stopping(partition, after=None)
    assert run(data, default_folder, tmp_path / "out", again)["rows"] == ROWS
    assert again.rows == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_run_goes_on_to_the_same_files_and_leaves_no_worker(data, whole, default_folder, tmp_path, how):
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.reclassifying", data, default_folder, out],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith(KILLED_AT):
            pass
        process.send_signal(how)
        process.stdout.read()  # it ends when the last worker has let go of it
    assert process.returncode != 0
    _await_none_of(process.pid)
    before = len(json.loads((out / "progress.json").read_bytes())["parts"])
    assert 2 <= before < 8
    run(data, default_folder, out, LocalEngine(partition_of(default_folder), 1))
    assert files_of(out) == files_of(whole)


def _await_none_of(session):
    """Until no process of a session is left."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if not any(_session(path) == session for path in Path("/proc").glob("[0-9]*/stat")):
            return
        time.sleep(0.1)
    raise AssertionError("a worker is left")


def _session(stat):
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[3])


def test_what_was_written_and_not_noted_is_written_again(data, whole, default_folder, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(data, default_folder, out, Stopping(partition_of(default_folder), after=5))
    (out / "predictions" / "part-00002.parquet").write_bytes(b"half")
    (out / "predictions" / ".part-00003.parquet.new-1").write_bytes(b"half")
    (out / ".progress.json.new-1").write_bytes(b"half")
    run(data, default_folder, out, LocalEngine(partition_of(default_folder), 1))
    assert files_of(out) == files_of(whole)


def test_another_model_other_data_and_another_label_are_refused_all_at_once(data, default_folder, tmp_path):
    out, other, changed = tmp_path / "out", tmp_path / "model", tmp_path / data.name
    with pytest.raises(KeyboardInterrupt):
        run(data, default_folder, out, Stopping(partition_of(default_folder), after=3))
    shutil.copytree(default_folder, other)
    manifest = json.loads((other / "manifest.json").read_bytes())
    (other / "manifest.json").write_text(json.dumps({**manifest, "name": "another"}))
    backlog(changed, ROWS + 1)
    with pytest.raises(BadInput) as fault:
        run(changed, other, out, Stopping(partition_of(other), after=None), label=None)
    assert [problem.loc for problem in fault.value.problems] == [("label",), ("model",), ("source",)]
    assert "backlog.csv" in str(fault.value)


def test_a_part_that_was_changed_is_not_summed_up(data, default_folder, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(data, default_folder, out, Stopping(partition_of(default_folder), after=5))
    shutil.copy(out / "predictions" / "part-00000.parquet", out / "predictions" / "part-00001.parquet")
    with pytest.raises(BadInput, match="part-00001"):
        run(data, default_folder, out, LocalEngine(partition_of(default_folder), 1))


def test_what_was_killed_before_it_noted_anything_begins_anew(data, whole, default_folder, tmp_path):
    (tmp_path / ".progress.json.new-1").write_bytes(b"half")
    run(data, default_folder, tmp_path, LocalEngine(partition_of(default_folder), 1))
    assert files_of(tmp_path) == files_of(whole)


@pytest.mark.parametrize("rows", ["", "broken\n" * 90])
def test_a_backlog_without_a_single_good_row_is_summed_up_too(written, default_folder, tmp_path, rows):
    data = written("backlog.csv", f"id,text,category\n{rows}")
    found = run(data, default_folder, tmp_path / "out", LocalEngine(partition_of(default_folder), 1))
    assert (found["rows"], found["rejected"], found["auto_share"]) == (0, rows.count("\n"), None)
    assert found["compared"]["accuracy"] is None
    assert len(list((tmp_path / "out" / "predictions").iterdir())) == found["rejected"] // 30


def test_a_folder_with_other_files_is_left_alone(data, default_folder, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="other files"):
        run(data, default_folder, tmp_path, LocalEngine(partition_of(default_folder), 1))


def test_a_model_whose_file_was_exchanged_answers_nothing(data, default_folder, tmp_path):
    other = tmp_path / "model"
    shutil.copytree(default_folder, other)
    partition = partition_of(other)
    shutil.copy(other / "urgency.joblib", other / "category.joblib")
    with pytest.raises(ModelFault, match=r"category\.joblib"):
        run(data, default_folder, tmp_path / "out", LocalEngine(partition, 1))


def test_a_worker_that_is_killed_is_told_and_the_run_goes_on(data, default_folder, tmp_path):
    class Dying:
        model = None

        def __call__(self, rows):
            os._exit(9)

    with pytest.raises(EngineFault, match="killed"):
        run(data, default_folder, tmp_path / "out", LocalEngine(Dying(), 2))
    run(data, default_folder, tmp_path / "out", LocalEngine(partition_of(default_folder), 1))
