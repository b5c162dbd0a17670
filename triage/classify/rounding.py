"""Weights in eight bits: a quarter of the room of 32, and no answer that differs in what a person sees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Rounded(NamedTuple):
    """Whole numbers of shape (f, k), and for each column what one step is worth, shape (k,)."""

    steps: npt.NDArray[np.int8]
    worth: npt.NDArray[np.float32]

    def widened(self) -> npt.NDArray[np.float32]:
        """The weights, shape (f, k)."""
        return self.steps * self.worth


def round_columns(weights: npt.NDArray[np.float32]) -> Rounded:
    """Each column in steps of 1/127 of its greatest weight.

    >>> round_columns(np.array([[1.27, 0.0], [-0.004, 0.0]], dtype=np.float32)).steps.tolist()
    [[127, 0], [0, 0]]
    """
    worth = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    steps = np.round(weights / np.where(worth > 0, worth, 1)).astype(np.int8)
    return Rounded(steps, worth)
