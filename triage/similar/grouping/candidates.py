"""Which issues may be about the same matter as an order: those that lately spoke of its rare words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triage.similar.grouping.rarity import BUCKETS, Buckets, Floats

_SLOTS = 32
"""So many issues are remembered for a word, the latest ones; a word that more speak of tells little."""

IssueNumbers = npt.NDArray[np.int32]


class Postings:
    """For each word, by its bucket, the latest issues that spoke of it: a table of fixed size (134 MB, of which the
    operating system gives what is written to).

    Issues are numbered from 1. A look-up costs the same whether a thousand or a million orders came before.
    """

    def __init__(self) -> None:
        self._slots: IssueNumbers = np.zeros((BUCKETS, _SLOTS), dtype=np.int32)
        self._next: npt.NDArray[np.uint8] = np.zeros(BUCKETS, dtype=np.uint8)
        self._held: npt.NDArray[np.bool_] = np.zeros(BUCKETS, dtype=np.bool_)  # a look over all slots takes 0.2 s

    def find(self, buckets: Buckets) -> IssueNumbers:
        """The issues of each word, shape (words, slots); 0 where there is none."""
        found: IssueNumbers = self._slots[buckets]
        return found

    def add(self, issue: int, buckets: Buckets, found: IssueNumbers) -> None:
        """Note an issue for each of these words where `found`, as `find` gave it, does not have it already."""
        missing = buckets[~(found == issue).any(axis=1)]
        self._slots[missing, self._next[missing]] = issue
        self._next[missing] = (self._next[missing] + 1) % _SLOTS
        self._held[missing] = True

    def state(self) -> dict[str, npt.NDArray[np.generic]]:
        """The rows that hold something."""
        held = np.flatnonzero(self._held).astype(np.uint32)
        return {"posting_buckets": held, "posting_slots": self._slots[held], "posting_next": self._next[held]}

    def restore(self, state: dict[str, npt.NDArray[np.generic]]) -> None:
        """Take up a state of before."""
        held = state["posting_buckets"]
        self._slots[held], self._next[held], self._held[held] = state["posting_slots"], state["posting_next"], True


def ranked(found: IssueNumbers, rarity: Floats, most: int) -> IssueNumbers:
    """At most `most` issues, those first that share the most rarity; equals in the order of their numbers.

    >>> ranked(np.array([[3, 0], [3, 5]], dtype=np.int32), np.array([2, 1], dtype=np.float32), 4).tolist()
    [3, 5]
    """
    once = np.sort(found, axis=1)  # an issue that others were merged into may stand several times for a word
    once[:, 1:][once[:, 1:] == once[:, :-1]] = 0
    issues, at = np.unique(once, return_inverse=True)
    shared = np.bincount(at.ravel(), weights=np.repeat(rarity, once.shape[1]))
    shared[issues == 0] = 0
    best = np.lexsort((issues, -shared))[:most]
    ordered: IssueNumbers = issues[best[shared[best] > 0]]
    return ordered
