"""How rare a word or a place is among the town's orders, in bounded memory and without keeping a word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

BUCKETS = 2**20
_PRIOR_ORDERS = 300
"""So many orders that say nothing stand before the first, so that the first words are not all common."""

Buckets = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]


class Rarity:
    """Counts in how many orders a term stands, by the hash of the term (4 MB).

    >>> rarity = Rarity()
    >>> rarity.learn(buckets_of(["噪音", "搅拌站"])); rarity.learn(buckets_of(["噪音"]))
    >>> common, rare = rarity.of(buckets_of(["噪音", "搅拌站"])).tolist()
    >>> common < rare
    True
    """

    def __init__(self) -> None:
        self.counts: npt.NDArray[np.uint32] = np.zeros(BUCKETS, dtype=np.uint32)
        self.orders = 0

    def learn(self, buckets: Buckets) -> None:
        """Count one order's terms, each given once."""
        self.counts[buckets] += 1
        self.orders += 1

    def of(self, buckets: Buckets) -> Floats:
        """Inverse document frequency, natural logarithm; never below 0."""
        share = np.float32(self.orders + _PRIOR_ORDERS + 1) / (self.counts[buckets] + np.float32(1))
        logarithm: Floats = np.log(share, dtype=np.float32)
        return logarithm


def buckets_of(terms: Sequence[str]) -> Buckets:
    """The bucket of each term, the same in every process; never 0, which stands for none."""
    return np.fromiter(map(_bucket, terms), dtype=np.uint32, count=len(terms))


@lru_cache(100_000)
def _bucket(term: str) -> int:
    digest = blake2b(term.encode(errors="surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little") % (BUCKETS - 1) + 1
