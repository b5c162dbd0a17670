"""What a town's memory begins with: how often the written examples of the default model use which word.

Without it the first hundred orders of a town would find every word equally rare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from triage.domain.errors import ModelFault
from triage.similar.encoding.encoder import State
from triage.similar.encoding.town import TownEncoder
from triage.similar.grouping.encoded import learnt
from triage.similar.grouping.rarity import Rarity
from triage.similar.signature import Signature

FILE = "start.safetensors"
_ENCODER = "encoder_"


@dataclass(frozen=True)
class Start:
    """The states of a `Rarity` and of a `TownEncoder` that have seen the examples; hashes and counts, no words."""

    rarity: State
    encoder: State

    def to_bytes(self) -> bytes:
        """The content of `start.safetensors`."""
        arrays = {**self.rarity, **{_ENCODER + name: array for name, array in self.encoder.items()}}
        return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})

    @classmethod
    def from_bytes(cls, content: bytes) -> Start:
        """Read what `to_bytes` gave; ModelFault where it is something else."""
        try:
            arrays = load(content)
        except SafetensorError as error:
            raise ModelFault(f"{FILE} cannot be read: {error}") from None
        encoder = {name.removeprefix(_ENCODER): array for name, array in arrays.items() if name.startswith(_ENCODER)}
        return cls({name: array for name, array in arrays.items() if not name.startswith(_ENCODER)}, encoder)


def start_from(signatures: Iterable[Signature], encoder: TownEncoder) -> Start:
    """What is known after these orders; `encoder` learns from them, too."""
    rarity = Rarity()
    for signature in signatures:
        rarity.learn(learnt(signature))
        encoder.encode_and_learn([signature.gist])
    return Start(rarity.state(), encoder.state())
