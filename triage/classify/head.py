"""One task on top of the shared features: a linear model whose margins become honest probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix

from triage.classify import linear
from triage.classify.calibration import calibrate, log_loss
from triage.classify.estimator import Estimator
from triage.classify.linear import Planes, Weights
from triage.classify.promise import COVERAGE, LEVEL, PRECISION, Promise, promise_from
from triage.classify.rounding import Rounded, round_columns
from triage.domain.errors import BadInput

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Split = tuple[Codes, Codes]
"""Rows to learn from and rows to hold out."""

PARENT_SHARE = 0.5
JUDGED = 1_000
"""So many held-out rows tell strengths apart; to compare them on all would take half as long again."""
WORTH_WORKERS = 500_000
"""So many numbers in the rows, and it takes longer to learn from them than to start further processes."""

BAYES = None
"""The view that is the same at every strength."""

TRUSTED = 0.5
"""From this weight on a row's label may bear witness for a promise. What is less sure teaches all the same."""

UNSEEN = -10.0
"""The margin of a label that a fold has not learnt: as good as none."""


_NOT_KEPT = frozenset({"weights_", "sums_", "held_out_"})
"""What is worked out again when it is needed, and what only whoever fitted needs."""


class HeldOut(NamedTuple):
    """Rows that were held out while fitting, and their probabilities then, shape (rows, k); kept in memory only."""

    rows: Codes
    probabilities: Floats


class LinearHead(Estimator):
    """Linear support vectors with a naive-Bayes view of the same features, calibrated on held-out margins.

    Parameters
    ----------
    Cs : inverse strengths of regularisation; the one under which held-out labels are most probable is taken,
        the first where nothing could be held out.
    bayes : the share of the naive-Bayes view; 0 leaves it out.
    balanced : whether rare labels weigh as much as frequent ones.
    parents : a coarser label for each label (the domain of a category); what tells these apart is learnt from all
        of their examples and added to the finer labels.
    folds : margins are held out in so many folds.
    precision, label_precision, coverage, level : what `promise_` promises, see `promise.py`.

    Shapes: features (n, f) csr; probabilities (n, k) in the order of `classes_`, rows summing to 1. Labels are texts.

    >>> from triage.classify.features import TextFeatures
    >>> texts = ["饭店油烟太大", "油烟扰民", "路灯不亮", "路灯坏了"] * 3
    >>> features = TextFeatures().fit(texts)
    >>> head = LinearHead(folds=2).fit(features.transform(texts), ["油烟", "油烟", "路灯", "路灯"] * 3)
    >>> str(head.predict(features.transform(["小区路灯坏了"]))[0])
    '路灯'
    """

    def __init__(
        self,
        Cs: Sequence[float] = (1.0, 0.2, 3.0),
        bayes: float = 0.5,
        balanced: bool = False,
        parents: Mapping[str, str] | None = None,
        folds: int = 5,
        precision: float = PRECISION,
        label_precision: float | None = None,
        coverage: float = COVERAGE,
        level: float = LEVEL,
    ) -> None:
        self.Cs = Cs
        self.bayes = bayes
        self.balanced = balanced
        self.parents = parents
        self.folds = folds
        self.precision = precision
        self.label_precision = label_precision
        self.coverage = coverage
        self.level = level

    def fit(
        self,
        X: csr_matrix,
        y: Sequence[str],
        groups: Sequence[int] | None = None,
        sample_weight: Sequence[float] | None = None,
    ) -> Self:
        """Fit on rows and labels; rows of one group (near copies) are never on both sides of a fold.

        `sample_weight` says how sure each label is, over 0 up to 1. Against each other the weights say how much a row
        teaches; what the head promises rests on held-out rows of `TRUSTED` weight only. BadInput for other weights.
        """
        labels = np.array([str(label) for label in y], dtype=object)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise BadInput(f"at least two different labels are needed to learn from, found {list(self.classes_)}")
        if not X.shape[1]:
            raise BadInput("nothing to learn from: the texts share no word and no character")
        group = np.arange(len(labels)) if groups is None else np.asarray(groups)
        sure = None if sample_weight is None else _checked(sample_weight, len(labels))
        weights = None if sure is None else sure / sure.mean()
        splits = list(_splits(codes, group, self.folds))
        self.C_, held_out = self._held_out(X, codes, weights, splits)
        seen = np.sort(_rows_of(splits))
        margins, right = held_out[seen], codes[seen]
        self.calibration_, apart = calibrate(margins, right, _part(weights, seen))
        self.held_out_ = HeldOut(seen, apart)
        witnesses = slice(None) if sure is None else sure[seen] >= TRUSTED
        self.promise_: Promise = promise_from(
            apart[witnesses],
            right[witnesses],
            self.classes_.tolist(),
            precision=self.precision,
            label_precision=self.label_precision,
            coverage=self.coverage,
            level=self.level,
        )
        planes = self._planes(X, codes, weights, self.classes_, self.C_)
        if self.bayes:
            planes = planes.plus(linear.bayes_view(X, codes, self.balanced, weights), self.bayes)
        # Rounded as it is stored, so that a loaded model answers exactly like the fitted one.
        self.rounded_: Rounded = round_columns(planes.weights)
        self.bias_ = planes.bias
        self.__dict__.pop("weights_", None)
        self.__dict__.pop("sums_", None)
        return self

    @cached_property
    def weights_(self) -> npt.NDArray[np.float32]:
        """Weights of shape (f, k)."""
        return self.rounded_.widened()

    @cached_property
    def sums_(self) -> Floats:
        """The weights of each feature for all labels together, shape (f,)."""
        return np.asarray(self.weights_.sum(axis=1, dtype=np.float64))

    def above(self, label: int, features: Codes) -> Floats:
        """How far these features' weights for a label lie above the mean of the other labels'."""
        own = self.weights_[features, label]
        return np.asarray(own - (self.sums_[features] - own) / (self.weights_.shape[1] - 1))

    def decision_function(self, X: csr_matrix) -> Floats:
        """Margins, shape (n, k)."""
        return np.asarray(X @ self.weights_ + self.bias_, dtype=np.float64)

    def predict_proba(self, X: csr_matrix) -> Floats:
        """Probabilities, shape (n, k)."""
        return self.calibration_.probabilities(self.decision_function(X))

    def predict(self, X: csr_matrix) -> npt.NDArray[Any]:
        """The most probable label of each row."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _NOT_KEPT}

    def _planes(
        self, X: csr_matrix, codes: Codes, weights: Weights | None, names: npt.NDArray[Any], C: float
    ) -> Planes:
        """Planes of the labels, with those of their parents; the codes are places in `names`."""
        planes = linear.support_vectors(X, codes, C, self.balanced, weights)
        if self.parents is None:
            return planes
        coarse, parents = np.unique([self.parents[name] for name in names], return_inverse=True)
        if len(coarse) < 2:
            return planes
        of_parents = linear.support_vectors(X, parents[codes], C, self.balanced, weights)
        return planes.plus(linear.spread(of_parents, parents), PARENT_SHARE)

    def _held_out(
        self, X: csr_matrix, codes: Codes, weights: Weights | None, splits: Sequence[Split]
    ) -> tuple[float, Floats]:
        """The strength taken, and margins of each row by planes of this strength that did not see it.

        Rows of labels rarer than the folds are always learnt from and never held out: no figure speaks of them.
        """
        held_out = np.cumsum([len(test) for _, test in splits])
        first = 1 + int(np.searchsorted(held_out, JUDGED))
        compared = self._margins_apart(X, codes, weights, splits[:first], self.Cs)
        judged, rest = _rows_of(splits[:first]), _rows_of(splits[first:])
        losses = [log_loss(of_one[judged], codes[judged], _part(weights, judged)) for of_one in compared]
        best = int(np.argmin(losses))
        margins = compared[best]
        margins[rest] = self._margins_apart(X, codes, weights, splits[first:], [self.Cs[best]])[0, rest]
        return float(self.Cs[best]), margins

    def _margins_apart(
        self,
        X: csr_matrix,
        codes: Codes,
        weights: Weights | None,
        splits: Sequence[Split],
        strengths: Sequence[float],
    ) -> Floats:
        """Margins of shape (strengths, rows, labels): of the rows held out, the others are UNSEEN."""
        views = [*strengths, BAYES] if self.bayes else strengths
        # Processes, not threads: liblinear has one random state a process, and threads would share it.
        workers = -1 if X.nnz > WORTH_WORKERS else 1
        jobs = (delayed(self._view_margins)(X, codes, weights, *split, view) for split in splits for view in views)
        found = iter(Parallel(n_jobs=workers)(jobs))
        margins = np.full((len(strengths), len(codes), len(self.classes_)), UNSEEN)
        for train, test in splits:
            of_split = np.stack([next(found) for _ in strengths])
            if self.bayes:
                of_split += self.bayes * next(found)
            margins[np.ix_(np.arange(len(strengths)), test, np.unique(codes[train]))] = of_split
        return margins

    def _view_margins(
        self, X: csr_matrix, codes: Codes, weights: Weights | None, train: Codes, test: Codes, view: float | None
    ) -> Floats:
        """The test rows' margins for the labels among the training rows: by planes of a strength, or the Bayes view."""
        present, places = np.unique(codes[train], return_inverse=True)
        learnt = _part(weights, train)
        if view is BAYES:
            return linear.bayes_view(X[train], places, self.balanced, learnt).margins(X[test])
        return self._planes(X[train], places, learnt, self.classes_[present], view).margins(X[test])


