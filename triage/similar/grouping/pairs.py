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
"""No pair speaks louder than this for or against, so that no single one decides about an issue."""

DEFAULT = {
    "words": 16.0,
    "gist": 3.0,
    "place": 0.25,
    "other_place": -0.5,
    "other_district": -6.0,
    "gap": -0.4,
    "caller": -0.5,
    "thing": 0.0,
    "category": 0.0,
}
"""Set by hand and rounded, docs/decisions/0014; nothing is learnt from anybody's messages. `caller` counts against:
whoever writes often writes alike about different matters."""


@dataclass(frozen=True)
class PairModel:
    """`score` is a sum of signs times weights, above 0 where two orders belong together; `slope` and `offset` make a
    probability of it (Platt 1999)."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT))
    bias: float = -6.9
    slope: float = 0.8
    offset: float = 0.0

    def score(self, likeness: Likeness) -> Floats:
        """The score of each pair, from -STRONGEST to STRONGEST."""
        weights = np.array([self.weights[name] for name in Likeness._fields], dtype=np.float32)
        # Not a matrix product, which may differ in the last bit from one number of pairs to another.
        total = (likeness.matrix() * weights).sum(axis=1) + np.float32(self.bias)
        clipped: Floats = np.clip(total, -STRONGEST, STRONGEST)
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
            missing = sorted(set(Likeness._fields) ^ set(model.weights))
        except (ValueError, TypeError) as error:
            raise ModelFault(f"pair model: cannot be read: {error}") from None
        numbers = [*model.weights.values(), model.bias, model.slope, model.offset]
        if missing or not all(isinstance(one, (int, float)) and np.isfinite(one) for one in numbers):
            raise ModelFault(f"pair model: needs a finite number for each of {', '.join(Likeness._fields)}")
        return model
