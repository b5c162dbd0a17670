"""What a model promises must hold on texts it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import binomtest

from triage.classify.promise import LEVEL, NO_PROMISE, Promise, promise_from


def _world(chance: np.random.Generator, count: int, labels: int = 6, hardness: float = 1.0):
    """Exchangeable texts: honest probabilities, and the right label drawn from them."""
    margins = chance.normal(size=(count, labels)) * chance.uniform(0.5, 9, size=(count, 1)) / hardness
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    codes = (probabilities.cumsum(axis=1) > chance.uniform(size=(count, 1))).argmax(axis=1)
    return probabilities, codes


def _rows(top: list[float], right: list[bool]):
    """Two labels; the first is the best guess with the probability given, and right or not."""
    first = np.array(top)
    return np.column_stack([first, 1 - first]), np.where(right, 0, 1)


def _lower_bound(promise: Promise, probabilities, codes) -> float:
    alone = probabilities.max(axis=1) >= promise.auto_above
    good = int((probabilities.argmax(axis=1) == codes)[alone].sum())
    interval = binomtest(good, int(alone.sum()), alternative="greater").proportion_ci(LEVEL, method="exact")
    return float(interval.low)


held_out = st.integers(1, 400).flatmap(
    lambda count: st.tuples(
        # few different values, so that many confidences are equal
        st.lists(st.sampled_from([0.55, 0.7, 0.8, 0.9, 0.95, 0.99]), min_size=count, max_size=count),
        st.lists(st.integers(0, 30).map(bool), min_size=count, max_size=count),
    )
)


@given(held_out, st.sampled_from([0.8, 0.9, 0.97]))
def test_a_threshold_is_never_taken_where_the_lower_bound_of_its_precision_is_poor(rows, precision):
    probabilities, codes = _rows(*rows)
    promise = promise_from(probabilities, codes, precision, 0.98)
    if promise.auto_above is not None:
        assert _lower_bound(promise, probabilities, codes) >= precision - 1e-9


def test_equal_confidences_pass_a_threshold_together_or_not_at_all():
    probabilities, codes = _rows([0.9] * 1000, [True] * 300 + [False] * 700)
    assert promise_from(probabilities, codes, 0.97, 0.98).auto_above is None


def test_poor_precision_earns_no_threshold_however_many_texts():
    probabilities, codes = _rows([0.99] * 20_000, [index % 20 != 0 for index in range(20_000)])
    assert promise_from(probabilities, codes, 0.97, 0.98).auto_above is None


def test_too_few_texts_earn_no_threshold_however_good():
    assert promise_from(*_rows([0.99] * 98, [True] * 98), 0.97, 0.98).auto_above is None
    assert promise_from(*_rows([0.99] * 99, [True] * 99), 0.97, 0.98).auto_above == 0.99


def test_no_texts_promise_nothing():
    promise = promise_from(np.zeros((0, 3)), np.zeros(0, dtype=int), 0.97, 0.98)
    assert promise == NO_PROMISE
    assert not promise.may_decide(1.0)


def test_the_share_decided_alone_is_the_share_above_the_threshold():
    probabilities, codes = _world(np.random.default_rng(5), 4000)
    promise = promise_from(probabilities, codes, 0.97, 0.98)
    assert promise.auto_above is not None
    assert promise.auto_share == np.mean([promise.may_decide(best) for best in probabilities.max(axis=1)])


@pytest.mark.parametrize("hardness", [0.5, 0.7, 1.0])
def test_on_fresh_texts_the_promised_precision_holds_about_as_often_as_the_level_says(hardness):
    kept = tried = 0
    for seed in range(120):
        chance = np.random.default_rng(seed)
        promise = promise_from(*_world(chance, 1500, hardness=hardness), 0.97, 0.98)
        if promise.auto_above is None:
            continue
        probabilities, codes = _world(chance, 20_000, hardness=hardness)
        alone = probabilities.max(axis=1) >= promise.auto_above
        tried += 1
        kept += (probabilities.argmax(axis=1) == codes)[alone].mean() >= 0.97
    assert tried >= 40, "the simulation must say something"
    assert binomtest(kept, tried, LEVEL, alternative="less").pvalue > 0.01


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.98])
@pytest.mark.parametrize("count", [60, 500])
def test_on_fresh_texts_sets_hold_the_right_label_at_the_promised_rate(coverage, count):
    held = []
    for seed in range(150):
        chance = np.random.default_rng(seed)
        promise = promise_from(*_world(chance, count), 0.97, coverage)
        probabilities, codes = _world(chance, 400)
        sets = [promise.label_set(row) for row in probabilities]
        held.append(np.mean([code in chosen for code, chosen in zip(codes, sets, strict=True)]))
    error = np.std(held) / np.sqrt(len(held))
    assert np.mean(held) >= coverage - 3 * error
    assert np.mean(held) <= coverage + 1 / count + 0.01 + 3 * error, (
        "larger sets than promised say less than they could"
    )


rows_of_chances = arrays.arrays(np.float64, st.integers(2, 8), elements=st.floats(0.001, 1)).map(
    lambda row: row / row.sum()
)


@given(rows_of_chances, st.floats(0, 1))
def test_a_set_is_never_empty_and_stands_best_first(row, set_above):
    chosen = Promise(0.97, LEVEL, 0.98, None, 0.0, set_above, 0).label_set(row)
    assert len(chosen) >= 1
    assert row[chosen[0]] == row.max()
    assert list(row[chosen]) == sorted(row[chosen], reverse=True)
    assert set(np.flatnonzero(row >= set_above)) <= set(chosen.tolist())


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_model_decides_alone_exactly_from_its_threshold_on(threshold, confidence):
    promise = Promise(0.97, LEVEL, 0.98, threshold, 0.5, 0.1, 100)
    assert promise.may_decide(confidence) == (confidence >= threshold)
