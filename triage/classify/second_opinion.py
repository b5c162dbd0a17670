"""A second opinion for texts of which the linear model is not sure: a sentence encoder in ONNX, and a head a task.

It runs in onnxruntime and tokenizers (extra `strong`), imported when the first text needs them: without torch, and
never where every answer is sure. `training/strong` makes the encoder and fits the heads.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import joblib
import numpy as np
import numpy.typing as npt

from triage.classify.calibration import Floats, softmax
from triage.classify.layout import TITLE_END
from triage.classify.promise import Bools, Promise
from triage.domain.errors import ModelFault

ENCODER, TOKENIZER, HEADS = "second/model.onnx", "second/tokenizer.json", "second/heads.joblib"
"""Its files, by their names in a model's folder."""

LONGEST = 2_000
"""So many characters of a text are looked at; the tokenizer keeps fewer yet."""

LEAST = 1e-6
"""A chance below this counts as this: no opinion may rule a label out."""

Vectors = npt.NDArray[np.float32]


class OnnxEncoder:
    """Texts into vectors of length 1 by a graph `ids, mask -> vectors` and the tokenizer that belongs to it.

    Both are given as bytes, so that whoever loads them can check their digests. Texts go through one at a time on one
    thread: numbers are rounded to eight bits by the largest of a run, so that in a batch a vector would hang on what
    stands beside it. ModelFault where the extra `strong` is missing or the bytes are no such model.

    >>> OnnxEncoder(b"", b"").encode([]).shape
    (0, 0)
    """

    def __init__(self, graph: bytes, tokenizer: bytes) -> None:
        self.graph = graph
        self.tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, width), rows of length 1."""
        if not len(texts):
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Vectors:
        session, tokenizer = self._loaded
        ids = np.array([tokenizer.encode(f"query: {_plain(text)}").ids], dtype=np.int64)
        found: Vectors = session.run(["vectors"], {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        return found

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ModuleNotFoundError as error:
            raise ModelFault(f"a second opinion needs {error.name}: pip install 'hotline-triage[strong]'") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(self.graph, options, providers=["CPUExecutionProvider"])
            return session, Tokenizer.from_buffer(self.tokenizer)
        except Exception as error:  # both raise whatever their own code raises
            raise ModelFault(f"the second opinion's encoder cannot be read: {type(error).__name__}") from None


class Asked(NamedTuple):
    """Which answers were asked about again, shape (n,), and the chances after that, shape (n, k)."""

    rows: Bools
    chances: Floats


@dataclass(frozen=True, slots=True)
class OpinionHead:
    """What the encoder's vectors say of one task, and how much it counts beside the linear model.

    The vectors' chances are softmax((vector - centre) @ weights + bias), weights of shape (width, k); both opinions'
    logarithms are weighed by `shares` and added with `shift`, shape (k,): a logarithmic opinion pool (Genest and Zidek,
    Combining Probability Distributions, Statistical Science 1986). Asked is where `first`, the linear model's own
    promise, does not hold.
    """

    centre: Vectors
    weights: Vectors
    bias: Vectors
    shares: tuple[float, float]
    shift: Floats
    first: Promise

    def chances(self, vectors: Vectors) -> Floats:
        """The vectors' own chances, rows in the order of the labels."""
        return softmax(np.asarray((vectors - self.centre) @ self.weights + self.bias, dtype=np.float64))

    def pooled(self, linear: Floats, ours: Floats) -> Floats:
        """Both opinions in one, rows summing to 1."""
        return pooled(linear, ours, self.shares, self.shift)


class SecondOpinion:
    """An encoder and its heads by task."""

    def __init__(self, encoder: OnnxEncoder, heads: Mapping[str, OpinionHead]) -> None:
        self.encoder = encoder
        self.heads = heads

    @classmethod
    def from_files(cls, read: Callable[[str], bytes]) -> SecondOpinion:
        """From the files of a model's folder; `read` gives the bytes of a name whose digest it has checked."""
        heads = joblib.load(io.BytesIO(read(HEADS)))
        return cls(OnnxEncoder(read(ENCODER), read(TOKENIZER)), heads)

    def files(self) -> dict[str, bytes]:
        """What `from_files` reads, by name."""
        buffer = io.BytesIO()
        joblib.dump(dict(self.heads), buffer, compress=("zlib", 3))
        return {ENCODER: self.encoder.graph, TOKENIZER: self.encoder.tokenizer, HEADS: buffer.getvalue()}

    def revise(self, task: str, texts: Sequence[str], chances: Floats) -> Floats:
        """The chances of a task's labels, shape (n, k), with those pooled that the linear model is not sure of."""
        return self.asked(task, texts, chances).chances

    def asked(self, task: str, texts: Sequence[str], chances: Floats) -> Asked:
        """The same, and which rows were asked about."""
        head = self.heads.get(task)
        if head is None:
            return Asked(np.zeros(len(chances), dtype=bool), chances)
        unsure = ~head.first.may_decide(chances)
        if not unsure.any():
            return Asked(unsure, chances)
        revised = chances.copy()
        vectors = self.encoder.encode([text for text, ask in zip(texts, unsure.tolist(), strict=True) if ask])
        revised[unsure] = head.pooled(chances[unsure], head.chances(vectors))
        return Asked(unsure, revised)


def pooled(linear: Floats, ours: Floats, shares: Sequence[float], shift: Floats) -> Floats:
    """The logarithmic pool of two opinions, each of shape (n, k).

    >>> half = np.array([[0.5, 0.5]])
    >>> pooled(np.array([[0.8, 0.2]]), half, (1.0, 1.0), np.zeros(2)).round(2).tolist()
    [[0.8, 0.2]]
    """
    first, second = (np.log(np.maximum(one, LEAST)) for one in (linear, ours))
    return softmax(shares[0] * first + shares[1] * second + shift)


def _plain(text: str) -> str:
    """What the encoder reads: title and text with a blank between."""
    return text[:LONGEST].replace(TITLE_END, " ")
