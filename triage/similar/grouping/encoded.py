"""An order in numbers: what it is compared by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from triage.language.place_patterns import stem
from triage.similar.grouping.rarity import Buckets, Floats, Rarity, buckets_of
from triage.similar.signature import Signature

TERMS = 64
PLACES = 12
NAMES = 16
CATEGORIES = 3
DISTRICTS = 2

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = 86_400.0


Orders = npt.NDArray[np.void]
"""Orders in numbers, a record each, or one of them; the fields are those of `order_type`."""


@cache
def order_type(width: int) -> np.dtype[np.void]:
    """What is kept of an order, about 1 kB where a vector has 256 numbers.

    `terms` are the buckets of the weightiest words, heaviest first, 0 where there are fewer; `weights` make a vector of
    length 1, `length` is what it was before. `vector` is the gist's. `places`, `counties`, `townships` and `thing` are
    buckets of names, 0 for none; `spots`, `bodies` and `roads` those of the pairs of characters in such names, so that
    names that are written in two ways have something in common. `categories` are buckets of the likeliest categories,
    `chances` the square roots of their probabilities. `day` counts from 2000-01-01 UTC. `caller` is a number for the
    token, 0 for none.
    """
    return np.dtype(
        [
            ("terms", np.uint32, TERMS),
            ("weights", np.float16, TERMS),
            ("length", np.float32),
            ("vector", np.float16, width),
            ("places", np.uint32, PLACES),
            ("spots", np.uint32, NAMES),
            ("bodies", np.uint32, NAMES),
            ("roads", np.uint32, NAMES),
            ("counties", np.uint32, DISTRICTS),
            ("townships", np.uint32, DISTRICTS),
            ("thing", np.uint32),
            ("categories", np.uint32, CATEGORIES),
            ("chances", np.float16, CATEGORIES),
            ("caller", np.uint64),
            ("day", np.float64),
        ]
    )


def encoded(signature: Signature, vector: Floats, rarity: Rarity) -> Orders:
    """A signature in numbers, its words weighed by how rare they are now; an array of shape ()."""
    order: Orders = np.zeros((), dtype=order_type(len(vector)))
    order["terms"], order["weights"], order["length"] = _weighed(signature, rarity)
    order["vector"] = vector
    counties, townships = signature.districts
    names = {
        "places": signature.places,
        "counties": counties,
        "townships": townships,
        "thing": [signature.thing] if signature.thing else [],
        "spots": _pairs_of(signature.spots),
        "bodies": _pairs_of(signature.bodies),
        "roads": _pairs_of(signature.roads),
        "categories": [category for category, _ in signature.categories],
    }
    for field, given in names.items():
        room = order[field].reshape(-1)
        buckets = buckets_of(given)[: room.size]
        room[: len(buckets)] = buckets
    chances = [chance for _, chance in signature.categories[:CATEGORIES]]
    order["chances"][: len(chances)] = np.sqrt(chances)
    order["caller"] = _number(signature.caller or "")
    order["day"] = day_of(signature.received_at)
    return order


def words_of(signature: Signature) -> dict[int, str]:
    """The words and places of a signature by their buckets, to say what two orders share."""
    words = [*signature.terms, *signature.places, *filter(None, [signature.thing])]
    return dict(zip(buckets_of(words).tolist(), words, strict=True))


def learnt(signature: Signature) -> Buckets:
    """What an order teaches about rarity: its words and places, each once."""
    return np.unique(buckets_of([*signature.terms, *signature.places]))


def day_of(moment: datetime) -> float:
    """Days since 2000-01-01 UTC."""
    return (moment - _EPOCH).total_seconds() / _DAY


def _weighed(signature: Signature, rarity: Rarity) -> tuple[Buckets, Floats, float]:
    """The TERMS weightiest words by (1 + log count) × rarity; equally weighty ones in the order of their buckets."""
    buckets = buckets_of(list(signature.terms))
    counts = np.fromiter(signature.terms.values(), dtype=np.float32, count=len(buckets))
    weights = (1 + np.log(counts)) * rarity.of(buckets)
    heaviest = np.lexsort((buckets, -weights))[:TERMS]
    terms, kept = np.zeros(TERMS, dtype=np.uint32), np.zeros(TERMS, dtype=np.float32)
    terms[: len(heaviest)], kept[: len(heaviest)] = buckets[heaviest], weights[heaviest]
    length = float(np.sqrt(kept @ kept))
    return terms, kept / length if length else kept, length


def _pairs_of(names: Sequence[str]) -> list[str]:
    """The pairs of neighbouring characters in what is a name's own: 丽发新城 and 丽发小区 share 丽发."""
    return list(dict.fromkeys(one + other for name in map(stem, names) for one, other in pairwise(name)))


def _number(token: str) -> int:
    """A number of 64 bits for a caller's token; two tokens of a town hardly ever share one."""
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest(), "little") if token else 0
