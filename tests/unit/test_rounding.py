"""Weights in eight bits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from triage.classify.rounding import round_columns

weights_of = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 8), st.integers(1, 5)),
    elements=st.floats(-1000, 1000, width=32).filter(lambda weight: weight == 0 or abs(weight) > 1e-20),
)


@given(weights_of)
def test_no_weight_moves_by_more_than_half_a_step_and_the_greatest_stays(weights):
    rounded = round_columns(weights)
    greatest = np.abs(weights).max(axis=0)
    moved = np.abs(rounded.widened() - weights)
    assert (moved <= greatest / 127 / 2 * 1.001).all()
    assert np.abs(rounded.widened()).max(axis=0) == pytest.approx(greatest, rel=1e-5)


@given(weights_of)
def test_signs_and_zeros_are_kept(weights):
    rounded = round_columns(weights)
    assert (rounded.widened() * weights >= 0).all()
    assert (rounded.widened()[weights == 0] == 0).all()


@given(weights_of)
def test_rounding_twice_is_rounding_once(weights):
    once = round_columns(weights)
    assert np.array_equal(round_columns(once.widened()).steps, once.steps)


@given(weights_of)
def test_steps_are_of_eight_bits_and_a_column_does_not_see_the_others(weights):
    rounded = round_columns(weights)
    assert (rounded.steps.dtype, rounded.worth.dtype, rounded.widened().dtype) == (np.int8, np.float32, np.float32)
    assert rounded.steps.min() >= -127
    for column in range(weights.shape[1]):
        alone = round_columns(weights[:, [column]])
        assert np.array_equal(alone.widened()[:, 0], rounded.widened()[:, column])


def test_weights_handed_in_are_not_changed():
    weights = np.array([[1.5, -2.0], [0.1, 0.0]], dtype=np.float32)
    before = weights.copy()
    round_columns(weights).widened()
    assert np.array_equal(weights, before)


def test_what_is_stored_is_what_was_rounded_and_takes_a_quarter_of_the_room():
    weights = np.random.default_rng(1).normal(size=(4000, 8)).astype(np.float32)
    stored = pickle.dumps(round_columns(weights))
    assert np.array_equal(pickle.loads(stored).widened(), round_columns(weights).widened())
    assert len(stored) < weights.nbytes / 3.9