def _checked(sample_weight: Sequence[float], rows: int) -> Weights:
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (rows,) or not (np.isfinite(weights) & (weights > 0) & (weights <= 1)).all():
        raise BadInput(f"a weight for each of {rows} rows is needed, over 0 and at most 1")
    return weights


def _part(weights: Weights | None, rows: Codes) -> Weights | None:
    return None if weights is None else weights[rows]


def _rows_of(splits: Sequence[Split]) -> Codes:
    """The rows held out in any of these."""
    return np.concatenate([np.zeros(0, dtype=np.intp), *(test for _, test in splits)])


def _splits(codes: Codes, group: npt.NDArray[Any], folds: int) -> Iterator[Split]:
    """Rows to learn from and rows to hold out, near copies on one side; none where no two labels are frequent."""
    from sklearn.model_selection import StratifiedGroupKFold  # slow to import, and only fitting needs it

    # A label's near copies count once: they are never on both sides of a fold.
    counts = np.bincount(np.unique(np.stack([codes, group]), axis=1)[0])
    folds = min(folds, int(np.sort(counts)[-2]))
    if folds < 2:
        return
    frequent = np.flatnonzero((counts >= folds)[codes])
    rare = np.flatnonzero((counts < folds)[codes])
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=0)
    for train, test in splitter.split(frequent, codes[frequent], group[frequent]):
        if len(np.unique(codes[frequent[train]])) > 1 and len(test):
            yield np.concatenate([frequent[train], rare]), frequent[test]
