"""Margins become probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import softmax as scipys
from sklearn.linear_model import LogisticRegression

from triage.classify.calibration import EARNED, ROWS_A_CELL, Calibration, calibrate, log_loss, softmax

margins_of = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(2, 5)), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)


def _world(count: int, labels: int, praised: float = 1.0, seed: int = 3):
    """Margins `praised` times as large as they should be, and labels drawn from the honest ones."""
    chance = np.random.default_rng(seed)
    honest = chance.normal(size=(count, labels)) * 2
    codes = (scipys(honest, axis=1).cumsum(axis=1) > chance.uniform(size=(count, 1))).argmax(axis=1)
    return honest * praised, codes


def _mixed_up(count: int, seed: int, share: float = 0.5):
    """Three labels, and a share of the third's rows bear the second's name."""
    margins, codes = _world(count, 3, seed=seed)
    taken = np.random.default_rng(seed).uniform(size=count) < share
    return margins, np.where((codes == 2) & taken, 1, codes)


def _is_temperature(calibration: Calibration) -> bool:
    matrix = calibration.matrix
    return np.array_equal(matrix, np.eye(len(matrix)) * matrix[0, 0]) and not calibration.shift.any()


@given(margins_of)
def test_whatever_the_margins_the_probabilities_are_probabilities(margins):
    chances = softmax(margins)
    assert chances.shape == margins.shape
    assert np.isfinite(chances).all() and (chances >= 0).all()
    assert np.allclose(chances.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert np.allclose(chances, scipys(margins, axis=1), rtol=0, atol=1e-12)


def test_no_rows_give_no_probabilities():
    assert Calibration(np.eye(3), np.zeros(3)).probabilities(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("praised", [0.2, 1.0, 5.0])
def test_one_temperature_undoes_praise_and_blame(praised):
    margins, codes = _world(170, 3, praised)
    assert len(codes) < ROWS_A_CELL * 9
    calibration = calibrate(margins, codes).calibration
    assert _is_temperature(calibration)
    assert calibration.matrix[0, 0] * praised == pytest.approx(1, rel=0.3)


def test_no_temperature_near_by_is_better():
    margins, codes = _world(170, 3, 4.0)
    best = calibrate(margins, codes).calibration.matrix[0, 0]
    loss = [-np.log(scipys(margins * best * factor, axis=1)[np.arange(170), codes]).mean() for factor in (0.9, 1, 1.1)]
    assert loss[1] == min(loss)
    assert log_loss(margins, codes) == pytest.approx(loss[1])


def test_a_temperature_changes_no_answer():
    margins, codes = _world(100, 4)
    chances = calibrate(margins, codes).calibration.probabilities(margins)
    assert np.array_equal(chances.argmax(axis=1), margins.argmax(axis=1))


def test_a_matrix_is_learnt_from_the_rows_it_needs_and_not_from_fewer():
    margins, codes = _mixed_up(ROWS_A_CELL * 9, seed=3)
    assert not _is_temperature(calibrate(margins, codes).calibration)
    assert _is_temperature(calibrate(margins[1:], codes[1:]).calibration)


def test_a_matrix_that_earns_too_little_is_not_taken_however_many_rows_there_are():
    assert _is_temperature(calibrate(*_world(5000, 3)).calibration)
    little, enough = (_mixed_up(5000, seed=3, share=share) for share in (0.03, 0.25))
    assert _is_temperature(calibrate(*little).calibration) and not _is_temperature(calibrate(*enough).calibration)


def test_what_a_matrix_earns_is_judged_on_rows_it_did_not_see():
    margins, codes = _mixed_up(5000, seed=3, share=0.25)
    by_matrix = calibrate(margins, codes).apart[np.arange(5000), codes]
    assert -np.log(by_matrix).mean() < (1 - EARNED) * log_loss(margins, codes)


@pytest.mark.parametrize("labels", [2, 3])
def test_a_matrix_gives_the_probabilities_of_a_logistic_regression_on_the_margins(labels):
    margins, codes = _world(2000, labels)
    codes = np.where(np.random.default_rng(1).uniform(size=2000) < 0.3, 0, codes)
    theirs = LogisticRegression(max_iter=2000).fit(margins, codes).predict_proba(margins)
    ours = calibrate(margins, codes).calibration.probabilities(margins)
    assert np.allclose(ours, theirs, rtol=0, atol=1e-9)


def test_a_matrix_learns_which_labels_are_taken_for_which():
    calibration = calibrate(*_mixed_up(4000, seed=3)).calibration
    fresh, right = _mixed_up(4000, seed=4)
    by_matrix = calibration.probabilities(fresh)[np.arange(4000), right]
    assert -np.log(by_matrix).mean() < log_loss(fresh, right) - 0.02


def test_a_label_that_was_never_right_leaves_one_temperature():
    margins, codes = _world(2000, 3)
    assert _is_temperature(calibrate(margins, np.minimum(codes, 1)).calibration)


def test_a_label_that_all_but_one_fold_lack_leaves_one_temperature():
    margins, codes = _mixed_up(2000, seed=3)
    codes = np.where((codes == 0) & (np.arange(2000) % 5 > 0), 1, codes)
    assert _is_temperature(calibrate(margins, codes).calibration)


def test_probabilities_are_right_as_often_as_they_say():
    margins, codes = _world(20_000, 4, 3.0)
    chances = calibrate(margins, codes).apart
    best, right = chances.max(axis=1), chances.argmax(axis=1) == codes
    for low in (0.4, 0.6, 0.8):
        found = (best >= low) & (best < low + 0.2)
        assert right[found].mean() == pytest.approx(best[found].mean(), abs=0.03)


@pytest.mark.parametrize("count", [200, 20])
def test_no_row_has_a_say_in_its_own_probabilities(count):
    margins, codes = _world(count, 2)
    codes = np.where(np.arange(count) % 7 < 2, 0, codes)
    before = calibrate(margins, codes).apart
    changed = codes.copy()
    changed[7] = 1 - changed[7]
    assert np.array_equal(calibrate(margins, changed).apart[7], before[7])
    assert not np.array_equal(calibrate(margins, changed).apart[8], before[8])


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_with_next_to_nothing_held_out_there_is_still_a_calibration_and_no_warning(count):
    margins, codes = _world(5, 3)
    calibration, apart = calibrate(margins[:count], codes[:count])
    assert np.isfinite(calibration.probabilities(margins)).all()
    assert apart.shape == (count, 3)
    assert np.isfinite(log_loss(margins[:count], codes[:count]))


def test_what_is_handed_in_is_not_changed():
    margins, codes = _world(400, 3)
    before = margins.copy(), codes.copy()
    calibrate(margins, codes).calibration.probabilities(margins)
    assert np.array_equal(margins, before[0]) and np.array_equal(codes, before[1])
