"""Text into numbers: words 1-2 and characters 1-3, sublinear TF-IDF, one vocabulary for every head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from triage.classify.estimator import Estimator
from triage.language.clean import clean
from triage.language.segment import Segmenter

_DIGITS = str.maketrans("123456789", "000000000")
_BLANK = " \n\r\t"
TITLE_END = "\x1e"
TITLE_WEIGHT = 3
"""A title says in a few words what the text takes many for: measured, it counts three times."""


@dataclass(frozen=True)
class Reading:
    """One text as the vectoriser reads it: its features with the place of each in the cleaned text.

    Feature `ids[i]` (-1 where the vocabulary does not have it) stands at `starts[i]:ends[i]`.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[tuple[int, int]]


class TextFeatures(Estimator):
    """TF-IDF over word 1-2-grams and character 1-3-grams of texts from `as_read`; every digit counts as 0.

    Parameters
    ----------
    min_df : a feature must occur in so many texts.
    max_features : at most so many features, the most frequent first.

    `transform` gives a csr matrix of shape (texts, features), float32, rows of length 1 (or 0 where nothing is known).
    Numbers are not kept, so that no telephone number enters a vocabulary.

    >>> features = TextFeatures(min_df=1).fit(["饭店油烟扰民", "路灯不亮"])
    >>> features.transform(["油烟太大", ""]).shape[0]
    2
    """

    def __init__(self, min_df: int = 2, max_features: int = 400_000) -> None:
        self.min_df = min_df
        self.max_features = max_features

    def fit(self, texts: Iterable[str], y: object = None) -> Self:
        """Learn the vocabulary and the inverse document frequencies."""
        documents: Counter[str] = Counter()
        total = 0
        for text in texts:
            documents.update(set(self._read(text)[0]))
            total += 1
        kept = [(count, name) for name, count in documents.items() if count >= self.min_df]
        kept.sort(key=lambda pair: (-pair[0], pair[1]))
        kept = sorted(kept[: self.max_features], key=lambda pair: pair[1])
        self.names_ = [name for _, name in kept]
        counts = np.array([count for count, _ in kept], dtype=np.float64)
        self.idf_ = (np.log((1 + total) / (1 + counts)) + 1).astype(np.float32)
        self.__dict__.pop("_vocabulary", None)
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Rows of TF-IDF, in order; the same for a text alone as for a text among others."""
        return self._stack([self._row([i for i in self._ids(self._read(text)[0]) if i >= 0]) for text in texts])

    def read(self, text: str) -> tuple[Reading, csr_matrix]:
        """One text with the places of its features (in the cleaned text), and its row."""
        names, starts, ends, words = self._read(text)
        ids = self._ids(names)
        return Reading(ids, starts, ends, words), self._stack([self._row([i for i in ids if i >= 0])])

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("_vocabulary", None)
        return state

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.names_)}

    def _ids(self, names: list[str]) -> list[int]:
        lookup = self._vocabulary
        return [lookup.get(name, -1) for name in names]

    def _row(self, ids: list[int]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
        columns, counts = np.unique(np.array(ids, dtype=np.intp), return_counts=True)
        values = (1 + np.log(counts)).astype(np.float32) * self.idf_[columns]
        length = float(np.sqrt(np.dot(values, values)))
        return columns, values / length if length else values

    def _stack(self, rows: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]]) -> csr_matrix:
        ends = np.cumsum([0] + [len(columns) for columns, _ in rows])
        columns = np.concatenate([columns for columns, _ in rows]) if rows else np.zeros(0, dtype=np.intp)
        values = np.concatenate([values for _, values in rows]) if rows else np.zeros(0, dtype=np.float32)
        matrix = csr_matrix((values, columns, ends), shape=(len(rows), len(self.names_)), copy=False)
        matrix.has_sorted_indices = True
        return matrix

    @staticmethod
    def _read(text: str) -> tuple[list[str], list[int], list[int], list[tuple[int, int]]]:
        """Feature names of a text with their places, and the places of its words; a title's features stand thrice."""
        title, mark, body = text.rpartition(TITLE_END)
        names, starts, ends, words = _features_of(body, len(title) + len(mark))
        if title:
            title_names, title_starts, title_ends, title_words = _features_of(title, 0)
            names += title_names * TITLE_WEIGHT
            starts += title_starts * TITLE_WEIGHT
            ends += title_ends * TITLE_WEIGHT
            words = title_words + words
        return names, starts, ends, words


def _features_of(text: str, offset: int) -> tuple[list[str], list[int], list[int], list[tuple[int, int]]]:
    """Words, pairs of words, then characters 1 to 3, placed from `offset` on.

    A word is marked by a leading tab, a pair by a tab between, so that they differ from characters.
    """
    text = text.translate(_DIGITS)
    lowered = text.lower()
    text = lowered if len(lowered) == len(text) else text  # a few letters grow when lowered, and places would shift
    words = [(word, start, end) for word, start, end in _SEGMENTER.spans(text) if word not in _BLANK]
    names = ["\t" + word for word, _, _ in words]
    starts = [start + offset for _, start, _ in words]
    ends = [end + offset for _, _, end in words]
    places = list(zip(starts, ends, strict=True))
    names += [f"{first[0]}\t{second[0]}" for first, second in pairwise(words)]
    ends += ends[1:]
    starts += starts[:-1]
    length = len(text)
    for size in (1, 2, 3):
        names += [text[start : start + size] for start in range(length - size + 1)]
        starts += range(offset, offset + length - size + 1)
        ends += range(offset + size, offset + length + 1)
    return names, starts, ends, places


_SEGMENTER = Segmenter()


def join(title: str, text: str) -> str:
    """Title and text, both cleaned, as classifiers read them: with a mark between that no cleaned text can hold."""
    return f"{title}{TITLE_END}{text}" if title else text


def as_read(title: str, text: str) -> str:
    """What classifiers read of an order as it came."""
    return join(clean(title).text, clean(text).text)
