"""Runs of one to three characters as numbers, so that numpy finds and counts them a batch at a time.

A code point has at most 21 bits, so that three of them fit one 64-bit number without a collision; runs of different
length never share a number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.intp]

PIECE_END = "\0"
LONGEST = 3
_BITS = np.uint64(21)


def gram_codes(text: str) -> tuple[Codes, Ints, Ints]:
    """The numbers of all runs, the place of each in the text, and its length; no run holds a PIECE_END.

    >>> codes, places, sizes = gram_codes("油烟")
    >>> places.tolist(), sizes.tolist()
    ([0, 1, 0], [1, 1, 2])
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    inside = points != 0
    codes, places, sizes = [], [], []
    run, whole = points, inside
    for size in range(1, LONGEST + 1):
        if size > 1:
            run = (run[:-1] << _BITS) | points[size - 1 :]
            whole = whole[:-1] & inside[size - 1 :]
        at = np.flatnonzero(whole)
        codes.append(run[at])
        places.append(at)
        sizes.append(np.full(len(at), size, dtype=np.intp))
    return np.concatenate(codes), np.concatenate(places), np.concatenate(sizes)


def count_documents(texts: Sequence[str]) -> tuple[Codes, Ints]:
    """Each number that occurs in any of the texts, sorted, and in how many of them."""
    every = [np.unique(gram_codes(text)[0]) for text in texts]
    codes, counts = np.unique(np.concatenate(every), return_counts=True)
    return codes, counts


def merge_counts(parts: Sequence[tuple[Codes, Ints]]) -> tuple[Codes, Ints]:
    """Counts of several batches as one."""
    if not parts:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.intp)
    codes, where = np.unique(np.concatenate([codes for codes, _ in parts]), return_inverse=True)
    counts = np.bincount(where, np.concatenate([counts for _, counts in parts]), minlength=len(codes))
    return codes, counts.astype(np.intp)
