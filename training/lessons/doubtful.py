"""Which lessons have a doubtful label: the short list for the desk."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields

from training.doubts import Doubt, doubts, doubts_among
from training.fit import features_for
from training.lessons.examples import examples_of
from training.lessons.splits import groups_of
from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.desk.learning.doubted import DoubtedLabel
from triage.desk.learning.lessons import Lesson
from triage.domain.errors import BadInput, Problem
from triage.language.redact import redact
from triage.language.word_table import WordTable


def doubted_lessons(lessons: Sequence[Lesson], table: Callable[[], WordTable]) -> list[DoubtedLabel] | None:
    """The lessons of one task whose label is doubtful, the most doubtful first, by a small model that had not seen
    them; None where cleanlab (extra `training`) is not installed. With fewer than two labels nothing is doubtful.

    The model is one view at one strength, held out in three folds: it says which labels stand out, and decides nothing.
    """
    if len({one.label for one in lessons}) < 2:
        return []
    examples = examples_of(lessons)
    texts = [redact(text) for text in examples.texts]
    features = features_for(texts, table)
    rows = features.fit(texts).transform(texts)
    head = LinearHead(Cs=(1.0,), bayes=0.0, folds=3).fit(rows, examples.labels, groups_of(lessons), examples.weights)
    return _listed(lessons, doubts(head, examples.labels, range(len(lessons))))


def doubted_by_model(lessons: Sequence[Lesson], model: Model) -> list[DoubtedLabel] | None:
    """The same by a fitted model, which should not have learnt from these orders; labels that it does not know are
    passed over. BadInput where it has no head for the task."""
    if not lessons:
        return []
    task = lessons[0].task
    if task not in model.heads:
        raise BadInput("model", [Problem((), f"has no head for {task}; it has {', '.join(sorted(model.heads))}")])
    names = [str(label) for label in model.heads[task].classes_]
    known = [at for at, one in enumerate(lessons) if one.label in set(names)]
    texts = [redact(text) for text in examples_of([lessons[at] for at in known]).texts]
    chances = model.heads[task].predict_proba(model.features.transform(texts))
    return _listed(lessons, doubts_among(names, chances, [lessons[at].label for at in known], known))


def as_csv(found: Sequence[DoubtedLabel]) -> bytes:
    """The list as a table; it holds ids, labels and figures, no text."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [field.name for field in fields(DoubtedLabel)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) for one in found)
    return buffer.getvalue().encode()


def _listed(lessons: Sequence[Lesson], found: Sequence[Doubt] | None) -> list[DoubtedLabel] | None:
    if found is None:
        return None
    return [
        DoubtedLabel(
            order_id=lessons[one.row].order_id,
            task=lessons[one.row].task,
            given=one.given,
            chance=round(one.chance, 4),
            likelier=one.likelier,
            likelier_chance=round(one.likelier_chance, 4),
        )
        for one in found
    ]
