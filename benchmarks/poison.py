"""`python -m benchmarks.poison`: what wrong labels among the rows to learn from cost, on real messages.

Learnt with the features and at the strengths of `triage retrain`. The messages are in the folder TRIAGE_DATA, or
../shared/data. Near copies are on one side of every cut, and the labels asked about are never touched.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.accuracy import say
from benchmarks.folds import TASKS, WRONG_USE, Labels, messages_folder, read_messages, splits, without_messages
from benchmarks.gains import macro_f1
from benchmarks.variants import word_table
from training.default_model import features_from
from training.retraining.challenger import STRENGTHS
from triage.classify.head import LinearHead
from triage.domain.errors import TriageError
from triage.language.redact import redact

SHARE = 0.05
CLEAN = "clean"

Poison = Callable[[Labels, np.random.Generator], Labels]


class Fold(NamedTuple):
    """Rows to learn from with their labels and groups of near copies, and rows to ask about with theirs."""

    learnt: csr_matrix
    labels: Labels
    groups: list[int]
    asked: csr_matrix
    right: Labels


def slips(share: float) -> Poison:
    """A share of the labels, drawn by chance, becomes any other one."""

    def poison(labels: Labels, rng: np.random.Generator) -> Labels:
        found, names = labels.copy(), np.unique(labels)
        for row in rng.choice(len(labels), round(share * len(labels)), replace=False):
            found[row] = rng.choice(names[names != found[row]])
        return found

    return poison


def aimed(share: float, source: str, target: str) -> Poison:
    """The same share of all labels, but every one of them from one label to one other."""

    def poison(labels: Labels, rng: np.random.Generator) -> Labels:
        found, rows = labels.copy(), np.flatnonzero(labels == source)
        found[rng.choice(rows, min(len(rows), round(share * len(labels))), replace=False)] = target
        return found

    return poison


def poisons(labels: Labels, share: float) -> Mapping[str, Poison]:
    """Slips of the hand, and somebody who wants the most frequent label's messages to be taken for the second's."""
    names, counts = np.unique(labels, return_counts=True)
    first, second = (str(names[at]) for at in np.argsort(-counts, kind="stable")[:2])
    return {CLEAN: lambda clean, _rng: clean, "slips": slips(share), "aimed": aimed(share, first, second)}


def measure(task: str, share: float, seeds: Sequence[int], rows: int | None = None) -> dict[str, Any]:
    """Macro-F1 with each kind of poison by seed, one fold each, and what the poison costs."""
    scores: dict[str, list[float]] = {}
    for seed in seeds:
        fold = _fold(task, seed, rows)
        for name, poison in poisons(fold.labels, share).items():
            labels = poison(fold.labels, np.random.default_rng(seed))
            score = score_of(fold, labels)
            scores.setdefault(name, []).append(score)
            say(f"{task}, seed {seed}, {name}: {100 * score:.2f} ({np.sum(labels != fold.labels)} wrong)")
    costs = {name: _cost(scores, name) for name in scores if name != CLEAN}
    return {"share": share, "macro_f1": scores, "cost": costs}


def score_of(fold: Fold, labels: Labels) -> float:
    """Macro-F1 on the rows asked about, learnt from these labels."""
    head = LinearHead(Cs=STRENGTHS, folds=3).fit(fold.learnt, labels.tolist(), fold.groups)
    return macro_f1(fold.right, head.predict(fold.asked).astype(str))


def _fold(task: str, seed: int, rows: int | None) -> Fold:
    messages = read_messages(messages_folder(), task)
    learnt, asked = splits(messages, seed)[0]
    learnt = np.random.default_rng(seed).permutation(learnt)[:rows]
    texts = [redact(messages.read[row]) for row in learnt]
    features = features_from(word_table())
    return Fold(
        features.fit(texts).transform(texts),
        messages.labels[learnt],
        messages.groups[learnt].tolist(),
        features.transform([redact(messages.read[row]) for row in asked]),
        messages.labels[asked],
    )


def _cost(scores: Mapping[str, Sequence[float]], name: str) -> dict[str, float]:
    """In points."""
    lost = 100 * (np.array(scores[CLEAN]) - np.array(scores[name]))
    return {"mean": round(float(lost.mean()), 2), "most": round(float(lost.max()), 2)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where no folder of messages was named and none is there, 2 where a named one is missing."""
    given = _arguments().parse_args(arguments)
    absent = without_messages(say)
    if absent is not None:
        return absent
    try:
        print(json.dumps({given.task: measure(given.task, given.share, range(given.seeds), given.rows)}, indent=1))
    except TriageError as error:
        say(str(error))
        return WRONG_USE
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.poison", description=__doc__)
    parser.add_argument("--task", choices=TASKS, default="domain", help="default: domain")
    parser.add_argument("--share", type=float, default=SHARE, help="of the rows to learn from; default: 0.05")
    parser.add_argument("--rows", type=int, metavar="N", help="learnt from, drawn by chance; default: all of the fold")
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, 101), metavar="N", help="default: 3")
    return parser


if __name__ == "__main__":
    sys.exit(main())
