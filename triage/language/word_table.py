"""The static word table: a vector for each frequent word, and for a text the mean of its words' vectors.

The folder is a `StaticEmbedding` of sentence-transformers, distilled by `training/word_table.py`. Here numpy alone
reads it, and gives the vectors sentence-transformers gives for the words with blanks between them: a word without a row
counts as the longest pieces from the left that have one, and a character without one counts as nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load

from triage.domain.errors import ModelFault
from triage.language.segment import Segmenter

Floats = npt.NDArray[np.float32]

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
_TENSOR = "embedding.weight"
_REMEMBERED = 50_000


class WordTable:
    """`rows` gives each word's row in `vectors`, of shape (words, width).

    Every character of a word must have a row too, as the tables of `training/word_table.py` see to.

    >>> table = WordTable({"路灯": 0, "坏": 1, "路": 2, "灯": 3}, np.eye(4, dtype=np.float16))
    >>> table.encode(["路灯坏了", "OK"])
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0. , 0. ]], dtype=float32)
    """

    def __init__(self, rows: dict[str, int], vectors: npt.NDArray[np.float16]) -> None:
        self._rows = rows
        self._vectors = vectors.astype(np.float32)  # once: to widen rows time and again takes longer than to add them
        self._longest = max(map(len, rows), default=0)
        self._segmenter = Segmenter()
        self._ids_of = lru_cache(_REMEMBERED)(self._taken_apart)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a folder as `training/word_table.py` writes it; ModelFault names what is missing or broken."""
        try:
            weights, tokenizer = ((folder / name).read_bytes() for name in (WEIGHTS, TOKENIZER))
        except OSError as error:
            raise ModelFault(f"word table: cannot read {error.filename}: {error.strerror}") from None
        return cls.from_bytes(weights, tokenizer)

    @classmethod
    def from_bytes(cls, weights: bytes, tokenizer: bytes) -> Self:
        """The same from the content of model.safetensors and tokenizer.json."""
        vectors = _read_vectors(weights)
        rows = _read_rows(tokenizer)
        if list(rows.values()) != list(range(len(vectors))):
            raise ModelFault(f"word table: {TOKENIZER} does not name the {len(vectors)} rows of {WEIGHTS} in order")
        return cls(rows, vectors)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Nothing in a table ever changes, so that copies of whatever holds it share it."""
        return self

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self._vectors.shape[1])

    @cached_property
    def vectors(self) -> Floats:
        """All rows, shape (words, width), in the order of `words`; they cannot be written to."""
        vectors = self._vectors.view()
        vectors.flags.writeable = False
        return vectors

    @property
    def words(self) -> list[str]:
        """The words that have a row, in the order of the rows."""
        return list(self._rows)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the words and their vectors: two tables that encode alike have the same."""
        found = hashlib.sha256("\n".join(self._rows).encode())
        found.update(np.ascontiguousarray(self._vectors).data)
        return found.hexdigest()

    def row(self, word: str) -> int | None:
        """The word's own row, None where it counts as its pieces.

        >>> WordTable({"扰": 0, "民": 1}, np.eye(2, dtype=np.float16)).row("扰民") is None
        True
        """
        return self._rows.get(word)

    def ids(self, words: Sequence[str]) -> list[Sequence[int]]:
        """The rows that each word counts as.

        >>> WordTable({"扰民": 0, "扰": 1, "民": 2}, np.eye(3, dtype=np.float16)).ids(["夜里", "扰民", "民扰"])
        [(), (0,), (2, 1)]
        """
        return list(map(self._ids_of, words))

    def rows(self, words: Sequence[str]) -> tuple[npt.NDArray[np.intp], Floats]:
        """The rows that words count as, shape (rows, width), and for each row the number of its word.

        >>> table = WordTable({"路灯": 0, "坏": 1, "了": 2}, np.eye(3, dtype=np.float16))
        >>> table.rows(["路灯", "坏了"])[0].tolist()
        [0, 1, 1]
        """
        ids = self.ids(words)
        numbers = np.repeat(np.arange(len(ids)), list(map(len, ids)))
        return numbers, self._vectors[list(chain.from_iterable(ids))]

    def encode(self, texts: Sequence[str]) -> Floats:
        """The mean of each text's rows, shape (texts, width); zeros where no word is known."""
        return self.means([self._segmenter.words(text) for text in texts])

    def means(self, texts: Sequence[Sequence[str]]) -> Floats:
        """The same for texts that are cut into words already."""
        # One text after the other, so that a mean is the same to the last bit whatever texts stand beside it.
        means = np.zeros((len(texts), self.width), dtype=np.float32)
        for mean, words in zip(means, texts, strict=True):
            if ids := list(chain.from_iterable(self.ids(words))):
                mean[:] = self._vectors[ids].sum(axis=0) / np.float32(len(ids))
        return means

    def _taken_apart(self, word: str) -> tuple[int, ...]:
        ids = []
        start = 0
        while start < len(word):
            ends = range(min(start + self._longest, len(word)), start, -1)
            end = next((end for end in ends if word[start:end] in self._rows), None)
            if end is not None:
                ids.append(self._rows[word[start:end]])
            start = end or start + 1
        return tuple(ids)


def _read_vectors(weights: bytes) -> npt.NDArray[np.float16]:
    try:
        tensors = load(weights)
    except (SafetensorError, KeyError) as error:  # KeyError: a type of numbers that numpy does not have
        raise ModelFault(f"word table: {WEIGHTS} cannot be read: {error}") from None
    vectors = tensors.get(_TENSOR)
    if vectors is None or vectors.ndim != 2 or vectors.dtype != np.float16:
        found = {name: f"{tensor.dtype} {tensor.shape}" for name, tensor in tensors.items()}
        raise ModelFault(f"word table: {WEIGHTS} must hold {_TENSOR}, float16 (words, width); it holds {found}")
    return vectors


def _read_rows(tokenizer: bytes) -> dict[str, int]:
    try:
        model: Any = json.loads(tokenizer)["model"]
        kind, prefix, rows = model["type"], model["continuing_subword_prefix"], model["vocab"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelFault(f"word table: {TOKENIZER} cannot be read: {type(error).__name__} {error}") from None
    if (kind, prefix) != ("WordPiece", "") or not isinstance(rows, dict):
        raise ModelFault(f"word table: {TOKENIZER} must hold a WordPiece model without prefix, not {kind} {prefix!r}")
    return rows
