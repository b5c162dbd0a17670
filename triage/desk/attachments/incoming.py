"""A file on its way in: taken piece by piece, sealed part by part; never whole in memory, never open on a disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile

from triage.desk.attachments.kinds import HEAD, TAIL, kind_of
from triage.domain.errors import BadInput, Problem

PART = 256 * 1024
_IN_MEMORY = 2 * 1024 * 1024
Seal = Callable[[int, bytes], bytes]


class TooLarge(BadInput):
    """A file that is larger than allowed."""


class Incoming:
    """Takes a file's bytes and keeps them sealed by `seal(part, bytes)`; TooLarge beyond `limit` bytes.

    `size` are the bytes so far, `digest` is of them, `sealed` of the sealed parts; both SHA-256.

    >>> file = Incoming(lambda part, content: content[::-1], limit=100)
    >>> file.write(b"%PDF-1.7")
    >>> file.finish()
    >>> file.kind, file.size, list(file.parts())
    ('pdf', 8, [b'7.1-FDP%'])
    >>> file.close()
    """

    def __init__(self, seal: Seal, limit: int) -> None:
        self._seal = seal
        self._limit = limit
        self._waiting = bytearray()
        self._head, self._tail = b"", b""
        self._plain, self._sealed = hashlib.sha256(), hashlib.sha256()
        self._lengths: list[int] = []
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by `close`
        self.size = 0

    def write(self, content: bytes) -> None:
        """Take in the next bytes."""
        self.size += len(content)
        if self.size > self._limit:
            raise TooLarge("attachment", [Problem(("file",), f"is larger than the {self._limit} bytes allowed")])
        self._plain.update(content)
        self._waiting += content
        while len(self._waiting) >= PART:
            self._put(PART)

    def finish(self) -> None:
        """All bytes are there."""
        if self._waiting:
            self._put(len(self._waiting))

    def parts(self) -> Iterator[bytes]:
        """The sealed parts in order, one at a time."""
        self._file.seek(0)
        for length in self._lengths:
            yield self._file.read(length)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self._lengths)

    @property
    def kind(self) -> str | None:
        """The kind of file by its content, or None where it is none that is taken."""
        return kind_of(self._head, self._tail)

    @property
    def digest(self) -> bytes:
        """Of the content."""
        return self._plain.digest()

    @property
    def sealed(self) -> str:
        """Of the sealed parts, one after the other: what the chain covers."""
        return self._sealed.hexdigest()

    def _put(self, length: int) -> None:
        content = bytes(self._waiting[:length])
        del self._waiting[:length]
        if not self._lengths:
            self._head = content[:HEAD]
        self._tail = (self._tail + content)[-TAIL:]
        sealed = self._seal(len(self._lengths), content)
        self._lengths.append(len(sealed))
        self._sealed.update(sealed)
        self._file.write(sealed)
