"""What a threshold costs is counted as it is told."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.signals import THRESHOLDS, HeldOut, Stake, curve, emergency

NEEDED = np.array([True, True, False, False])
CHANCE = np.array([0.9, 0.12, 0.3, 0.01])


def _at(threshold, always=None):
    rows = curve(CHANCE, NEEDED, Stake("yes", share=0.1, miss=100), always)
    return next(row for row in rows if row["from"] == threshold)


def test_every_threshold_is_measured():
    assert [row["from"] for row in curve(CHANCE, NEEDED, Stake("yes", 0.1, 1))] == list(THRESHOLDS)


def test_a_miss_and_a_false_alarm_are_counted_and_weighed_by_how_often_they_can_occur():
    row = _at(0.2)
    assert (row["recall"], row["missed"], row["false_alarms"], row["false_alarm_share"]) == (0.5, 1, 1, 0.5)
    assert row["cost_per_1000_orders"] == pytest.approx(1000 * (0.1 * 0.5 * 100 + 0.9 * 0.5))


def test_phrases_alarm_whatever_the_chance():
    row = _at(0.9, always=np.array([False, True, False, True]))
    assert (row["missed"], row["false_alarms"]) == (0, 1)


def test_the_line_that_a_phrase_names_comes_before_the_likeliest_one():
    texts, labels = ["六楼着火了", "路灯不亮"], np.array(["119", "none"])
    chances = np.array([[0.2, 0.1, 0.7], [0.0, 0.0, 1.0]])
    assert emergency(HeldOut(texts, labels, ["110", "119", "none"], chances))["lines"] == {"119 read as 119": 1}
