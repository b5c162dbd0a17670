"""How well a pair model tells labelled pairs apart, and the card of a tuned one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from training.pairs_of_orders import Bools, Doubles, Pairs
from triage.similar.grouping.pairs import DEFAULT, PairModel

_BINS = 10


class Said(NamedTuple):
    """What a model says of pairs: their scores, probabilities, and whether the grouping put them into one issue."""

    score: Doubles
    probability: Doubles
    together: Bools

    def of(self, rows: Bools) -> Said:
        """What it says of some of the pairs."""
        return Said(self.score[rows], self.probability[rows], self.together[rows])


def figures(pairs: Pairs, said: Said) -> dict[str, float]:
    """Figures of weighed pairs.

    Precision, recall and F1 of the pairs that score above 0; average precision; log loss; the expected calibration
    error over ten bins (Naeini and others, AAAI 2015); and precision, recall and F1 of the pairs that the grouping
    put into one issue.
    """
    from sklearn.metrics import average_precision_score, log_loss  # slow to import, only needed here

    found = {
        **_told_apart(pairs, said.score > 0, ""),
        "average_precision": average_precision_score(pairs.same, said.score, sample_weight=pairs.weight),
        "log_loss": log_loss(pairs.same, said.probability, sample_weight=pairs.weight, labels=[False, True]),
        "ece": calibration_error(pairs, said.probability),
        **_told_apart(pairs, said.together, "issue_"),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def calibration_error(pairs: Pairs, probability: Doubles) -> float:
    """The mean difference between what is said and what is so, in ten bins of probability, weighed by their pairs.

    >>> ends, ones = np.arange(2), np.ones(2)
    >>> calibration_error(Pairs(ends, ends, np.array([True, False]), ones), np.array([0.75, 0.25]))
    0.25
    """
    bins = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    off = np.bincount(bins, weights=pairs.weight * (probability - pairs.same), minlength=_BINS)
    return float(np.abs(off).sum() / pairs.weight.sum())


def _told_apart(pairs: Pairs, called_same: Bools, prefix: str) -> dict[str, float]:
    right, called, true = (
        float(pairs.weight[rows].sum()) for rows in (called_same & pairs.same, called_same, pairs.same)
    )
    found = {
        "precision": right / called if called else 0.0,
        "recall": right / true if true else 0.0,
        "f1": 2 * right / (called + true) if called + true else 0.0,
    }
    return {prefix + name: value for name, value in found.items()}


def pair_card(model: PairModel, facts: Mapping[str, Any]) -> str:
    """The card of a model tuned by `triage train --target pairs`."""
    before, after = facts["before"], facts["after"]
    figures_told = "\n".join(f"| {name} | {before[name]:.4f} | {after[name]:.4f} |" for name in before)
    weights = "\n".join(f"| {name} | {default:g} | {model.weights[name]:g} |" for name, default in DEFAULT.items())
    gained = "" if facts["gain"] else "\n**Nothing was gained: the model is the one of before.**\n"
    return _CARD.format(figures=figures_told, weights=weights, gained=gained, model=model, facts=facts)


_CARD = """# A tuned pair model

Are two orders the same matter? Above 0 they belong together.
{gained}
| on {facts[pairs][held_out]} pairs held out | before | after |
|---|---|---|
{figures}

| sign | before | now |
|---|---|---|
{weights}

- Bias {model.bias:g}, slope {model.slope:g}, offset {model.offset:g}.
- Learnt from {facts[pairs][same]} pairs that are the same and {facts[pairs][different]} that are not; held-out pairs
  share no order with those learnt from. SHA-256 of the files: {facts[data_sha256]}, {facts[pairs_sha256]}.
- Probabilities are those among pairs like these. No word, name or id is in it.
"""
