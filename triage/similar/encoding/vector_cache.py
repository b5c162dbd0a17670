"""Remembers the vectors of texts, since a heavy encoder takes a thousand times as long as a look."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from triage.similar.encoding.encoder import Floats
from triage.similar.encoding.shards import DIGEST_SIZE, Shards

WAITING = 1_000


class VectorCache:
    """The most recently used `capacity` vectors in memory and, with `shards`, the others in a folder.

    New vectors go to the folder WAITING at a time and on `flush`; a process that is killed before loses no more than
    the time to encode these again. No text is kept, only its digest.

    >>> cache = VectorCache(capacity=2)
    >>> cache.through(["a", "a"], lambda texts: np.ones((len(texts), 3), dtype=np.float32)).shape
    (2, 3)
    """

    def __init__(self, capacity: int, shards: Shards | None = None) -> None:
        self._capacity = capacity
        self._held: OrderedDict[bytes, Floats] = OrderedDict()
        self._shards = shards
        self._waiting: dict[bytes, Floats] = {}

    def __len__(self) -> int:
        return len(self._held)

    def through(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Floats]) -> Floats:
        """A row for each of the texts, at least one; `encode` is asked once for each text that is not remembered."""
        digests = [_digest(text) for text in texts]
        found = {digest: self._find(digest) for digest in sorted(set(digests))}  # shard by shard
        rows = {digest: row for digest, row in found.items() if row is not None}
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in rows}
        if missing:
            fresh = dict(zip(missing, encode(list(missing.values())), strict=True))
            rows |= fresh
            self._wait(fresh)
        for digest in digests:
            self._hold(digest, rows[digest])
        return np.stack([rows[digest] for digest in digests])

    def flush(self) -> None:
        """Write what waits to the folder, if there is one."""
        if self._shards is not None and self._waiting:
            self._shards.add(self._waiting)
            self._waiting = {}

    def _find(self, digest: bytes) -> Floats | None:
        held = self._held.get(digest)
        if held is None:
            held = self._waiting.get(digest)
        if held is None and self._shards is not None:
            held = self._shards.find(digest)
        return held

    def _hold(self, digest: bytes, vector: Floats) -> None:
        self._held[digest] = vector
        self._held.move_to_end(digest)
        if len(self._held) > self._capacity:
            self._held.popitem(last=False)

    def _wait(self, fresh: dict[bytes, Floats]) -> None:
        if self._shards is not None:
            self._waiting |= fresh
            if len(self._waiting) >= WAITING:
                self.flush()


def _digest(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=DIGEST_SIZE).digest()
