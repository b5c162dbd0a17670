"""How often the town's own orders use a word, in bounded memory and without keeping a word."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b, sha256

import numpy as np
import numpy.typing as npt

from triage.domain.errors import ModelFault
from triage.similar.encoding.encoder import State

BUCKETS = 2**20
FORGET_AT = 2**24
PRIOR = 100_000
"""The dictionary's say in words; measured 30,000 to 300,000 are equally good, 1,000 and none at all worse."""

_NAMES = ("buckets", "counts")


class WordCounts:
    """Counts by the hash of a word in 4 MB; two words in one bucket share their count (a word in 2,000 does so with a
    frequent one).

    At FORGET_AT words all counts are halved, so that what a town spoke of years ago counts for less and less.

    >>> counts = WordCounts()
    >>> counts.learn([bucket("路灯"), bucket("坏")])
    >>> counts.total, counts.of([bucket("路灯"), bucket("油烟")]).tolist()
    (2, [1, 0])
    """

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int32] = np.zeros(BUCKETS, dtype=np.int32)
        self.total = 0

    def learn(self, buckets: Sequence[int]) -> None:
        """Count the words of one text, each given once."""
        self._counts[list(buckets)] += 1
        self.total += len(buckets)
        if self.total >= FORGET_AT:
            self._counts //= 2
            self.total = int(self._counts.sum())

    def of(self, buckets: Sequence[int]) -> npt.NDArray[np.int32]:
        """The counts of these buckets."""
        return self._counts[list(buckets)]

    def shares(self, buckets: Sequence[int], dictionary: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The share of each word among all words, from the dictionary's share of it and the town's count.

        The posterior mean under a prior that weighs PRIOR words, and as many more as were counted: the dictionary
        keeps half a say for ever, so that a flood of copies makes 的 no rare word.

        >>> WordCounts().shares([0], np.array([0.05])).tolist()
        [0.05]
        """
        prior = PRIOR + self.total
        mixed: npt.NDArray[np.float64] = (prior * dictionary + self.of(buckets)) / (prior + self.total)
        return mixed

    def digest(self) -> str:
        """SHA-256 of the counts."""
        return sha256(self._counts.astype("<i4").tobytes()).hexdigest()

    def state(self) -> State:
        """The buckets that hold something, and what they hold."""
        held = np.flatnonzero(self._counts)
        return {"buckets": held.astype(np.uint32), "counts": self._counts[held]}

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault names what is wrong with it, and the counts stay as they were."""
        if sorted(state) != sorted(_NAMES):
            raise ModelFault(f"learnt words: must hold {' and '.join(_NAMES)}, not {sorted(state)}")
        buckets, counts = (np.asarray(state[name]) for name in _NAMES)
        if buckets.ndim != 1 or buckets.shape != counts.shape or buckets.dtype != np.uint32 or counts.dtype != np.int32:
            found = ", ".join(f"{name} {state[name].dtype} {state[name].shape}" for name in _NAMES)
            raise ModelFault(f"learnt words: must be as many counts (int32) as buckets (uint32), not {found}")
        if len(buckets) and (buckets.max() >= BUCKETS or counts.min() < 1 or len(np.unique(buckets)) < len(buckets)):
            raise ModelFault(f"learnt words: buckets must be below {BUCKETS} and each there once, counts 1 or more")
        if counts.sum(dtype=np.int64) >= FORGET_AT:
            raise ModelFault(f"learnt words: more than {FORGET_AT} words were counted")
        self._counts = np.zeros(BUCKETS, dtype=np.int32)
        self._counts[buckets] = counts
        self.total = int(counts.sum())


def bucket(word: str) -> int:
    """The bucket of a word, the same in every process."""
    return int.from_bytes(blake2b(word.encode(errors="surrogatepass"), digest_size=4).digest(), "little") % BUCKETS
