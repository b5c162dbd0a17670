"""What tuning an encoder gained: whether a title finds its body, and titles of one issue each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]

_MOST_ASKED = 4_000


@dataclass(frozen=True)
class TableRows:
    """Titles and bodies as rows of the word table; `issues` and `groups` as in `training.pairs_of_texts.Rows`."""

    titles: Sequence[Sequence[int]]
    bodies: Sequence[Sequence[int]]
    issues: Sequence[str]
    groups: Ints


def figures(vectors: Floats, rows: TableRows, among: Ints) -> dict[str, float]:
    """Of the titles of some rows: how often their body (or a copy of it) is the nearest body, among the nearest ten,
    its mean reciprocal rank; and where there are issues the average precision of pairs of titles of one issue."""
    asked = among[:_MOST_ASKED]
    titles, bodies = (means(vectors, [texts[at] for at in asked]) for texts in (rows.titles, rows.bodies))
    cosines, groups = titles @ bodies.T, rows.groups[asked]
    own = np.where(groups[:, None] == groups, cosines, -2).max(axis=1)
    before = ((cosines > own[:, None]) & (groups[:, None] != groups)).sum(axis=1)
    found = {
        "recall@1": float((before == 0).mean()),
        "recall@10": float((before < 10).mean()),
        "mrr": float((1 / (1 + before)).mean()),
    }
    found |= _issue_figures(titles, np.array([rows.issues[at] for at in asked]))
    return {name: round(value, 4) for name, value in found.items()}


def _issue_figures(titles: Floats, issues: npt.NDArray[np.str_]) -> dict[str, float]:
    from sklearn.metrics import average_precision_score  # slow to import, only needed here

    first, second = np.triu_indices(len(issues), 1)
    same = (issues[first] == issues[second]) & (issues[first] != "")
    if not same.any():
        return {}
    return {"issue_pairs_average_precision": float(average_precision_score(same, (titles @ titles.T)[first, second]))}


def means(vectors: Floats, texts: Sequence[Sequence[int]]) -> Floats:
    """The mean of each text's rows at length 1, shape (texts, width)."""
    sums = np.stack([vectors[list(ids)].sum(axis=0) for ids in texts])
    unit: Floats = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return unit


def moved(before: Floats, after: Floats) -> dict[str, float]:
    """How many rows changed, and the median cosine between what these were and are."""
    changed = np.flatnonzero((before != after).any(axis=1))
    if not len(changed):
        return {"rows": 0, "median_cosine": 1.0}
    old, new = (
        vectors[changed] / np.linalg.norm(vectors[changed], axis=1, keepdims=True) for vectors in (before, after)
    )
    return {"rows": len(changed), "median_cosine": round(float(np.median((old * new).sum(axis=1))), 4)}
