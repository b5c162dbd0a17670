"""Scores of answers, and how sure a gain over the yardstick is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import t
from sklearn.metrics import f1_score

from benchmarks.answers import Answers
from benchmarks.folds import FOLDS, Ints, Labels

Asked = Sequence[Sequence[Ints]]
"""The rows asked about, by repeat and fold."""
Answered = Sequence[Sequence[Answers]]
"""The answers to them, by repeat and fold."""


class Interval(NamedTuple):
    """A mean with the ends of its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def paired_interval(gains: Sequence[float]) -> Interval:
    """The mean gain of all folds of all repeats, by the corrected resampled t-test.

    Folds share their training rows, so that plain variance flatters: it is taken times 1/n + (asked / learnt from)
    instead of 1/n. Nadeau and Bengio, Inference for the Generalization Error, Machine Learning 52, 2003; for repeated
    folds Bouckaert and Frank, PAKDD 2004.

    >>> [round(value, 3) for value in paired_interval([0.01, 0.02, 0.03, 0.02, 0.02])]
    [0.02, 0.007, 0.033]
    """
    count = len(gains)
    mean = float(np.mean(gains))
    half = float(t.ppf(0.975, count - 1) * np.sqrt(np.var(gains, ddof=1) * (1 / count + 1 / (FOLDS - 1))))
    return Interval(mean, mean - half, mean + half)


def macro_f1(right: Labels, answered: Labels) -> float:
    """The mean F1 of the labels that occur among the right ones."""
    return float(f1_score(right, answered, labels=np.unique(right), average="macro", zero_division=0))


def accuracy(right: Labels, answered: Labels) -> float:
    """The share of right answers."""
    return float(np.mean(right == answered))


SCORES = {"macro_f1": macro_f1, "accuracy": accuracy}


def figures(
    labels: Labels, asked: Asked, variants: Mapping[str, Answered], yardstick: str
) -> dict[str, dict[str, Any]]:
    """For each variant its scores, its gain over the yardstick, and how its promises were kept."""
    return {
        name: {
            **{score: _level(score, labels, asked, answered) for score in SCORES},
            **({} if name == yardstick else {"gain": _gains(labels, asked, answered, variants[yardstick])}),
            **_kept(labels, asked, answered),
        }
        for name, answered in variants.items()
    }


def _level(score: str, labels: Labels, asked: Asked, answered: Answered) -> float:
    """Every message is answered once in a repeat: the score over all of them, and its mean over the repeats."""
    of_repeats = [
        SCORES[score](labels[np.concatenate(rows)], np.concatenate([one.labels for one in answers]))
        for rows, answers in zip(asked, answered, strict=True)
    ]
    return float(np.mean(of_repeats))


def _gains(labels: Labels, asked: Asked, answered: Answered, yardstick: Answered) -> dict[str, dict[str, float]]:
    """Fold by fold, since both learnt from the same messages there."""
    return {
        score: paired_interval(
            [
                measure(labels[rows], ours.labels) - measure(labels[rows], theirs.labels)
                for of_repeat in zip(asked, answered, yardstick, strict=True)
                for rows, ours, theirs in zip(*of_repeat, strict=True)
            ]
        )._asdict()
        for score, measure in SCORES.items()
    }


def _kept(labels: Labels, asked: Asked, answered: Answered) -> dict[str, Any]:
    """Of all folds together: what was decided alone and how much of that was right; the label sets."""
    pairs = [pair for of_repeat in zip(asked, answered, strict=True) for pair in zip(*of_repeat, strict=True)]
    alone, right, covered, sizes = [], [], [], []
    for rows, answers in pairs:
        if answers.promised is None:
            return {}
        auto, sets, classes = answers.promised
        alone.append(auto)
        right.append(labels[rows] == answers.labels)
        covered.append((sets & (classes == labels[rows][:, None])).any(axis=1))
        sizes.append(sets.sum(axis=1))
    decided = np.concatenate(alone)
    precision = float(np.concatenate(right)[decided].mean()) if decided.any() else None
    return {
        "alone": {"share": float(decided.mean()), "precision": precision},
        "sets": {"coverage": float(np.concatenate(covered).mean()), "size": float(np.concatenate(sizes).mean())},
    }
