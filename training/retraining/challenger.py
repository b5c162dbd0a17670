"""Fits a challenger: the written examples, which know every task, and beside them what the town's orders teach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from training.default_model import features_from, heads_of, tasks_of
from training.fit import Examples, fit_model
from training.lessons.examples import examples_of
from training.taxonomy import WrittenTaxonomy
from triage.classify.head import TRUSTED, LinearHead
from triage.classify.model import Model
from triage.classify.promise import promise_from
from triage.desk.learning.lessons import Lesson
from triage.language.word_table import WordTable

STRENGTHS = (0.3, 1.0)
"""Inverse strengths that the category may take: that of the written examples, and a looser one for many orders."""


def fit_challenger(
    name: str,
    lessons: Sequence[Lesson],
    written: WrittenTaxonomy,
    table: WordTable,
    *,
    precision: float,
    say: Callable[[str], None],
) -> Model:
    """Fit every task of a decision; it decides alone only where held-back orders of the town allow it.

    Written examples are no orders that come in: they teach, and no promise rests on them.
    """
    tasks = taught_by(lessons, tasks_of(written))
    say(f"fitting {', '.join(f'{task} on {len(one.texts)} texts' for task, one in tasks.items())}")
    heads = heads_of(written)
    heads["category"].set_params(Cs=STRENGTHS, precision=precision)
    model = fit_model(name, tasks, "category", features=features_from(table), heads=heads)
    for task, head in model.heads.items():
        _promise_of_orders(head, tasks[task], sum(one.task == task for one in lessons))
    return model


def taught_by(lessons: Sequence[Lesson], written: Mapping[str, Examples]) -> dict[str, Examples]:
    """The written examples of each task, and after them the lessons."""
    return {
        task: _both(examples, examples_of([one for one in lessons if one.task == task]))
        for task, examples in written.items()
    }


def _both(written: Examples, own: Examples) -> Examples:
    weights = [*(written.weights or [1.0] * len(written.texts)), *(own.weights or [1.0] * len(own.texts))]
    return Examples([*written.texts, *own.texts], [*written.labels, *own.labels], weights)


def _promise_of_orders(head: LinearHead, examples: Examples, own: int) -> None:
    """Promise anew, from those of the rows held out while fitting that are the town's (the last `own` ones) and whose
    labels are sure enough to bear witness."""
    rows, chances = head.held_out_
    sure = np.asarray(examples.weights)[rows] >= TRUSTED
    theirs = (rows >= len(examples.texts) - own) & sure
    codes = np.searchsorted(head.classes_.astype(str), np.array(examples.labels, dtype=str)[rows[theirs]])
    promise = promise_from(
        chances[theirs],
        codes,
        head.classes_.tolist(),
        precision=head.precision,
        label_precision=head.label_precision,
        coverage=head.coverage,
        level=head.level,
    )
    # The set of labels is wanted for any text, promised or not: without orders it is that of the written examples.
    head.promise_ = promise if theirs.any() else replace(promise, set_above=head.promise_.set_above)
