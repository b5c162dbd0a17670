"""What many predictions come to, counted a part at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Confusion = Counter[tuple[str, str]]
"""How many rows had the first label and got the second."""

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
_BINS = 1_000


@dataclass
class Figures:
    """Counts of predictions; `right_alone` are those given alone that agree with the label there was."""

    rows: int = 0
    alone: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    labels_alone: Counter[str] = field(default_factory=Counter)
    bins: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS + 1, dtype=np.int64))
    confusion: Confusion = field(default_factory=Counter)
    labelled_alone: int = 0
    right_alone: int = 0

    def add(self, predictions: pd.DataFrame, given: Sequence[str | None]) -> None:
        """Count the predictions of some rows, with the labels that these had."""
        labels, auto = predictions["label"].tolist(), predictions["auto"].tolist()
        self.rows += len(labels)
        self.alone += sum(auto)
        self.labels.update(labels)
        self.labels_alone.update(label for label, alone in zip(labels, auto, strict=True) if alone)
        found = (predictions["confidence"].to_numpy() * _BINS).astype(np.int64)
        self.bins += np.bincount(found, minlength=_BINS + 1)
        pairs = [(one, label, alone) for one, label, alone in zip(given, labels, auto, strict=True) if one is not None]
        self.confusion.update((one, label) for one, label, _ in pairs)
        self.labelled_alone += sum(alone for _, _, alone in pairs)
        self.right_alone += sum(alone and one == label for one, label, alone in pairs)

    def summary(self, domain_of: Mapping[str, str]) -> dict[str, Any]:
        """The figures by name; by domain where the labels are the taxonomy's."""
        counts = {name: {"rows": count, "auto": self.labels_alone[name]} for name, count in self.labels.most_common()}
        told: dict[str, Any] = {
            "rows": self.rows,
            "auto": self.alone,
            "auto_share": self.alone / self.rows if self.rows else None,
            "confidence": quantiles(self.bins),
            "labels": counts,
        }
        if self.labels.keys() <= domain_of.keys():
            domains: Counter[str] = Counter()
            for name, count in self.labels.items():
                domains[domain_of[name]] += count
            told["domains"] = dict(domains.most_common())
        return told

    def agreement(self) -> dict[str, Any]:
        """How far the labels there were agree with the predictions."""
        rows = sum(self.confusion.values())
        right = sum(count for (given, label), count in self.confusion.items() if given == label)
        return {
            "labelled": rows,
            "differ": rows - right,
            "accuracy": right / rows if rows else None,
            "macro_f1": macro_f1(self.confusion),
            "auto_accuracy": self.right_alone / self.labelled_alone if self.labelled_alone else None,
            "confusion": changes(self.confusion, lambda label: label, same=True),
        }


def quantiles(bins: npt.NDArray[np.int64]) -> dict[str, float]:
    """Quantiles to three digits, rounded down, from counts of thousandths.

    >>> quantiles(np.bincount([100, 500, 500, 900], minlength=1001))["0.5"]
    0.5
    """
    reached = np.cumsum(bins)
    if not reached[-1]:
        return {}
    found = np.searchsorted(reached, [share * reached[-1] for share in QUANTILES])
    return {str(share): int(at) / _BINS for share, at in zip(QUANTILES, found, strict=True)}


def macro_f1(confusion: Mapping[tuple[str, str], int]) -> float | None:
    """The mean of the F1 of each label that a row had; None without any.

    >>> macro_f1({("a", "a"): 1, ("a", "b"): 1, ("b", "b"): 1})
    0.6666666666666666
    """
    had: Counter[str] = Counter()
    got: Counter[str] = Counter()
    for (given, label), count in confusion.items():
        had[given] += count
        got[label] += count
    scores = [2 * confusion.get((name, name), 0) / (had[name] + got[name]) for name in had]
    return sum(scores) / len(scores) if scores else None


def changes(confusion: Confusion, meaning: Callable[[str], str], *, same: bool = False) -> list[dict[str, Any]]:
    """How many rows go from what to what, most first, by what a label means (its unit, for one).

    >>> changes(Counter({("a", "b"): 2, ("b", "c"): 1}), {"a": "u1", "b": "u2", "c": "u2"}.__getitem__)
    [{'from': 'u1', 'to': 'u2', 'rows': 2}]
    """
    counts: Counter[tuple[str, str]] = Counter()
    for (given, label), count in confusion.items():
        counts[meaning(given), meaning(label)] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"from": one, "to": other, "rows": count} for (one, other), count in ranked if same or one != other]
