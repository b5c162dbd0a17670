"""Both models answer the held-back rows; what is measured of them goes to the gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.lessons.examples import texts_of
from training.retraining.comparison import Difference, compare
from training.retraining.cost import seconds_of
from training.retraining.gate import LabelPromised, Limits, Measured, TaskMeasured
from training.retraining.honesty import calibrated, kept_promise
from triage.classify.model import Model, Prediction
from triage.classify.taxonomy import Taxonomy
from triage.desk.learning.lessons import Lesson

TIMED = 100
"""So many held-back texts are timed."""


@dataclass(frozen=True)
class HeldBack:
    """The held-back rows of one task with both models' answers, all in one order."""

    right: list[str]
    groups: list[int]
    champion: list[Prediction]
    challenger: list[Prediction]


@dataclass(frozen=True, slots=True)
class Contest:
    """The two models, how many bytes each takes on disk, and lessons that the challenger was not
    fitted on, with the group of each."""

    champion: Model
    challenger: Model
    size: tuple[int, int]
    lessons: Sequence[Lesson]
    groups: Sequence[int]


def held_back(contest: Contest) -> dict[str, HeldBack]:
    """Answers by task; a task that a model has no head for is left out, the gate names it."""
    found = {}
    for task in sorted({one.task for one in contest.lessons}):
        if task in contest.champion.heads and task in contest.challenger.heads:
            of_task = [
                (one, group) for one, group in zip(contest.lessons, contest.groups, strict=True) if one.task == task
            ]
            texts = texts_of([one for one, _ in of_task])
            found[task] = HeldBack(
                [one.label for one, _ in of_task],
                [group for _, group in of_task],
                contest.champion.predict(texts, task),
                contest.challenger.predict(texts, task),
            )
    return found


def measure(
    contest: Contest,
    answers: dict[str, HeldBack],
    taxonomy: Taxonomy,
    *,
    rng: np.random.Generator,
    clock: Callable[[], float],
    limits: Limits,
) -> Measured:
    """All that the gate looks at; `rng` draws the samples, `clock` counts this thread's CPU seconds."""
    primary = answers[contest.challenger.primary]
    right = np.array([one.label == gold for one, gold in zip(primary.challenger, primary.right, strict=True)])
    sure = np.array([one.confidence for one in primary.challenger])
    timed = texts_of(contest.lessons[:TIMED])
    return Measured(
        tasks={task: _task(task, one, taxonomy, rng, limits.samples) for task, one in answers.items()},
        promises=_promises(contest.challenger, primary, limits.level),
        certainty=calibrated(sure, right, rng),
        labels={task: list(map(str, head.classes_)) for task, head in contest.challenger.heads.items()},
        categories=taxonomy.ids,
        seconds=seconds_of(contest.champion, contest.challenger, timed, clock),
        size=contest.size,
    )


def figures_of(measured: Measured, answers: dict[str, HeldBack], primary: str) -> dict[str, Any]:
    """What is put down of a comparison, short enough to stand in a ledger."""
    alone = [one.auto for one in answers[primary].champion], [one.auto for one in answers[primary].challenger]
    promised = measured.promises[0].kept
    return {
        "tasks": {task: _overall(one.compared.overall) for task, one in measured.tasks.items()},
        "alone_share": _both(*(sum(side) / len(side) for side in alone)),
        "alone_precision": None if promised.precision is None else round(promised.precision, 4),
        "calibration_error": round(measured.certainty.error, 4),
        "cpu_seconds": _both(*measured.seconds),
        "bytes": _both(*measured.size),
    }


def labels_of(measured: Measured) -> dict[str, list[dict[str, Any]]]:
    """The figures of every label and domain, by task, for a report."""
    return {
        task: [asdict(difference) for difference in (*one.domains, *one.compared.labels)]
        for task, one in measured.tasks.items()
    }


def _task(task: str, answers: HeldBack, taxonomy: Taxonomy, rng: np.random.Generator, samples: int) -> TaskMeasured:
    champion = [one.label for one in answers.champion]
    challenger = [one.label for one in answers.challenger]
    compared = compare(answers.right, champion, challenger, answers.groups, rng, samples)
    if task != "category":
        return TaskMeasured(compared)
    right, old, new = (_domains(side, taxonomy) for side in (answers.right, champion, challenger))
    return TaskMeasured(compared, compare(right, old, new, answers.groups, rng, samples).labels)


def _domains(labels: Sequence[str], taxonomy: Taxonomy) -> list[str]:
    known = taxonomy.categories
    return [known[label].domain if label in known else label for label in labels]


def _promises(model: Model, answers: HeldBack, level: float) -> list[LabelPromised]:
    """What the model promised of all answers and of each label's, and what became of it: each bound is drawn for so
    many promises that none is called broken by chance with confidence 1 - `level` (Bonferroni)."""
    promise = model.heads[model.primary].promise_
    alone = [
        (one.label, one.label == right)
        for one, right in zip(answers.challenger, answers.right, strict=True)
        if one.auto
    ]
    labels: Collection[str] = sorted({label for label, _ in alone})
    level /= 1 + len(labels)

    def kept(label: str | None) -> LabelPromised:
        right = np.array([hit for of, hit in alone if label in (None, of)], dtype=bool)
        promised = promise.precision if label is None else promise.label_precision
        return LabelPromised(label, promised, kept_promise(right, level))

    return [kept(None), *map(kept, labels)]


def _overall(found: Sequence[Difference]) -> dict[str, Any]:
    return {"rows": found[0].rows, **{one.of: _both(one.champion, one.challenger) for one in found}}


def _both(champion: float, challenger: float) -> dict[str, float]:
    return {"champion": round(champion, 4), "challenger": round(challenger, 4)}
