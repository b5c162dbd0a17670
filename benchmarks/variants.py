"""What is compared: the yardstick, the house's steps each adding one thing, and two ideas that did not help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import normalize

from benchmarks.answers import Answers, Floats, answers_from
from benchmarks.baseline import fit_baseline
from benchmarks.folds import Ints, Labels
from training.fit import features_for
from triage.bootstrap import default_model
from triage.classify.features import TextFeatures
from triage.classify.head import LinearHead
from triage.classify.linear import Planes, support_vectors
from triage.language.redact import redact
from triage.language.word_table import WordTable

Predictor = Callable[[Sequence[str]], Answers]
Fit = Callable[[Sequence[str], Labels, Ints], Predictor]
"""Texts, labels and near-copy groups to learn from; the predictor answers texts it did not see."""
Margins = Callable[[csr_matrix, Labels, Ints, csr_matrix], Floats]
"""Rows, labels and groups to learn from, rows to ask about; a column for each label, sorted."""

INNER_FOLDS = 3
YARDSTICK = "baseline"


@dataclass(frozen=True)
class Variant:
    """One contestant; `raw` where it reads messages as they came, `needs` names a library beyond the core."""

    adds: str
    fit: Fit
    raw: bool = False
    needs: str | None = None


@cache
def word_table() -> WordTable:
    """The table that ships."""
    return WordTable.read(default_model() / "words")


def _yardstick(texts: Sequence[str], labels: Labels, groups: Ints) -> Predictor:
    model = fit_baseline(texts, labels.tolist())
    return lambda asked: Answers(np.array(model.predict(asked), dtype=str))


def _house(suited: bool, **head: Any) -> Fit:
    """Learnt as `triage train` learns: from redacted texts."""

    def fit(texts: Sequence[str], labels: Labels, groups: Ints) -> Predictor:
        features, rows = _features(texts, suited)
        return _promising(features, LinearHead(**head).fit(rows, labels.tolist(), groups.tolist()))

    return fit


def _pruned(texts: Sequence[str], labels: Labels, groups: Ints) -> Predictor:
    """The full house, learnt from the rows whose label cleanlab does not doubt."""
    from cleanlab.filter import find_label_issues  # not of the core

    features, rows = _features(texts, suited=True)
    codes = np.unique(labels, return_inverse=True)[1]
    doubted = find_label_issues(codes, _held_out(_chances, rows, labels, groups, missing=0.0), n_jobs=1)
    kept = ~np.asarray(doubted)
    return _promising(features, LinearHead().fit(rows[kept], labels[kept].tolist(), groups[kept].tolist()))


def _stacked(texts: Sequence[str], labels: Labels, groups: Ints) -> Predictor:
    """Words, characters and table each for itself, weighed by a logistic regression on held-out margins."""
    features, rows = _learnt(TextFeatures(table=word_table()), texts)
    views = _views(features, rows)
    held_out = [_held_out(_margins, view, labels, groups, missing=-1.0) for view in views]
    judge = LogisticRegression(max_iter=2000).fit(np.hstack(held_out), labels)
    planes = [_planes(view, labels) for view in views]

    def predict(asked: Sequence[str]) -> Answers:
        seen = _views(features, features.transform(asked))
        margins = [one.margins(view) for one, view in zip(planes, seen, strict=True)]
        return Answers(np.array(judge.predict(np.hstack(margins)), dtype=str))

    return predict


VARIANTS = {
    YARDSTICK: Variant("the frozen yardstick", _yardstick, raw=True),
    "plain": Variant("words, characters, the title three times; C = 1", _house(False, Cs=(1.0,), bayes=0.0)),
    "chosen": Variant("C chosen on inner folds", _house(False, bayes=0.0)),
    "bayes": Variant("a naive-Bayes view of the same features", _house(False)),
    "house": Variant("word table for few rows, ends for texts without a title: the full house", _house(True)),
    "pruned": Variant("full house without rows that cleanlab doubts", _pruned, needs="cleanlab"),
    "stacked": Variant("views apart, a logistic regression over their margins", _stacked),
}


def _features(texts: Sequence[str], suited: bool) -> tuple[TextFeatures, csr_matrix]:
    return _learnt(features_for(texts, word_table) if suited else TextFeatures(), texts)


def _learnt(features: TextFeatures, texts: Sequence[str]) -> tuple[TextFeatures, csr_matrix]:
    redacted = [redact(text) for text in texts]
    return features.fit(redacted), features.transform(redacted)


def _promising(features: TextFeatures, head: LinearHead) -> Predictor:
    classes = head.classes_.tolist()
    return lambda asked: answers_from(head.predict_proba(features.transform(asked)), classes, head.promise_)


def _views(features: TextFeatures, rows: csr_matrix) -> list[csr_matrix]:
    """The columns of words, of characters and of the table, each with rows of length 1."""
    words = len(features.words_)
    both = words + len(features.grams_)
    return [normalize(view) for view in (rows[:, :words], rows[:, words:both], rows[:, both:])]


def _held_out(fit: Margins, rows: csr_matrix, labels: Labels, groups: Ints, missing: float) -> Floats:
    """What each row gets from a fit that did not see it; `missing` for labels that the fit did not see."""
    classes = np.unique(labels)
    found = np.full((len(labels), len(classes)), missing)
    for learnt, asked in StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=0).split(rows, labels, groups):
        columns = np.searchsorted(classes, np.unique(labels[learnt]))
        found[np.ix_(asked, columns)] = fit(rows[learnt], labels[learnt], groups[learnt], rows[asked])
    return found


def _chances(rows: csr_matrix, labels: Labels, groups: Ints, asked: csr_matrix) -> Floats:
    head = LinearHead(Cs=(1.0,), folds=2).fit(rows, labels.tolist(), groups.tolist())
    return head.predict_proba(asked)


def _margins(rows: csr_matrix, labels: Labels, groups: Ints, asked: csr_matrix) -> Floats:
    return _planes(rows, labels).margins(asked)


def _planes(rows: csr_matrix, labels: Labels) -> Planes:
    return support_vectors(rows, np.unique(labels, return_inverse=True)[1], 1.0, balanced=False)
