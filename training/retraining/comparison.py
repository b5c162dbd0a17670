"""Two models on the same held-back rows: by how much one is better, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both models; `chance` is how probable it is that the challenger is not worse, and `rows` how many
    rows it rests on, in `groups` that are independent of each other."""

    of: str
    champion: float
    challenger: float
    chance: float
    rows: int
    groups: int

    @property
    def gain(self) -> float:
        """By how much the challenger is better."""
        return self.challenger - self.champion


@dataclass(frozen=True, slots=True)
class Compared:
    """All figures of one task: accuracy and macro-F1, and the F1 of every label that occurs."""

    overall: tuple[Difference, ...]
    labels: tuple[Difference, ...]


def compare(
    right: Sequence[str],
    champion: Sequence[str],
    challenger: Sequence[str],
    groups: Sequence[int],
    rng: np.random.Generator,
    samples: int,
) -> Compared:
    """Paired bootstrap over groups: the same rows are drawn for both models, and rows of one group together.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8; Koehn, Statistical Significance Tests for
    Machine Translation Evaluation, EMNLP 2004. The chance is the share of samples in which the challenger is at least
    as good, so that a figure that never differs is never found worse.

    >>> same = compare(["a", "b"] * 9, ["a", "a"] * 9, ["a", "a"] * 9, range(18), np.random.default_rng(0), 99)
    >>> same.overall[0].champion, same.overall[0].gain, same.overall[0].chance
    (0.5, 0.0, 1.0)
    """
    counts = _Counts.of(right, champion, challenger, groups)
    whole = counts.figures(np.ones((1, counts.groups)))[0]
    not_worse = np.zeros(whole.shape[1])
    for drawn in _drawn(counts.groups, samples, rng):
        old, new = np.moveaxis(counts.figures(drawn), 1, 0)
        not_worse += (new >= old - 1e-12).sum(axis=0)
    chances = (1 + not_worse) / (1 + samples)
    found = [
        Difference(name, float(old), float(new), float(chance), int(rows), int(of_groups))
        for name, old, new, chance, rows, of_groups in zip(
            counts.names, *whole, chances, counts.rows, counts.groups_of, strict=True
        )
    ]
    return Compared(tuple(found[:2]), tuple(found[2:]))


def worse(found: Iterable[Difference], level: float, fewest: int) -> list[Difference]:
    """Those in which the challenger is worse beyond noise, worst first: of all that rest on `fewest` groups at least,
    none is named by chance with confidence 1 - `level` (Holm, Scandinavian Journal of Statistics 1979)."""
    tested = sorted((one for one in found if one.groups >= fewest), key=lambda one: one.chance)
    named = []
    for at, one in enumerate(tested):
        if one.chance > level / (len(tested) - at):
            break
        named.append(one)
    return sorted((one for one in named if one.gain < 0), key=lambda one: one.gain)


@dataclass(frozen=True)
class _Counts:
    """What is counted of each group: of both models the right answers of each label and all its answers, and how often
    it was right to answer it; matrices of shape (groups, labels)."""

    names: tuple[str, ...]
    gold: csr_matrix
    hits: tuple[csr_matrix, csr_matrix]
    given: tuple[csr_matrix, csr_matrix]
    rows: list[int]
    groups_of: list[int]

    @property
    def groups(self) -> int:
        return int(self.gold.shape[0])

    @classmethod
    def of(
        cls, right: Sequence[str], champion: Sequence[str], challenger: Sequence[str], groups: Sequence[int]
    ) -> _Counts:
        labels = sorted({*right, *champion, *challenger})
        gold, old, new = (np.searchsorted(labels, list(side)) for side in (right, champion, challenger))
        numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
        shape = (int(numbers.max()) + 1, len(labels))

        def counted(columns: Codes, which: npt.NDArray[np.bool_]) -> csr_matrix:
            return csr_matrix((np.ones(which.sum()), (numbers[which], columns[which])), shape=shape)

        every = np.ones(len(gold), dtype=bool)
        table = counted(gold, every)
        present = np.flatnonzero(np.bincount(gold, minlength=len(labels)))
        return cls(
            names=("accuracy", "macro_f1", *(labels[at] for at in present)),
            gold=table[:, present],
            hits=(counted(gold, old == gold)[:, present], counted(gold, new == gold)[:, present]),
            given=(counted(old, every)[:, present], counted(new, every)[:, present]),
            rows=[len(gold), len(gold), *table.sum(axis=0).A1[present].astype(int).tolist()],
            groups_of=[shape[0], shape[0], *table.getnnz(axis=0)[present].tolist()],
        )

    def figures(self, drawn: Floats) -> Floats:
        """How often each group was drawn, shape (samples, groups), into figures, shape (samples, 2, figures)."""
        gold = drawn @ self.gold
        sides = [
            self._side(drawn @ hits, gold, drawn @ given) for hits, given in zip(self.hits, self.given, strict=True)
        ]
        return np.stack(sides, axis=1)

    @staticmethod
    def _side(hits: Floats, gold: Floats, given: Floats) -> Floats:
        total = gold + given
        f1 = np.divide(2 * hits, total, out=np.zeros_like(hits), where=total > 0)
        seen = np.maximum((gold > 0).sum(axis=1), 1)
        accuracy = hits.sum(axis=1) / np.maximum(gold.sum(axis=1), 1)
        return np.column_stack([accuracy, np.where(gold > 0, f1, 0).sum(axis=1) / seen, f1])


def _drawn(groups: int, samples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each group is drawn in each sample, some hundred samples at a time."""
    for start in range(0, samples, _BLOCK):
        size = min(_BLOCK, samples - start)
        yield rng.multinomial(groups, np.full(groups, 1 / groups), size=size).astype(np.float64)
