"""What the eight checks are measured on: the labels, the other complaints, the shares."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.replies import Pairs, Row, main, others, passed_on, read_labels, telling


def test_the_labels_are_rows_of_two_samples_and_hold_no_text():
    labels = read_labels()
    assert Counter(sample for _, sample, _ in labels) == {"random": 150, "short": 80}
    assert {label for _, _, label in labels} == {"passed_on", "nothing", "other"}
    assert len({row for row, _, _ in labels}) == 230
    assert all(row.isdigit() for row, _, _ in labels)


def test_another_complaint_is_never_a_near_copy():
    groups = np.array([0, 0, 1, 2, 2, 3])
    for order in others(groups, seed=0):
        assert all(groups[order] != groups)


def test_a_reply_too_brief_to_be_judged_counts_as_neither_called_nor_found():
    pairs = Pairs(np.array([0.5, 0.5, 0.0]), np.zeros(3), np.array([0.4, 0.0, 0.0]), np.array([True, True, False]))
    found = telling(pairs, np.zeros(3, dtype=bool), 0.1)
    assert found["own_called_off_topic"] == 0
    assert (found["random_found_of_judged"], found["neighbour_found_of_judged"]) == (1, 0.5)
    assert found["random_found_of_all"] == 0.6667
    assert found["auc_random"] == 1


def test_precision_and_recall_are_of_what_says_nothing_of_the_matter():
    rows = [Row("1", "", "", "您的来电已转交区绿化部门。"), Row("2", "", "", "枯枝已于昨日锯下并运走。")]
    figures = passed_on(rows, [("1", "random", "passed_on"), ("2", "random", "nothing")])
    assert figures == {"random": {"rows": 2, "labelled": 2, "called": 1, "right": 1, "precision": 1.0, "recall": 0.5}}


def test_without_replies_it_says_so_and_measures_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    assert main([]) == 0
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("skipped: no replies at ")
