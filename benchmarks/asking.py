"""`python -m benchmarks.asking`: what a few answers a day teach, well chosen or drawn by chance, on real messages.

The messages are in the folder TRIAGE_DATA, or ../shared/data. A model begins with a few labels, a dispatcher answers
some questions a day, and after each day it is learnt anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.accuracy import say
from benchmarks.folds import TASKS, WRONG_USE, Ints, Labels, messages_folder, read_messages, splits, without_messages
from benchmarks.gains import macro_f1
from benchmarks.variants import word_table
from training.default_model import features_from
from triage.classify.head import LinearHead
from triage.desk.learning.asking import Read, asking
from triage.desk.reading import LISTED
from triage.domain.errors import TriageError
from triage.domain.moments import SHANGHAI
from triage.language.redact import redact

POOL, ASKED = 2_500, 1_000
"""So many messages may be asked about, and so many are judged by: enough to tell, few enough to learn anew daily."""

_AT = datetime(2026, 3, 2, tzinfo=SHANGHAI)


class World(NamedTuple):
    """Messages that may be asked about, with their labels and groups of near copies, and those to judge by."""

    pool: csr_matrix
    labels: Labels
    groups: Ints
    asked: csr_matrix
    right: Labels


Choose = Callable[[World, LinearHead, Sequence[int], int, np.random.Generator], list[int]]
"""From the rows known so far the next rows to ask about, so many."""


def chosen(world: World, head: LinearHead, known: Sequence[int], count: int, _rng: np.random.Generator) -> list[int]:
    """As the desk is asked."""
    chances, names = head.predict_proba(world.pool), head.classes_.tolist()
    best = np.argsort(-chances, axis=1)[:, :LISTED].tolist()
    reads = [
        Read(str(row), f"g{world.groups[row]}", _AT, tuple((names[at], float(chances[row, at])) for at in likely))
        for row, likely in enumerate(best)
    ]
    return [int(one.order_id) for one in asking(reads, {str(row) for row in known}, count)]


def narrow(world: World, head: LinearHead, known: Sequence[int], count: int, _rng: np.random.Generator) -> list[int]:
    """By the margin of the best two alone."""
    ranked = np.sort(head.predict_proba(world.pool), axis=1)
    left = np.setdiff1d(np.arange(len(world.labels)), known)
    best = np.argsort((ranked[:, -1] - ranked[:, -2])[left], kind="stable")
    return [int(row) for row in left[best][:count]]


def drawn(world: World, _head: LinearHead, known: Sequence[int], count: int, rng: np.random.Generator) -> list[int]:
    """By chance."""
    left = np.setdiff1d(np.arange(len(world.labels)), known)
    return [int(row) for row in rng.choice(left, count, replace=False)]


WAYS: dict[str, Choose] = {"asking": chosen, "margin": narrow, "chance": drawn}


def measure(task: str, begin: int, count: int, days: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Macro-F1 after each day of each way, the mean over the seeds; each seed cuts and begins differently."""
    found: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    for seed in seeds:
        world = _world(task, seed)
        for name, way in WAYS.items():
            found[name].append(_days(world, way, begin, count, days, seed))
            say(f"{task}, seed {seed}, {name}: {' '.join(f'{100 * score:.1f}' for score in found[name][-1])}")
    means = {name: np.mean(scores, axis=0).round(4).tolist() for name, scores in found.items()}
    return {"begin": begin, "a_day": count, "days": days, "seeds": len(seeds), "macro_f1": means}


def _days(world: World, way: Choose, begin: int, count: int, days: int, seed: int) -> list[float]:
    """The score before the first day and after each."""
    rng = np.random.default_rng(seed)
    known: list[int] = rng.choice(len(world.labels), begin, replace=False).tolist()
    scores = []
    for day in range(days + 1):
        head = LinearHead(Cs=(1.0,), bayes=0.0, folds=2)
        head.fit(world.pool[known], world.labels[known].tolist(), world.groups[known].tolist())
        scores.append(macro_f1(world.right, head.predict(world.asked).astype(str)))
        if day < days:
            known += way(world, head, known, count, rng)
    return scores


def _world(task: str, seed: int) -> World:
    messages = read_messages(messages_folder(), task)
    learnt, asked = splits(messages, seed)[0]
    rng = np.random.default_rng(seed)
    pool, judged = (rng.permutation(rows)[:most] for rows, most in ((learnt, POOL), (asked, ASKED)))
    features = features_from(word_table())
    texts = [redact(messages.read[row]) for row in pool]
    return World(
        features.fit(texts).transform(texts),
        messages.labels[pool],
        messages.groups[pool],
        features.transform([redact(messages.read[row]) for row in judged]),
        messages.labels[judged],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where no folder of messages was named and none is there, 2 where a named one is missing."""
    given = _arguments().parse_args(arguments)
    absent = without_messages(say)
    if absent is not None:
        return absent
    try:
        found = measure(given.task, given.begin, given.a_day, given.days, range(given.seeds))
    except TriageError as error:
        say(str(error))
        return WRONG_USE
    print(json.dumps({given.task: found}, indent=1))
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asking", description=__doc__)
    parser.add_argument("--task", choices=TASKS, default="domain", help="default: domain")
    parser.add_argument("--begin", type=int, default=150, help="labels to begin with; default: 150")
    parser.add_argument("--a-day", type=int, default=10, help="questions a day; default: 10")
    parser.add_argument("--days", type=int, default=10, help="default: 10")
    parser.add_argument("--seeds", type=int, default=3, choices=range(1, 101), metavar="N", help="default: 3")
    return parser


if __name__ == "__main__":
    sys.exit(main())
