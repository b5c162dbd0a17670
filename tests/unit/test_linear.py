"""The planes of a linear head."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from triage.classify.linear import TOLERANCE, Planes, bayes_view, spread, support_vectors


def _world(labels: int, count: int = 120, width: int = 12, signed: int = 0, seed: int = 2):
    """Rows in which each label has its own columns; the last `signed` columns may be negative, as a table's are."""
    chance = np.random.default_rng(seed)
    codes = np.arange(count) % labels
    rows = chance.uniform(size=(count, width)) * (chance.uniform(size=(count, width)) < 0.3)
    rows[np.arange(count), codes] += 1
    rows[:, width - signed :] = chance.normal(size=(count, signed)) if signed else rows[:, width:]
    return csr_matrix(rows.astype(np.float32)), codes


@pytest.mark.parametrize("labels", [2, 3, 5])
@pytest.mark.parametrize("balanced", [False, True])
def test_support_vectors_are_scikit_learns(labels, balanced):
    X, codes = _world(labels)
    weight = "balanced" if balanced else None
    theirs = LinearSVC(C=0.7, class_weight=weight, tol=TOLERANCE, random_state=0).fit(X, codes).decision_function(X)
    margins = support_vectors(X, codes, 0.7, balanced).margins(X)
    assert margins.shape == (120, labels)
    expected = theirs if labels > 2 else np.column_stack([-theirs, theirs])
    assert np.allclose(margins, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("signed", [0, 4])
@pytest.mark.parametrize("balanced", [False, True])
def test_the_bayes_view_knows_what_is_plain(labels, signed, balanced):
    X, codes = _world(labels, signed=signed)
    planes = bayes_view(X, codes, balanced)
    assert planes.weights.shape == (12, labels) and planes.bias.shape == (labels,)
    assert np.isfinite(planes.weights).all()
    assert np.mean(planes.margins(X).argmax(axis=1) == codes) > 0.95


def test_the_bayes_view_leaves_out_what_can_be_negative():
    X, codes = _world(3, signed=4)
    planes = bayes_view(X, codes, False)
    assert not planes.weights[-4:].any()
    assert planes.weights[:-4].any(axis=1).all()
    alone = bayes_view(X[:, :-4], codes, False)
    assert np.array_equal(alone.weights, planes.weights[:-4])


def test_a_column_that_says_nothing_gets_no_weight_from_bayes():
    rows, codes = np.ones((40, 3), dtype=np.float32), np.arange(40) % 2
    rows[codes == 0, 0], rows[codes == 1, 1] = 0, 0
    weights = bayes_view(csr_matrix(rows), codes, False).weights
    assert np.abs(weights[2]).max() < 0.05 * np.abs(weights[:2]).min()


FITS = {
    "support vectors": lambda X, codes: support_vectors(X, codes, 1.0, False),
    "the Bayes view": lambda X, codes: bayes_view(X, codes, False),
}


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_fitting_twice_gives_the_same_planes_and_changes_nothing_handed_in(fit):
    X, codes = _world(3, signed=4)
    before, known = X.copy(), codes.copy()
    first, second = fit(X, codes), fit(X, codes)
    assert np.array_equal(first.weights, second.weights) and np.array_equal(first.bias, second.bias)
    assert np.array_equal(X.data, before.data) and np.array_equal(X.indices, before.indices)
    assert np.array_equal(codes, known)


def test_planes_add_up_like_their_margins():
    X, codes = _world(3)
    one, other = support_vectors(X, codes, 1.0, False), bayes_view(X, codes, False)
    expected = one.margins(X) + 0.5 * other.margins(X)
    assert np.allclose(one.plus(other, 0.5).margins(X), expected, rtol=0, atol=1e-4)


def test_every_label_gets_the_plane_of_its_parent():
    planes = Planes(np.array([[1, 2], [3, 4]], dtype=np.float32), np.array([5, 6], dtype=np.float32))
    spread_out = spread(planes, np.array([1, 0, 1]))
    assert spread_out.weights.tolist() == [[2, 1, 2], [4, 3, 4]]
    assert spread_out.bias.tolist() == [6, 5, 6]
