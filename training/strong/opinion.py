"""Fits a second opinion beside a fitted model, on what the model said of rows that it had not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from training.fit import Examples, near_copies
from triage.classify.calibration import softmax
from triage.classify.head import TRUSTED, LinearHead
from triage.classify.model import Model
from triage.classify.promise import promise_from
from triage.classify.second_opinion import LEAST, OnnxEncoder, OpinionHead, SecondOpinion, Vectors, pooled
from triage.classify.store import digest
from triage.language.redact import redact

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Say = Callable[[str], None]

FOLDS = 5
STRENGTHS = (0.03, 0.1, 0.3, 1.0)
"""Inverse strengths of regularisation of the vectors' head; the one under which held-out labels are most probable."""

EARNED = 0.05
"""An opinion must spare this share of the log loss of the rows it is asked about, else it costs time for nothing.
Measured: 19 to 28 % for departments, where two points more are right; see docs/strong.md."""

FEWEST = 100
"""So many held-out rows must be unsure: fewer cannot say what an opinion is worth."""

_RIDGE = 3.0


class Pool(NamedTuple):
    """The shares of two opinions, and what is added for each label."""

    shares: tuple[float, float]
    shift: Floats


def with_second_opinion(model: Model, tasks: Mapping[str, Examples], encoder: OnnxEncoder, say: Say) -> Model:
    """The model with a second opinion on each task where it earns its time; `model` was just fitted on `tasks`.

    The heads' promises are made anew, over the answers that are given in the end; the version tells it from the model
    without. ModelFault where the encoder's libraries are missing.
    """
    opinions, heads = {}, dict(model.heads)
    for task, examples in tasks.items():
        texts = [redact(text) for text in examples.texts]
        vectors = encoder.encode(texts)
        weights = np.ones(len(texts)) if examples.weights is None else np.asarray(examples.weights)
        opinion, head = opinion_on(model.heads[task], vectors, examples.labels, near_copies(texts), weights)
        say(f"second opinion on {task}: {'not worth its time, left out' if opinion is None else 'taken'}")
        if opinion is not None:
            opinions[task], heads[task] = opinion, head
    if not opinions:
        return model
    version = digest(f"{model.version} {digest(encoder.graph)}".encode())[:12]
    return replace(model, version=version, heads=heads, second=SecondOpinion(encoder, opinions))


def opinion_on(
    head: LinearHead, vectors: Vectors, labels: Sequence[str], groups: Sequence[int], weights: Floats
) -> tuple[OpinionHead | None, LinearHead]:
    """An opinion on one task by vectors of shape (rows, width), and the head with the promise of both together.

    None, and the head as it was, where too few rows are unsure or nothing is gained on rows that were held out.
    `weights`, shape (rows,), say how sure each label is: what is trusted bears witness, as for the linear model.
    """
    names = head.classes_.astype(str)
    codes = np.searchsorted(names, np.asarray(labels, dtype=str))
    seen, linear = head.held_out_
    unsure = ~head.promise_.may_decide(linear)
    if unsure.sum() < FEWEST:
        return None, head
    centre, scale = vectors.mean(axis=0), float(vectors.std())
    rows, right = (vectors - centre) / scale, codes[seen]
    strength, ours = held_out(rows[seen], right, np.asarray(groups)[seen], weights[seen], len(names))
    both = linear.copy()
    both[unsure] = pooled_apart(linear[unsure], ours[unsure], right[unsure])
    if cost(both[unsure], right[unsure]) > (1 - EARNED) * cost(linear[unsure], right[unsure]):
        return None, head
    pool = fit_pool(linear[unsure], ours[unsure], right[unsure])
    planes, bias = _planes(rows, codes, weights, strength, len(names))
    opinion = OpinionHead(centre, (planes / scale).astype(np.float32), bias.astype(np.float32), *pool, head.promise_)
    witnesses = weights[seen] >= TRUSTED
    return opinion, _promising(head, both[witnesses], right[witnesses])


