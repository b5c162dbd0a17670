"""What speaks for and against two orders being about the same matter, in numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from triage.similar.grouping.encoded import Orders
from triage.similar.grouping.rarity import Buckets, Floats, Rarity

_RAREST = 7.0
"""A name seen once in a thousand orders tells as much as one seen once in a million."""


class Likeness(NamedTuple):
    """The signs, a number for each pair: `words` and `gist` from 0 to 1, `place` from 0 to 7, `gap` the logarithm of
    1 + days between, the others 0 or 1 (`thing` and `category` are -1 where they differ)."""

    words: Floats
    gist: Floats
    place: Floats
    other_place: Floats
    other_district: Floats
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
    counties = _differ(one["counties"], many["counties"])
    townships = _differ(one["townships"], many["townships"])
    return Likeness(
        words=np.sqrt(_cosine(one, many)),
        gist=many["vector"].astype(np.float32) @ one["vector"].astype(np.float32),
        place=place,
        other_place=_differ(one["spots"], many["spots"]) * (place == 0),
        other_district=np.maximum(counties, townships),
        gap=np.log1p(np.abs(many["day"] - one["day"])).astype(np.float32),
        caller=((many["caller"] == one["caller"]) & (many["caller"] > 0)).astype(np.float32),
        thing=_agree(one["thing"], many["thing"]),
        category=_agree(one["category"], many["category"]),
    )


def _cosine(one: Orders, many: Orders) -> Floats:
    """The cosine of the words' weights; 0 to 1."""
    order = np.argsort(one["terms"])
    terms, weights = one["terms"][order], one["weights"][order].astype(np.float32)
    at = np.minimum(np.searchsorted(terms, many["terms"]), len(terms) - 1)
    shared = (terms[at] == many["terms"]) & (many["terms"] > 0)
    product: Floats = np.where(shared, weights[at] * many["weights"], np.float32(0)).sum(axis=1)
    return np.clip(product, 0, 1)


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
