"""Fitting a model: features once, a head for each task."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from triage.classify.features import TextFeatures
from triage.classify.head import LinearHead
from triage.classify.layout import TITLE_END
from triage.classify.model import Model
from triage.language.redact import redact
from triage.language.word_table import WordTable

FEW = 4000


@dataclass(frozen=True)
class Examples:
    """Labelled texts of one task; the texts are cleaned. `weights` say how sure each label is, over 0 up
    to 1."""

    texts: Sequence[str]
    labels: Sequence[str]
    weights: Sequence[float] | None = None


def fit_model(
    name: str,
    tasks: Mapping[str, Examples],
    primary: str,
    *,
    features: TextFeatures,
    heads: Mapping[str, LinearHead] | None = None,
    promises: bool = True,
) -> Model:
    """Fit one vocabulary over all texts and a head for every task.

    Personal data is redacted before anything is learnt, so that no name enters a vocabulary. The version is the
    digest of what was learnt from: the same data gives the same model. `heads` are unfitted, by task; a task without
    one gets a plain one.
    """
    redacted = {task: [redact(text) for text in examples.texts] for task, examples in tasks.items()}
    everything = list(dict.fromkeys(text for texts in redacted.values() for text in texts))
    shared = features.fit(everything)
    fitted = {}
    for task, examples in tasks.items():
        rows = shared.transform(redacted[task])
        head = (heads or {}).get(task) or LinearHead()
        fitted[task] = head.fit(rows, examples.labels, near_copies(redacted[task]), examples.weights)
    return Model(name, _version(tasks), shared, fitted, primary, promises)


def features_for(texts: Sequence[str], table: Callable[[], WordTable]) -> TextFeatures:
    """The features that suit a table of orders, see docs/decisions/0009.

    The word table knows words that few examples cannot teach, and what a title means; many texts without titles do
    without it. There, opening and closing stand out.
    """
    titled = any(TITLE_END in text for text in texts)
    return TextFeatures(table=table() if titled or len(texts) < FEW else None, ends=not titled)


def near_copies(texts: Sequence[str]) -> list[int]:
    """A number for each text, the same for copies that differ in digits, blanks and their ends only.

    >>> near_copies(["路灯坏了3天", "路灯坏了 5天", "油烟"])
    [0, 0, 1]
    """
    numbers: dict[str, int] = {}
    return [numbers.setdefault(_bare(text), len(numbers)) for text in texts]


def _bare(text: str) -> str:
    return "".join(mark for mark in text if mark.isalpha())[:60]


def _version(tasks: Mapping[str, Examples]) -> str:
    learnt = hashlib.sha256()
    for task, examples in sorted(tasks.items()):
        learnt.update(task.encode())
        for text, label in zip(examples.texts, examples.labels, strict=True):
            learnt.update(f"\0{text}\0{label}".encode(errors="replace"))
        if examples.weights is not None:
            learnt.update(repr([float(weight) for weight in examples.weights]).encode())
    return learnt.hexdigest()[:12]
