"""What the rest of the house asks of an encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
State = Mapping[str, npt.NDArray[Any]]
"""What an encoder has learnt, as plain arrays by name; empty for one that never learns."""


class Encoder(Protocol):
    """Texts to vectors of length 1, so that the product of two is their cosine; zeros where nothing is known.

    Texts are cleaned (`triage.language.clean`); titles are told apart better than long texts.
    """

    @property
    def width(self) -> int:
        """How many numbers a vector has."""

    @property
    def model(self) -> str:
        """Names the files and the method; stays the same while the encoder learns."""

    @property
    def digest(self) -> str:
        """Names the vectors: equal digests give equal vectors. It changes with what is learnt."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row for each text, shape (texts, width), as the encoder stands now; a text alone gives the same row."""

    def encode_and_learn(self, texts: Sequence[str]) -> Floats:
        """The same one text after the other, each learnt from once it is encoded: a batch equals one by one."""

    def state(self) -> State:
        """What was learnt so far."""

    def restore(self, state: State) -> None:
        """Take up where `state` left off; ModelFault where it is not what `state` gives."""


def unit(vectors: Floats) -> Floats:
    """Rows of length 1; rows of zeros stay zeros.

    >>> unit(np.array([[3, 4], [0, 0]], dtype=np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    rows: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return rows
