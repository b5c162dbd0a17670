"""The default encoder: the static word table, weighed by what the town's own orders speak of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256, shake_256
from itertools import islice
from typing import NamedTuple

import numpy as np

from triage.domain.errors import ModelFault
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable
from triage.similar.encoding import centre
from triage.similar.encoding.centre import Centre
from triage.similar.encoding.encoder import Floats, State
from triage.similar.encoding.word_counts import BUCKETS, PRIOR, WordCounts, bucket

RARENESS = 1e-3
"""a of a/(a + p), the weight that the table's rows have in them already (training/word_table.py)."""

OWN_SHARE = 0.7
"""How much of a name's direction is its own; the rest is what its pieces mean."""

OWN_LENGTH = 1.3
"""How long a name's vector is beside the table's median row: the town's names tell issues apart."""

DICTIONARY_TOTAL = 60_101_967
"""All counts in jieba's dictionary."""

_LONGEST_TEXT, _LONGEST_WORD, _MOST_WORDS, _REMEMBERED = 20_000, 32, 2_000, 30_000


class _Word(NamedTuple):
    """A word's vector, its share in the dictionary and the bucket it is counted in."""

    vector: Floats
    share: float
    bucket: int


class TownEncoder:
    """The weighted sum of a text's words, each counted once, less what all the town's texts share, at length 1.

    A row of the table comes weighted by a/(a + p), p the word's share in jieba's dictionary; here p becomes its share
    in the dictionary and the town's orders together (`WordCounts.shares`), so that 投诉 weighs less where all complain.
    A word without a row of its own (a compound's name, a number, K11) gets a direction from its hash, turned
    towards what its pieces mean, so that two names with alike pieces stay two.
    Arora, Liang, Ma: A Simple but Tough-to-Beat Baseline for Sentence Embeddings, ICLR 2017.

    >>> table = WordTable({"路灯": 0, "坏": 1, "了": 2}, np.eye(3, 16, dtype=np.float16))
    >>> encoder = TownEncoder(table)
    >>> vectors = encoder.encode_and_learn(["路灯坏", "丽灯", "路灯坏", "，"])
    >>> (vectors @ vectors[0] > 0.9).tolist()
    [True, False, True, False]
    """

    def __init__(self, table: WordTable) -> None:
        self._table = table
        self._length = float(np.median(np.linalg.norm(table.vectors, axis=1))) * OWN_LENGTH
        self._counts = WordCounts()
        self._centre = Centre(table.width)
        self._segmenter = Segmenter()
        self._word = lru_cache(_REMEMBERED)(self._looked_up)

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return self._table.width

    @property
    def model(self) -> str:
        """Names the table and the method."""
        method = f"town {self._table.digest} {RARENESS} {OWN_SHARE} {OWN_LENGTH} {PRIOR} {BUCKETS} {centre.PRIOR}"
        return sha256(method.encode()).hexdigest()

    @property
    def digest(self) -> str:
        """Names the table and what was learnt; it changes with every order (some milliseconds to work out)."""
        learnt = self._counts.digest().encode() + self._centre.state().tobytes()
        return sha256(self.model.encode() + learnt).hexdigest()

    @property
    def words_learnt(self) -> int:
        """How many words were counted."""
        return self._counts.total

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row for each text, shape (texts, width), with the counts as they stand."""
        return self._rows(texts, learn=False)

    def encode_and_learn(self, texts: Sequence[str]) -> Floats:
        """The same one after the other, each text's words counted once it is encoded."""
        return self._rows(texts, learn=True)

    def words(self, text: str) -> list[str]:
        """The words of a text; what stands after its first 20,000 characters is left out."""
        return self._segmenter.words(text[:_LONGEST_TEXT])

    def state(self) -> State:
        """What was learnt, as arrays `buckets`, `counts` and `centre`; no word can be read from them."""
        return {**self._counts.state(), "centre": self._centre.state()}

    def restore(self, state: State) -> None:
        """Take up a state of before; ModelFault where it is none, and then nothing has changed."""
        if "centre" not in state:
            raise ModelFault(f"learnt words: must hold centre, not only {sorted(state)}")
        restored = Centre(self.width)
        restored.restore(state["centre"])
        self._counts.restore({name: array for name, array in state.items() if name != "centre"})
        self._centre = restored

    def _rows(self, texts: Sequence[str], learn: bool) -> Floats:
        rows = np.zeros((len(texts), self.width), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            known = self._known(self.words(text))
            if not known:
                continue
            bare = _normal(self._sum(known))
            row[:] = _normal(bare - self._centre.vector)
            if learn:
                self._counts.learn(list({word.bucket for word in known}))
                self._centre.learn(bare)
        return rows

    def _known(self, words: Sequence[str]) -> list[_Word]:
        each = islice(dict.fromkeys(word[:_LONGEST_WORD] for word in words), _MOST_WORDS)
        return [word for word in map(self._word, each) if word is not None]

    def _sum(self, words: Sequence[_Word]) -> Floats:
        vectors, in_dictionary, buckets = zip(*words, strict=True)
        dictionary = np.array(in_dictionary)
        shares = self._counts.shares(buckets, dictionary)
        weights = ((RARENESS + dictionary) / (RARENESS + shares)).astype(np.float32)
        # Not a matrix product, which may differ in the last bit from one shape to another.
        total: Floats = (np.concatenate(vectors).reshape(-1, self.width) * weights[:, None]).sum(axis=0)
        return total

    def _looked_up(self, word: str) -> _Word | None:
        """A word's vector, weighed as the dictionary has it; None for marks and blanks."""
        word = word.lower()
        if not any(mark.isalnum() for mark in word):
            return None
        row = self._table.row(word)
        if row is None:
            return _Word(self._own_vector(word), 0.0, bucket(word))
        share = self._segmenter.frequency(word) / DICTIONARY_TOTAL
        return _Word(self._table.vectors[row], share, bucket(word))

    def _own_vector(self, word: str) -> Floats:
        pieces = _normal(self._table.vectors[list(self._table.ids([word])[0])].sum(axis=0))
        blended = OWN_SHARE * _direction(word, self.width) + (1 - OWN_SHARE**2) ** 0.5 * pieces
        return _normal(blended) * np.float32(self._length)


def _normal(vector: Floats) -> Floats:
    """The vector at length 1; zeros stay zeros."""
    length = np.sqrt(vector @ vector)
    return vector / length if length > 0 else vector


def _direction(word: str, width: int) -> Floats:
    """A direction of length 1 from the word's hash: the same in every process, next to square to all others."""
    marks = shake_256(word.encode(errors="surrogatepass")).digest(-(-width // 8))
    signs = np.unpackbits(np.frombuffer(marks, dtype=np.uint8), count=width).astype(np.float32) * 2 - 1
    return signs / np.float32(width**0.5)
