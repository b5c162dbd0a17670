"""Lessons as weighted examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from training.fit import Examples
from triage.classify.features import as_read
from triage.desk.learning.lessons import Lesson


def texts_of(lessons: Iterable[Lesson]) -> list[str]:
    """The orders' texts as classifiers read them."""
    return [as_read(one.title, one.text) for one in lessons]


def examples_of(lessons: Sequence[Lesson]) -> Examples:
    """The examples of lessons of one task, weighted by how sure each is."""
    return Examples(texts_of(lessons), [one.label for one in lessons], [one.weight for one in lessons])
