"""The direction that all of a town's texts share, to be taken out of each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triage.domain.errors import ModelFault
from triage.similar.encoding.encoder import Floats

PRIOR = 200
"""So many texts without a direction stand before the first, so that a few do not make a centre."""

REACH = 100_000
"""A text's share in the centre fades after about so many more."""

LONGEST = 0.5
"""The centre is never longer, so that a flood of one text cannot take that text's own direction away."""


class Centre:
    """The running mean of vectors of length 1, in place of the first principal component of Arora, Liang and Ma (2017),
    which would need all of them at once.

    >>> centre = Centre(2)
    >>> for _ in range(200):
    ...     centre.learn(np.array([1, 0], dtype=np.float32))
    >>> centre.vector.tolist()
    [0.5, 0.0]
    """

    def __init__(self, width: int) -> None:
        self._mean: npt.NDArray[np.float64] = np.zeros(width)
        self._texts = 0

    @property
    def vector(self) -> Floats:
        """What to take from a vector of length 1."""
        length = float(np.sqrt(self._mean @ self._mean))
        shortened: Floats = (self._mean * min(1.0, LONGEST / max(length, LONGEST))).astype(np.float32)
        return shortened

    def learn(self, vector: Floats) -> None:
        """Take in one text's vector."""
        self._texts = min(self._texts + 1, REACH)
        self._mean += (vector - self._mean) / (PRIOR + self._texts)

    def state(self) -> npt.NDArray[np.float64]:
        """The mean, and behind it the number of texts."""
        return np.append(self._mean, self._texts)

    def restore(self, state: npt.NDArray[np.float64]) -> None:
        """Take up a state; ModelFault where it is none of this width."""
        width = len(self._mean)
        if state.shape != (width + 1,) or state.dtype != np.float64 or not np.isfinite(state).all():
            raise ModelFault(
                f"learnt centre: must be {width + 1} finite numbers (float64), not {state.dtype} {state.shape}"
            )
        if not 0 <= state[-1] <= REACH or np.linalg.norm(state[:-1]) > 1 + 1e-6:
            raise ModelFault(f"learnt centre: its length must be at most 1 and its texts 0 to {REACH}")
        self._mean, self._texts = state[:-1].copy(), int(state[-1])
