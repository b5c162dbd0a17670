"""The yardstick: jieba words 1-2 and characters 1-3, sublinear TF-IDF, linear support vectors, all of it plain.

FROZEN. This module is never tuned, made faster or made slower, whatever the service does: figures of different years
are comparable because this stays as it is. It shares no code with the service.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import jieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

jieba.setLogLevel(logging.WARNING)


def fit_baseline(texts: Sequence[str], labels: Sequence[str]) -> Pipeline:
    """The yardstick's pipeline, fitted.

    >>> model = fit_baseline(["饭店油烟太大", "路灯不亮"] * 2, ["油烟", "路灯"] * 2)
    >>> predict_one(model, "小区路灯不亮")
    '路灯'
    """
    words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    features = FeatureUnion([("words", words), ("characters", characters)])
    return Pipeline([("features", features), ("linear", LinearSVC(random_state=0))]).fit(texts, labels)


def predict_one(model: Pipeline, text: str) -> str:
    """The label of one complaint, asked alone."""
    return str(model.predict([text])[0])
