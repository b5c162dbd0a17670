"""One task on top of the shared features: a linear model whose margins become honest probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from triage.classify.estimator import Estimator
from triage.classify.promise import Promise, promise_from
from triage.domain.errors import BadInput

Floats = npt.NDArray[np.float64]


class LinearHead(Estimator):
    """Linear support vectors, one against the rest, calibrated by one temperature.

    Parameters
    ----------
    C : inverse strength of regularisation.
    balanced : whether rare labels weigh as much as frequent ones.
    folds : the temperature and the promise are fitted on margins of texts held out in so many folds.
    precision, coverage : what `promise_` promises, see `promise.py`.

    Shapes: features (n, f) csr; probabilities (n, k) in the order of `classes_`, rows summing to 1. Labels are texts.
    Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.

    >>> from triage.classify.features import TextFeatures
    >>> texts = ["饭店油烟太大", "油烟扰民", "路灯不亮", "路灯坏了"] * 3
    >>> features = TextFeatures().fit(texts)
    >>> head = LinearHead(folds=2).fit(features.transform(texts), ["油烟", "油烟", "路灯", "路灯"] * 3)
    >>> str(head.predict(features.transform(["小区路灯坏了"]))[0])
    '路灯'
    """

    def __init__(
        self,
        C: float = 1.0,
        balanced: bool = False,
        folds: int = 3,
        precision: float = 0.97,
        coverage: float = 0.98,
    ) -> None:
        self.C = C
        self.balanced = balanced
        self.folds = folds
        self.precision = precision
        self.coverage = coverage

    def fit(self, X: csr_matrix, y: Sequence[str], groups: Sequence[int] | None = None) -> Self:
        """Fit on rows and labels; rows of one group (near copies) are never on both sides of a fold."""
        labels = np.array([str(label) for label in y], dtype=object)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise BadInput(f"at least two different labels are needed to learn from, found {list(self.classes_)}")
        group = np.arange(len(labels)) if groups is None else np.asarray(groups)
        held_out, seen = self._held_out_margins(X, codes, group)
        self.temperature_ = _temperature(held_out[seen], codes[seen])
        self.promise_: Promise = promise_from(
            softmax(held_out[seen] / self.temperature_), codes[seen], self.precision, self.coverage
        )
        self._fit_weights(X, codes)
        return self

    def decision_function(self, X: csr_matrix) -> Floats:
        """Margins, shape (n, k)."""
        return np.asarray(X @ self.weights_ + self.bias_, dtype=np.float64)

    def predict_proba(self, X: csr_matrix) -> Floats:
        """Probabilities, shape (n, k)."""
        return np.asarray(softmax(self.decision_function(X) / self.temperature_))

    def predict(self, X: csr_matrix) -> npt.NDArray[Any]:
        """The most probable label of each row."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if "weights_" in state:
            state["weights_"] = state["weights_"].astype(np.float16)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "weights_" in state:
            self.weights_ = state["weights_"].astype(np.float32)

    def _fit_weights(self, X: csr_matrix, codes: npt.NDArray[np.intp]) -> None:
        from sklearn.svm import LinearSVC  # costs a second, and only fitting needs it

        weight = "balanced" if self.balanced else None
        model = LinearSVC(C=self.C, class_weight=weight, random_state=0).fit(X, codes)
        weights, bias = model.coef_, model.intercept_
        if len(weights) == 1:  # two classes share one plane
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        # Rounded to half precision, which is how it is stored: a loaded model answers exactly like the fitted one.
        self.weights_ = np.ascontiguousarray(weights.T.astype(np.float16), dtype=np.float32)
        self.bias_ = np.asarray(bias, dtype=np.float32)

    def _held_out_margins(
        self, X: csr_matrix, codes: npt.NDArray[np.intp], group: npt.NDArray[Any]
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Margins of each row by a model that did not see it; and which rows had such a model for all classes."""
        margins = np.full((len(codes), len(self.classes_)), -10.0)
        seen = np.zeros(len(codes), dtype=bool)
        from sklearn.model_selection import StratifiedGroupKFold

        folds = min(self.folds, min(Counter(codes.tolist()).values()))
        if folds < 2:
            return margins, seen
        splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=0)
        for train, test in splitter.split(X, codes, group):
            present = np.unique(codes[train])
            if len(present) < 2:
                continue
            fold = type(self)(**self.get_params())
            fold._fit_weights(X[train], codes[train])
            margins[np.ix_(test, present)] = fold.decision_function(X[test])
            seen[test] = True
        return margins, seen


def softmax(margins: Floats) -> Floats:
    """Rows of margins into rows of probabilities."""
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _temperature(margins: Floats, codes: npt.NDArray[np.intp]) -> float:
    """The temperature under which the held-out labels are most probable."""
    from scipy.optimize import minimize_scalar

    if not len(codes):
        return 1.0

    def cost(log_temperature: float) -> float:
        chances = softmax(margins / np.exp(log_temperature))[np.arange(len(codes)), codes]
        return float(-np.log(np.maximum(chances, 1e-300)).mean())

    return float(np.exp(minimize_scalar(cost, bounds=(-4.0, 3.0), method="bounded").x))
