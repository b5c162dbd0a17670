"""Are these two orders the same matter? Signs added up, as a score a person can follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

import numpy as np

from triage.domain.errors import ModelFault
from triage.similar.grouping.likeness import Likeness
from triage.similar.grouping.rarity import Floats

STRONGEST = 8.0
"""No pair speaks louder than this for an issue, so that no single one decides about it."""

BAN = 20.0
"""Nor louder than this against: one pair in another district weighs as much as some that speak for, and keeps issues
from mixing places."""

LARGEST = 1000.0
"""No weight in a file may be larger, so that a sum of signs is a number."""

DEFAULT = {
    "words": 12.0,
    "gist": 6.0,
    "place": 0.55,
    "other_spot": -7.0,
    "other_body": -2.0,
    "other_road": -5.0,
    "other_district": -20.0,
    "vague": -20.0,
    "gap": -0.3,
    "caller": -0.3,
    "thing": 0.3,
    "category": 4.0,
}
"""Set by hand and rounded, docs/decisions/0014; nothing is learnt from anybody's messages. `caller` counts against:
whoever writes often writes alike about different matters. `other_district` and `vague` outweigh all that can speak for
a pair: one text in two districts is two matters, and two calls of 噪音扰民 from nowhere are none at all."""


@dataclass(frozen=True)
class PairModel:
    """`score` is a sum of signs times weights, above 0 where two orders belong together; `slope` and `offset` make a
    probability of it (Platt 1999), by default that of the nearest orders (docs/pair-model.md)."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT))
    bias: float = -8.0
    slope: float = 0.6
    offset: float = -0.7

    def score(self, likeness: Likeness) -> Floats:
        """The score of each pair, from -BAN to STRONGEST."""
        weights = np.array([self.weights[name] for name in Likeness._fields], dtype=np.float32)
        # Not a matrix product, which may differ in the last bit from one number of pairs to another.
        total = (likeness.matrix() * weights).sum(axis=1) + np.float32(self.bias)
        clipped: Floats = np.clip(total, -BAN, STRONGEST)
        return clipped

    def probability(self, score: Floats) -> Floats:
        """How likely pairs of these scores are the same matter, 0 to 1."""
        chances: Floats = 1 / (1 + np.exp(-(np.float32(self.slope) * score + np.float32(self.offset))))
        return chances

    def to_json(self) -> bytes:
        """The model as a file holds it."""
        return (json.dumps(asdict(self), indent=1) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read what `to_json` wrote; ModelFault names what is missing or no number."""
        try:
            found = json.loads(content)
            model = cls(**found)
            weights = dict(model.weights)
        except (ValueError, TypeError, RecursionError) as error:
            raise ModelFault(f"pair model: cannot be read: {error}") from None
        numbers = [*weights.values(), model.bias, model.slope, model.offset]
        if set(weights) != set(Likeness._fields) or not all(map(_is_number, numbers)):
            raise ModelFault(
                f"pair model: needs a number from -{LARGEST:g} to {LARGEST:g} for each of "
                f"{', '.join(Likeness._fields)}, bias, slope and offset"
            )
        if model.slope <= 0:
            raise ModelFault(
                f"pair model: slope must be above 0, so that a higher score is likelier, not {model.slope}"
            )
        return model


def _is_number(one: object) -> bool:
    return isinstance(one, (int, float)) and not isinstance(one, bool) and -LARGEST <= one <= LARGEST
