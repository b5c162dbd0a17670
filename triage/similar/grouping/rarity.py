"""How rare a word or a place is among the town's orders, in bounded memory and without keeping a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from triage.domain.errors import ModelFault

BUCKETS = 2**20
_PRIOR_ORDERS = 300
"""So many orders that say nothing stand before the first, so that the first words are not all common."""

Buckets = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
State = Mapping[str, npt.NDArray[Any]]


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

    def state(self) -> State:
        """The buckets that hold something, what they hold, and the number of orders."""
        held = np.flatnonzero(self.counts).astype(np.uint32)
        return {"buckets": held, "counts": self.counts[held], "orders": np.array([self.orders], dtype=np.int64)}

    def restore(self, state: State) -> None:
        """Take up a state; ModelFault where it is none, and then nothing has changed."""
        if sorted(state) != ["buckets", "counts", "orders"] or state["buckets"].shape != state["counts"].shape:
            raise ModelFault(f"rarity: must hold as many counts as buckets, and orders, not {sorted(state)}")
        if len(state["buckets"]) and state["buckets"].max() >= BUCKETS:
            raise ModelFault(f"rarity: buckets must be below {BUCKETS}")
        self.counts[:] = 0
        self.counts[state["buckets"]] = state["counts"]
        self.orders = int(state["orders"][0])


def buckets_of(terms: Sequence[str]) -> Buckets:
    """The bucket of each term, the same in every process; never 0, which stands for none."""
    return np.fromiter(map(_bucket, terms), dtype=np.uint32, count=len(terms))


@lru_cache(100_000)
def _bucket(term: str) -> int:
    digest = blake2b(term.encode(errors="surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little") % (BUCKETS - 1) + 1
