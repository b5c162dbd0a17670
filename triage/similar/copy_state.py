"""What an index of copies remembers, as plain arrays and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import numpy as np

from triage.similar.packed import Reading, State, moments, runs, texts

DIGEST = 16  # bytes


class Text(NamedTuple):
    """What is kept of a text: the fields of a fingerprint."""

    digest: bytes
    letters: int
    sketch: bytes


class Orders(NamedTuple):
    """The latest orders with a text, by id, and when the last of them was received."""

    text: int
    orders: dict[str, datetime]
    latest: datetime


class Texts(NamedTuple):
    """Texts by number, the numbers of those that have a key, and the number that the next one gets."""

    texts: Mapping[int, Text]
    crowds: Mapping[int, tuple[int, ...]]
    following: int


def texts_state(given: Texts) -> State:
    """`numbers` (int64) with `digests` (uint8, shape (texts, 16)), `letters` (int64) and `sketches` (uint32); the texts
    that have each of `keys` (uint32): `crowds`; and `next` (int64, shape (1,))."""
    found = list(given.texts.values())
    sketches = b"".join(text.sketch for text in found)
    return {
        "next": np.array([given.following], dtype=np.int64),
        "numbers": np.fromiter(given.texts, np.int64, len(found)),
        "digests": np.frombuffer(b"".join(text.digest for text in found), np.uint8).reshape(-1, DIGEST),
        "letters": np.fromiter((text.letters for text in found), np.int64, len(found)),
        "sketches": np.frombuffer(sketches, dtype="<u4"),
        "sketches_lengths": np.fromiter((len(text.sketch) // 4 for text in found), np.int64, len(found)),
        "keys": np.fromiter(given.crowds, np.uint32, len(given.crowds)),
        **runs("crowds", list(given.crowds.values())),
    }


def texts_from(read: Reading, most_values: int, most_texts: int) -> Texts:
    """What `texts_state` wrote, of at most so many values of a sketch and texts of a key."""
    following = int(read.numbers("next", np.int64, (1,), 0)[0])
    numbers = read.numbers("numbers", np.int64, (None,), 0, following - 1).tolist()
    read.different("numbers", numbers)
    found = dict(zip(numbers, _texts(read, len(numbers), most_values), strict=True))
    read.different("digests", [text.digest for text in found.values()])
    keys = read.numbers("keys", np.uint32).tolist()
    read.different("keys", keys)
    crowds = read.runs("crowds", len(keys), 0, following - 1)
    read.nothing_else()
    read.must(found.keys() >= {number for crowd in crowds for number in crowd}, "crowds must be of texts there are")
    read.must(all(0 < len(crowd) <= most_texts for crowd in crowds), f"crowds must be of 1 to {most_texts} texts")
    return Texts(found, dict(zip(keys, map(tuple, crowds), strict=True)), following)


def _texts(read: Reading, count: int, most_values: int) -> Iterator[Text]:
    digests = read.numbers("digests", np.uint8, (count, DIGEST))
    letters = read.numbers("letters", np.int64, (count,), 1).tolist()
    sketches = read.numbers("sketches", np.uint32).astype("<u4").tobytes()
    lengths = read.numbers("sketches_lengths", np.int64, (count,), 1, most_values)
    ends = np.cumsum(lengths * 4).tolist()
    read.must(len(sketches) == (ends[-1] if ends else 0), "sketches must be as long as their lengths say")
    for digest, size, start, end in zip(digests, letters, [0, *ends], ends, strict=False):
        yield Text(digest.tobytes(), size, sketches[start:end])


def orders_state(given: Sequence[Orders]) -> State:
    """`texts` (int64) with `latest` (times); of `orders` (ids, with `times`) each has `counts` (int64)."""
    return {
        "texts": np.fromiter((one.text for one in given), np.int64, len(given)),
        **moments("latest", [one.latest for one in given]),
        "counts": np.fromiter((len(one.orders) for one in given), np.int64, len(given)),
        **texts("orders", [order_id for one in given for order_id in one.orders]),
        **moments("times", [at for one in given for at in one.orders.values()]),
    }


def orders_from(read: Reading) -> list[Orders]:
    """What `orders_state` wrote."""
    numbers = read.numbers("texts", np.int64).tolist()
    read.different("texts", numbers)
    counts = read.numbers("counts", np.int64, (len(numbers),), 1).tolist()
    latest = read.moments("latest", len(numbers))
    ids = read.texts("orders", sum(counts))
    each = iter(zip(ids, read.moments("times", len(ids)), strict=True))
    found = [Orders(text, dict(islice(each, n)), at) for text, n, at in zip(numbers, counts, latest, strict=True)]
    read.nothing_else()
    read.must(sum(len(one.orders) for one in found) == len(ids), "an order may stand once with a text")
    return found
