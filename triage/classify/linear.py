"""Fits the planes of a linear head: support vectors, a naive-Bayes view of the same features, and coarser labels.

All three are linear in the features, so that their sum is one plane a label and costs an answer nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float64]
"""How much each row counts, shape (rows,), around 1; where there are none, each counts once."""

BAYES_C = 0.3
TOLERANCE = 0.1
"""liblinear's own default. Measured: ten times finer takes a quarter longer and changes one answer in 4,000."""


class Planes(NamedTuple):
    """Weights of shape (features, labels) and biases of shape (labels,)."""

    weights: Floats
    bias: Floats

    def plus(self, other: Planes, share: float) -> Planes:
        """The sum, with a share of the other."""
        return Planes(self.weights + share * other.weights, self.bias + share * other.bias)

    def margins(self, X: csr_matrix) -> npt.NDArray[np.float64]:
        """Shape (rows, labels)."""
        return np.asarray(X @ self.weights + self.bias, dtype=np.float64)


def support_vectors(
    X: csr_matrix, codes: Codes, C: float, balanced: bool, row_weights: Weights | None = None
) -> Planes:
    """Linear support vectors, one label against the rest; `codes` are 0 to k - 1, each of them there."""
    from sklearn.svm import LinearSVC  # costs a second, and only fitting needs it

    weight = "balanced" if balanced else None
    model = LinearSVC(C=C, class_weight=weight, tol=TOLERANCE, random_state=0).fit(X, codes, row_weights)
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two classes share one plane
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Planes(np.ascontiguousarray(weights.T, dtype=np.float32), np.asarray(bias, dtype=np.float32))


def bayes_view(X: csr_matrix, codes: Codes, balanced: bool, row_weights: Weights | None = None) -> Planes:
    """Support vectors over features weighed by how much more often they occur with a label than without it.

    Wang and Manning, Baselines and Bigrams, ACL 2012, on TF-IDF instead of occurrence.
    """
    labels = int(codes.max()) + 1
    # Occurrence is counted, and what can be negative (the table's columns) cannot be counted: it stands aside.
    counted = np.flatnonzero(X.min(axis=0).toarray().ravel() >= 0)
    seen = X[:, counted]
    ones = np.ones_like(seen.data) if row_weights is None else np.repeat(row_weights, np.diff(seen.indptr))
    here = csr_matrix((ones, seen.indices, seen.indptr), shape=seen.shape)
    total = np.asarray(here.sum(axis=0)).ravel() + 2.0
    weights, bias = np.zeros((X.shape[1], labels), np.float32), np.zeros(labels, np.float32)
    for code in range(labels):
        with_label = np.asarray(here[codes == code].sum(axis=0)).ravel() + 1.0
        without = total - with_label
        ratio = (np.log(with_label / with_label.sum()) - np.log(without / without.sum())).astype(np.float32)
        weighed = csr_matrix((seen.data * ratio[seen.indices], seen.indices, seen.indptr), shape=seen.shape)
        plane = support_vectors(weighed, (codes == code).astype(np.intp), BAYES_C, balanced, row_weights)
        weights[counted, code], bias[code] = plane.weights[:, 1] * ratio, plane.bias[1]
    return Planes(weights, bias)


def spread(planes: Planes, parents: Codes) -> Planes:
    """Planes of coarser labels given to each finer label: column i becomes that of its parent."""
    return Planes(planes.weights[:, parents], planes.bias[parents])
