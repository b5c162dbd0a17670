"""Vectors kept in a folder: 256 files by the first byte of a text's digest, each written beside and renamed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from triage.similar.encoding.encoder import Floats

LARGEST = 4_096
"""Texts a file may hold; the oldest go first. With 384 numbers a vector, 256 full files take 1.6 GB."""

DIGEST_SIZE = 16


class Shards:
    """The vectors of one encoder by the digests (16 bytes) of the texts.

    A file that is missing or broken holds nothing: whatever is lost is worked out again. Two processes may write to
    one folder; of two that write the same file at once the later one's is kept.

    >>> import tempfile
    >>> shards = Shards(Path(tempfile.mkdtemp()))
    >>> shards.add({b"0123456789abcdef": np.ones(2, dtype=np.float32)})
    >>> shards.find(b"0123456789abcdef"), shards.find(b"0" * 16)
    (array([1., 1.], dtype=float32), None)
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_last: tuple[int, dict[bytes, Floats]] = (-1, {})

    def find(self, digest: bytes) -> Floats | None:
        """A text's vector, None where it is not there."""
        if self._read_last[0] != digest[0]:
            self._read_last = digest[0], self._read(digest[0])
        return self._read_last[1].get(digest)

    def add(self, vectors: dict[bytes, Floats]) -> None:
        """Keep more vectors; OSError where the folder cannot be written to."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for shard in sorted({digest[0] for digest in vectors}):
            held = self._read(shard) | {digest: vector for digest, vector in vectors.items() if digest[0] == shard}
            self._write(shard, dict(list(held.items())[-LARGEST:]))
        self._read_last = (-1, {})

    def _path(self, shard: int) -> Path:
        return self._folder / f"{shard:02x}.safetensors"

    def _read(self, shard: int) -> dict[bytes, Floats]:
        try:
            held = load_file(self._path(shard))
            digests, vectors = held["digests"], held["vectors"]
        except (OSError, SafetensorError, KeyError):
            return {}
        if digests.shape != (len(vectors), DIGEST_SIZE) or vectors.ndim != 2 or vectors.dtype != np.float32:
            return {}
        return {digest.tobytes(): vector for digest, vector in zip(digests, vectors, strict=True)}

    def _write(self, shard: int, held: dict[bytes, Floats]) -> None:
        digests = np.frombuffer(b"".join(held), dtype=np.uint8).reshape(-1, DIGEST_SIZE)
        content = save({"digests": digests, "vectors": np.stack(list(held.values()))})
        path = self._path(shard)
        beside = path.with_name(f".{path.name}.new-{os.getpid()}")
        try:
            beside.write_bytes(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
