"""The benchmark of grouping works, on messages written for it; how good or fast anything is, no test asserts."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.issues import quality, speed
from benchmarks.issues.__main__ import main
from benchmarks.issues.hostile import hostile
from benchmarks.issues.labels import read_matters, read_pairs
from benchmarks.issues.linking import STAGES
from benchmarks.issues.peers import Grouped, average_linkage, bertopic, each_alone, hdbscan, tfidf_vectors
from benchmarks.issues.system import Message, group, read_messages
from benchmarks.issues.vocabulary import NAMES, WORDS, vocabulary
from triage.bootstrap import default_model
from triage.classify.store import TABLE
from triage.language.word_table import WordTable

ROWS = [
    ("7", "u1", "2026-03-02T08:00:00", "柳浪新城旁边搅拌站夜里轰鸣", "搅拌站通宵开工，粉尘落满阳台。"),
    ("8", "u2", "2026-03-02T09:00:00", "柳浪新城搅拌站粉尘噪音", "搅拌站的粉尘和噪音让人没法开窗。"),
    ("9", "u3", "2026-03-03T08:00:00", "柳浪新城搅拌站通宵开工", "粉尘落满阳台，搅拌站噪音很大。"),
    ("10", "u1", "2026-03-04T08:00:00", "公积金怎么提取", "想问租房能不能提取公积金。"),
    ("11", "u4", "2026-03-05T08:00:00", "银杏路路灯不亮", "晚上走路看不见。"),
]


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages_stream.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "caller", "received_at", "title", "text"), *ROWS])
    return path


def test_messages_come_in_the_order_of_arrival(messages: Path) -> None:
    assert [one.id for one in read_messages(messages)] == ["7", "8", "9", "10", "11"]


def test_what_ships_is_run_as_a_command_and_groups_what_belongs_together(messages: Path) -> None:
    groups, run = group(messages)
    assert groups["7"] == groups["8"] == groups["9"]
    assert len(set(groups.values())) == 3
    assert run.wall > 0


def test_only_the_development_side_is_looked_at_when_asked_for() -> None:
    assert quality.parts_of(only_dev=True) == ("dev",)
    assert sorted(quality.truths(Path("nowhere"), ("dev",))) == ["dev_a", "dev_b"]


def test_messages_that_are_all_alone_join_no_labelled_pair() -> None:
    pairs, matters = read_pairs(), read_matters()
    ids = {name for pair in pairs for name in (pair.one, pair.other)} | set(matters)
    messages = [Message(name, datetime(2026, 3, 2), "", "", "same") for name in ids]
    found = quality.held_back({name: name for name in ids}, messages)
    assert list(found["pairs"]) == ["all", "near", "nearest", "same_name"]
    assert found["pairs"]["all"]["joined"] == found["callers"]["joined"] == 0
    assert found["callers_if_all_were_one_matter"]["recall"] == 1


def test_the_labels_beside_the_messages_are_one_more_truth(messages: Path) -> None:
    (messages.parent / quality.DEV4).write_text("id,issue\n7,a\n8,a\n9,a\n", encoding="utf-8")
    found = quality.truths(messages.parent, ())
    assert quality.f1_means(dict.fromkeys("789", "i"), found) == {"issues_dev": 1.0}


def test_peers_group_the_same_vectors(messages: Path) -> None:
    several = read_messages(messages) * 4
    vectors = tfidf_vectors(several, width=3)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert len(hdbscan(vectors, 3).numbers) == 20
    best = average_linkage(vectors, score=lambda numbers: len(set(numbers)))
    assert best.name.startswith("average linkage, cut at ")
    assert best.numbers[:5] == best.numbers[5:10]


def test_what_a_peer_puts_into_no_group_is_alone(messages: Path) -> None:
    found = each_alone([0, 0, -1, -1, 3], read_messages(messages))
    assert found == {"7": 0, "8": 0, "9": "9", "10": "10", "11": 3}


def test_bertopic_is_asked_in_a_python_of_its_own(messages: Path, tmp_path: Path) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "documents = json.load(open(sys.argv[4]))\n"
        "found = {'topics': [-1] * len(documents), 'wall_s': 2.0, 'cpu_s': 1.0}\n"
        "json.dump(found, open(sys.argv[5], 'w'))\n"
    )
    stand_in.chmod(0o755)
    found = bertopic(str(stand_in), np.eye(5, dtype=np.float32), read_messages(messages), 10)
    assert found == Grouped("BERTopic, min_topic_size=10", [-1] * 5, 2.0, 1.0)


def test_the_vocabulary_is_of_the_dictionarys_words_and_of_names_that_differ() -> None:
    found = vocabulary(WordTable.read(default_model() / TABLE))
    assert len(found.words) == WORDS
    assert len(set(found.names)) == NAMES
    assert min(map(len, found.words)) == 2


def test_every_stage_from_text_is_clocked() -> None:
    found = speed.from_text(30, 20)
    assert list(found["cpu_us"]) == list(STAGES)
    assert found["orders_a_second_from_encoded"] > found["orders_a_second_from_text"] > 0


def test_the_growing_window_is_measured_at_each_size() -> None:
    rows = speed.growing([60, 20], timed=10)
    assert [row["in_window"] for row in rows] == [20, 60]
    assert all(row["cpu_us"]["p95"] >= row["cpu_us"]["median"] > 0 for row in rows)
    assert rows[0]["to_first"] == {"mean": 1, "median": 1}


def test_hostile_orders_are_taken_in() -> None:
    found = hostile(islice(speed.drafts(), 20), copies=100)
    assert found["copies of one text"]["orders"] == 100
    assert found["copies of one text"]["new_issues"] <= 1
    assert found["empty"]["new_issues"] == found["empty"]["orders"] == 10
    assert all(row["most_us"] >= row["last_median_us"] > 0 for row in found.values())


def test_without_messages_it_says_so_and_measures_nothing(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    assert main(["quality"]) == 0
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("skipped: no messages at ")


def test_speed_is_told_as_json(capsys) -> None:
    assert main(["speed", "--orders", "20", "--timed", "10", "--hostile", "20"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["profile", "from_text", "hostile", "growing"]
