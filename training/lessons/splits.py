"""Cuts that keep together what belongs together: near copies, and the orders of one issue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from training.fit import near_copies
from training.lessons.examples import texts_of
from triage.classify.layout import TITLE_END
from triage.desk.learning.lessons import Lesson
from triage.domain.errors import BadInput, Problem

HELD_BACK = 0.2


class Cut(NamedTuple):
    """Lessons to learn from, and lessons to judge by."""

    learnt: list[Lesson]
    asked: list[Lesson]


def groups_of(lessons: Sequence[Lesson]) -> list[int]:
    """A number for each lesson, the same for near copies (with their title or without it), for the orders of one issue
    and for the tasks of one order, directly or through others."""
    texts = texts_of(lessons)
    return joined(
        [
            near_copies(texts),
            near_copies([text.rpartition(TITLE_END)[2] for text in texts]),
            _numbers([one.issue for one in lessons]),
            _numbers([one.order_id for one in lessons]),
        ]
    )


def joined(numberings: Sequence[Sequence[int]]) -> list[int]:
    """One number for all rows that any of several numberings puts together, directly or through others; below 0 a row
    stands alone. At least one numbering is needed.

    >>> joined([[0, 0, 1, 2], [-1, 5, 5, -1]])
    [0, 0, 0, 1]
    """
    rows = len(numberings[0])
    size, pairs = rows, []
    for numbering in numberings:
        numbers = np.asarray(numbering, dtype=np.intp).reshape(-1)
        together = np.flatnonzero(numbers >= 0)
        pairs.append(np.stack([together, size + numbers[together]]))
        size += int(numbers.max(initial=-1)) + 1
    ends = np.concatenate(pairs, axis=1)
    graph = coo_matrix((np.ones(ends.shape[1]), ends), shape=(size, size))
    parts = connected_components(graph, directed=False)[1][:rows].tolist()
    return _numbers(parts)


def by_time(lessons: Sequence[Lesson], share: float = HELD_BACK) -> Cut:
    """Hold the newest back, about this share; a group goes by its first order, so that nothing judged by was seen in
    part. BadInput where a side would be empty."""
    groups = groups_of(lessons)
    firsts: dict[int, tuple[float, int]] = {}
    for one, group in zip(lessons, groups, strict=True):
        place = (one.at.timestamp(), group)
        firsts[group] = min(firsts.get(group, place), place)
    order = sorted(firsts, key=lambda group: firsts[group], reverse=True)
    sizes = np.bincount(groups)[order] if order else np.zeros(0)
    newer = np.cumsum(sizes) - sizes
    # At least the newest group is held back, and never the oldest.
    held = {group for group, count in zip(order[:-1], newer[:-1], strict=True) if count < share * len(lessons)}
    cut = Cut(
        [one for one, group in zip(lessons, groups, strict=True) if group not in held],
        [one for one, group in zip(lessons, groups, strict=True) if group in held],
    )
    if not cut.learnt or not cut.asked:
        fault = f"{len(lessons)} in {len(order)} groups are too few to learn from some and judge by others"
        raise BadInput("lessons", [Problem((), fault)])
    return cut


def _numbers(names: Sequence[object]) -> list[int]:
    """The same number for the same name, -1 for none."""
    found: dict[object, int] = {}
    return [-1 if name is None else found.setdefault(name, len(found)) for name in names]
