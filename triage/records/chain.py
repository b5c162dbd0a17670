"""The chain: every entry's hash covers the one before, so that nothing can be changed or taken out unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from triage.records.columns import canonical

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as the chain sees it: its place, what it says, and the hash it carries."""

    seq: int
    content: Sequence[Any]
    hash: str


def link_hash(previous: str, seq: int, content: Sequence[Any]) -> str:
    """SHA-256 over the hash before, the place and the content.

    >>> link_hash(START, 1, ["received"])[:16]
    '7fb7d76250d9756a'
    """
    return hashlib.sha256(canonical([previous, seq, *content]).encode("utf-8", "surrogatepass")).hexdigest()


def faults(links: Iterable[Link]) -> Iterator[str]:
    """What is wrong with a chain, the first broken link first: a gap, or an entry that was changed."""
    previous, expected = START, 1
    for link in links:
        if link.seq != expected:
            yield f"entry {expected} is missing; the next one is {link.seq}"
        elif link.hash != link_hash(previous, link.seq, link.content):
            yield f"entry {link.seq} is not what was written, or an entry before it was exchanged"
        previous, expected = link.hash, link.seq + 1