def _promising(head: LinearHead, answers: Floats, codes: Codes) -> LinearHead:
    """The head with a promise over these answers."""
    promising = copy(head)
    promising.promise_ = promise_from(
        answers,
        codes,
        head.classes_.tolist(),
        precision=head.precision,
        label_precision=head.label_precision,
        coverage=head.coverage,
        level=head.level,
    )
    return promising


def held_out(rows: Vectors, codes: Codes, groups: Codes, weights: Floats, labels: int) -> tuple[float, Floats]:
    """The best strength, and chances of each row, shape (n, labels), by a head that saw neither it nor a near copy."""
    splitter = StratifiedGroupKFold(min(FOLDS, len(np.unique(groups))), shuffle=True, random_state=1)
    splits = list(splitter.split(rows, codes, groups))
    found = {strength: np.empty((len(codes), labels)) for strength in STRENGTHS}
    for strength, chances in found.items():
        for learnt, asked in splits:
            planes, bias = _planes(rows[learnt], codes[learnt], weights[learnt], strength, labels)
            chances[asked] = softmax(rows[asked] @ planes + bias)
    best = min(found, key=lambda strength: cost(found[strength], codes))
    return best, found[best]


def fit_pool(linear: Floats, ours: Floats, codes: Codes) -> Pool:
    """The shares and shifts under which the right labels are most probable, drawn a little towards halves and 0.

    >>> sure, torn = np.array([[0.9, 0.1], [0.1, 0.9]] * 50), np.full((100, 2), 0.5)
    >>> shares, _ = fit_pool(sure, torn, np.array([0, 1] * 50))
    >>> shares[0] > 0.5
    True
    """
    views = np.log(np.maximum(np.stack([linear, ours]), LEAST))
    right = np.zeros_like(linear)
    right[np.arange(len(codes)), codes] = 1

    def penalised(values: Floats) -> tuple[float, Floats]:
        shares, shift = values[:2], values[2:]
        chances = softmax(np.tensordot(shares, views, 1) + shift)
        apart = chances - right
        loss = -np.log(np.maximum((chances * right).sum(axis=1), 1e-300)).sum()
        pulls = np.concatenate([(views * apart).sum(axis=(1, 2)), apart.sum(axis=0)])
        drawn = np.concatenate([shares - 0.5, shift])
        return float(loss + _RIDGE * drawn @ drawn), pulls + 2 * _RIDGE * drawn

    start = np.concatenate([[0.5, 0.5], np.zeros(linear.shape[1])])
    found = minimize(penalised, start, jac=True, method="L-BFGS-B").x
    return Pool((float(found[0]), float(found[1])), found[2:])


def pooled_apart(linear: Floats, ours: Floats, codes: Codes) -> Floats:
    """Both opinions on each row, pooled as was learnt from the other folds."""
    both = np.empty_like(linear)
    for others, fold in _folds(len(codes)):
        both[fold] = pooled(linear[fold], ours[fold], *fit_pool(linear[others], ours[others], codes[others]))
    return both


def cost(chances: Floats, codes: Codes) -> float:
    """The mean negative log chance of the right labels."""
    return float(-np.log(np.maximum(chances[np.arange(len(codes)), codes], LEAST)).mean())


def _folds(rows: int) -> Iterator[tuple[Codes, Codes]]:
    for fold in range(FOLDS):
        inside = np.arange(rows) % FOLDS == fold
        yield np.flatnonzero(~inside), np.flatnonzero(inside)


def _planes(rows: Vectors, codes: Codes, weights: Floats, strength: float, labels: int) -> tuple[Floats, Floats]:
    """Weights of shape (width, labels) and biases, shape (labels,); a label without rows has next to no chance."""
    model = LogisticRegression(C=strength, max_iter=300).fit(rows, codes, weights)
    own, bias_of_own = model.coef_, model.intercept_
    if len(own) == 1:  # two classes share one plane
        own, bias_of_own = np.vstack([-own, own]) / 2, np.concatenate([-bias_of_own, bias_of_own]) / 2
    planes, bias = np.zeros((rows.shape[1], labels)), np.full(labels, np.log(LEAST))
    planes[:, model.classes_], bias[model.classes_] = own.T, bias_of_own
    return planes, bias
