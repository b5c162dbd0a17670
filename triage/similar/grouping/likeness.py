"""What speaks for and against two orders being about the same matter, in numbers."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from triage.similar.grouping.encoded import Orders
from triage.similar.grouping.rarity import BUCKETS, Buckets, Floats, Rarity

_OF_THREAD = threading.local()
_RAREST = 7.0
"""A name seen once in a thousand orders tells as much as one seen once in a million."""

UNKNOWN = 0.3
"""What stands for the overlap of categories where one is not known: neither for nor against."""

TELLING = 24.0
"""So much rarity in common (the root of the sum of products of weights) tells a matter without a place."""


class Likeness(NamedTuple):
    """The signs, a number for each pair.

    `words`, `gist` and `category` from 0 to 1 (category UNKNOWN where one has none); `place` from 0 to 7; `gap` the
    logarithm of 1 + days between; `thing` 1 where both name the same object, -1 where they differ. The others are 0 or
    1: `other_spot`, `other_body`, `other_road`, `other_district` say that both name such a place and none in common,
    `vague` is how little they share (1 nothing, 0 TELLING or more) where not both name a place.
    """

    words: Floats
    gist: Floats
    place: Floats
    other_spot: Floats
    other_body: Floats
    other_road: Floats
    other_district: Floats
    vague: Floats
    gap: Floats
    caller: Floats
    thing: Floats
    category: Floats

    def matrix(self) -> Floats:
        """Shape (pairs, signs)."""
        return np.stack(self, axis=1)


def likeness(one: Orders, many: Orders, rarity: Rarity) -> Likeness:
    """How one order and each of many are alike."""
    place = _in_common(one["places"], many["places"], rarity)
    strange = place == 0
    words = np.sqrt(_cosine(one, many))
    counties = _differ(one["counties"], many["counties"])
    townships = _differ(one["townships"], many["townships"])
    return Likeness(
        words=words,
        # Not a matrix product, which may differ in the last bit from one number of pairs to another.
        gist=np.einsum("ij,j->i", many["vector"].astype(np.float32), one["vector"].astype(np.float32)),
        place=place,
        other_spot=_differ(one["spots"], many["spots"]) * strange,
        other_body=_differ(one["bodies"], many["bodies"]) * strange,
        other_road=_differ(one["roads"], many["roads"]) * strange,
        other_district=np.maximum(counties, townships),
        vague=_vague(one, many, words),
        gap=np.log1p(np.abs(many["day"] - one["day"])).astype(np.float32),
        caller=((many["caller"] == one["caller"]) & (many["caller"] > 0)).astype(np.float32),
        thing=_agree(one["thing"], many["thing"]),
        category=_same_category(one, many),
    )


def _cosine(one: Orders, many: Orders) -> Floats:
    """The cosine of the words' weights; 0 to 1."""
    spread = _spread()
    spread[one["terms"]] = one["weights"]
    spread[0] = 0
    product: Floats = (spread[many["terms"]] * many["weights"]).sum(axis=1)
    spread[one["terms"]] = 0
    return np.clip(product, 0, 1)


def _spread() -> Floats:
    """A zero for each bucket, one array a thread: to look weights up in it is five times as fast as to search them."""
    if not hasattr(_OF_THREAD, "zeros"):
        _OF_THREAD.zeros = np.zeros(BUCKETS, dtype=np.float32)
    zeros: Floats = _OF_THREAD.zeros
    return zeros


def _vague(one: Orders, many: Orders, words: Floats) -> Floats:
    """Two short texts of common words (噪音扰民) are alike and say little, unless both name a place."""
    shared = words * np.sqrt(many["length"] * one["length"])
    placed = (many["places"][:, 0] > 0) & (one["places"][0] > 0)
    vague: Floats = np.where(placed, np.float32(0), np.clip(1 - shared / np.float32(TELLING), 0, 1))
    return vague


def _in_common(one: Buckets, many: Buckets, rarity: Rarity) -> Floats:
    """The rarity of the rarest name that both have; 0 where they share none."""
    named = one[one > 0]
    if not named.size:
        return np.zeros(len(many), dtype=np.float32)
    rare = np.minimum(rarity.of(named), np.float32(_RAREST))
    shared = (many[:, :, None] == named).any(axis=1)
    most: Floats = np.where(shared, rare, np.float32(0)).max(axis=1)
    return most


def _differ(one: Buckets, many: Buckets) -> Floats:
    """1 where both name something and nothing the same."""
    named = one[one > 0]
    if not named.size:
        return np.zeros(len(many), dtype=np.float32)
    shared = (many[:, :, None] == named).any(axis=(1, 2))
    differ: Floats = ((many > 0).any(axis=1) & ~shared).astype(np.float32)
    return differ


def _agree(one: Buckets, many: Buckets) -> Floats:
    """1 where both say the same, -1 where they differ, 0 where one says nothing."""
    agree: Floats = np.where((one > 0) & (many > 0), np.where(one == many, 1, -1), 0).astype(np.float32)
    return agree


def _same_category(one: Orders, many: Orders) -> Floats:
    """How much two probabilities of categories overlap (Bhattacharyya 1943), of the likeliest ones of each."""
    same = (many["categories"][:, :, None] == one["categories"]) & (one["categories"] > 0)
    product = many["chances"][:, :, None].astype(np.float32) * one["chances"].astype(np.float32)
    overlap = np.where(same, product, np.float32(0)).sum(axis=(1, 2))
    known = (many["categories"][:, 0] > 0) & (one["categories"][0] > 0)
    found: Floats = np.where(known, overlap, np.float32(UNKNOWN))
    return found
