"""Text into numbers: words 1-2 and characters 1-3, sublinear TF-IDF, one vocabulary for every head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack

from triage.classify.estimator import Estimator
from triage.classify.grams import PIECE_END, Codes, count_documents, gram_codes, merge_counts
from triage.language.clean import clean
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable

Ints = npt.NDArray[np.intp]

_DIGIT = re.compile(r"[1-9]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_BLANK = " \n\r\t"
_SEGMENTER = Segmenter()

TITLE_END = "\x1e"
TITLE_WEIGHT = 3
"""A title says in a few words what the text takes many for: measured, it counts three times."""

OPENING_SHARE, OPENING_LENGTH = 0.3, 60
CLOSING_SHARE, CLOSING_LENGTH = 0.5, 100
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]|[^。！？!?；;\n]+")

BATCH = 500


@dataclass(frozen=True)
class Reading:
    """One text with its features in place: feature `ids[i]` stands at `starts[i]:ends[i]` of the text as read.

    `words` are the words' places and `names` the words themselves, letters small and digits as 0; the first
    `of_title` are the title's. `understood`: a Chinese word of the text is in the vocabulary; stray letters and digits
    alone are not enough.
    """

    ids: Ints
    starts: Ints
    ends: Ints
    words: list[tuple[int, int]]
    names: list[str]
    of_title: int
    understood: bool


class TextFeatures(Estimator):
    """TF-IDF over word 1-2-grams and character 1-3-grams of texts from `as_read`; every digit counts as 0.

    Parameters
    ----------
    min_df : a feature must occur in so many texts.
    max_features : at most so many features, the most frequent first.
    table : adds the vectors of title and text from a static word table, which know words that no example had.
    table_share : the length of each of these two vectors beside the rest of the row, which has length 1.
    ends : adds the same words and characters once more, in columns of their own, for the opening and for the closing
        of a text without a title: the opening says what it is about and the closing what is asked.

    `transform` gives a csr matrix of shape (texts, features), float32; a part of a row is 0 where nothing is known.
    The columns are the words and pairs of words, the characters, the table's for the title and for the text, the ends'.
    Numbers are not kept, so that no telephone number enters a vocabulary.

    >>> features = TextFeatures(min_df=1).fit(["饭店油烟扰民", "路灯不亮"])
    >>> features.transform(["油烟太大", ""]).shape[0]
    2
    """

    def __init__(
        self,
        min_df: int = 2,
        max_features: int = 400_000,
        table: WordTable | None = None,
        table_share: float = 0.4,
        ends: bool = False,
    ) -> None:
        self.min_df = min_df
        self.max_features = max_features
        self.table = table
        self.table_share = table_share
        self.ends = ends

    def fit(self, texts: Iterable[str], y: object = None) -> Self:
        """Learn the vocabulary and the inverse document frequencies."""
        words: Counter[str] = Counter()
        grams: list[tuple[Codes, Ints]] = []
        total = 0
        for batch in _batches(_pieces(text) for text in texts):
            for pieces in batch:
                words.update({name for piece in pieces for name in _names(_words(piece.text))})
            grams.append(count_documents([_written(pieces) for pieces in batch]))
            total += len(batch)
        codes, code_counts = merge_counts(grams)
        names = sorted(name for name, count in words.items() if count >= self.min_df)
        counts = np.array([words[name] for name in names], dtype=np.intp)
        known = code_counts >= self.min_df
        codes, code_counts = codes[known], code_counts[known]
        kept = np.sort(np.argsort(-np.concatenate([counts, code_counts]), kind="stable")[: self.max_features])
        word_count = int(np.searchsorted(kept, len(names)))
        self.words_ = [names[index] for index in kept[:word_count]]
        self.grams_: Codes = codes[kept[word_count:] - len(names)]
        documents = np.concatenate([counts, code_counts])[kept]
        self.idf_ = (np.log((1 + total) / (1 + documents)) + 1).astype(np.float32)
        self.__dict__.pop("_word_ids", None)
        return self

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Rows in order; the same for a text alone as for a text among others."""
        cut = [_pieces(text) for text in texts]
        return self._with_ends(self._with_table(self._known(cut), cut), texts)

    def _known(self, texts: Sequence[list[Piece]]) -> csr_matrix:
        """Rows of TF-IDF over words and characters."""
        rows, columns = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=np.intp)]
        first = 0
        for batch in _batches(texts):
            written = [_written(pieces) for pieces in batch]
            numbers = np.arange(first, first + len(batch))
            codes, places, _ = gram_codes("".join(written))
            gram_ids = self._gram_ids(codes)
            known = gram_ids >= 0
            word_ids = [self._ids_of_words(pieces) for pieces in batch]
            rows += [np.repeat(numbers, [len(text) for text in written])[places[known]]]
            rows += [np.repeat(numbers, [len(ids) for ids in word_ids])]
            columns += [gram_ids[known], *(np.array(ids, dtype=np.intp) for ids in word_ids)]
            first += len(batch)
        return self._weighed(np.concatenate(rows), np.concatenate(columns), len(texts))

    def read(self, text: str) -> tuple[Reading, csr_matrix]:
        """One text with the places of its features, and its row, which is the one `transform` gives."""
        ids, starts, ends, times = [], [], [], []
        words: list[tuple[int, int]] = []
        own_names: list[str] = []
        of_title = 0
        pieces = _pieces(text)
        for piece in pieces:
            of_title = len(words)
            spans = [span for span in _SEGMENTER.spans(piece.text) if span[0] not in _BLANK]
            at = np.array([span[1:] for span in spans], dtype=np.intp).reshape(-1, 2) + piece.start
            codes, places, sizes = gram_codes(piece.text)
            names = _names([word for word, _, _ in spans])
            ids += [np.array([self._word_ids.get(name, -1) for name in names], dtype=np.intp), self._gram_ids(codes)]
            starts += [at[:, 0], at[:-1, 0], places + piece.start]
            ends += [at[:, 1], at[1:, 1], places + sizes + piece.start]
            times += [np.full(len(names) + len(codes), piece.times)]
            words += [(start, end) for start, end in at.tolist()]
            own_names += names[: len(spans)]
        every = np.concatenate(ids)
        known = every >= 0
        kept = every[known]
        understood = any(_HAN.search(self.words_[index]) for index in kept[kept < len(self.words_)])
        first, last = np.concatenate(starts)[known], np.concatenate(ends)[known]
        reading = Reading(kept, first, last, words, own_names, of_title, understood)
        columns = np.repeat(kept, np.concatenate(times)[known])
        row = self._with_table(self._weighed(np.zeros(len(columns), dtype=np.intp), columns, 1), [pieces])
        return reading, self._with_ends(row, [text])

    def __getstate__(self) -> dict[str, Any]:
        # The table is a file of its own beside the model, and whoever loads the model hands it in again.
        return {
            name: None if name == "table" else value for name, value in self.__dict__.items() if name != "_word_ids"
        }

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.words_)}

    def _ids_of_words(self, pieces: list[Piece]) -> list[int]:
        found = self._word_ids
        ids: list[int] = []
        for piece in pieces:
            ids += [found[name] for name in _names(_words(piece.text)) if name in found] * piece.times
        return ids

    def _gram_ids(self, codes: Codes) -> Ints:
        """The column of each code, -1 where the vocabulary does not have it."""
        if not len(self.grams_):
            return np.full(len(codes), -1, dtype=np.intp)
        at = np.searchsorted(self.grams_, codes)
        at[at == len(self.grams_)] = 0
        return np.where(self.grams_[at] == codes, at + len(self.words_), -1)

    def _weighed(self, rows: Ints, columns: Ints, count: int) -> csr_matrix:
        """Occurrences into rows of sublinear TF-IDF of length 1."""
        width = len(self.idf_)
        cells, times = np.unique(rows * width + columns, return_counts=True)
        rows, columns = cells // width, cells % width
        values = (1 + np.log(times)) * self.idf_[columns]
        ends = np.searchsorted(rows, np.arange(count + 1))
        lengths = np.sqrt(np.bincount(rows, values * values, minlength=count))
        data = (values / lengths[rows]).astype(np.float32)
        matrix = csr_matrix((data, columns, ends), shape=(count, width), copy=False)
        matrix.has_sorted_indices = True
        return matrix

    def _with_table(self, known: csr_matrix, texts: list[list[Piece]]) -> csr_matrix:
        """Rows with the table's vectors of title and text behind their own columns."""
        if self.table is None:
            return known
        titles = ["".join(piece.text for piece in pieces[:-1]) for pieces in texts]
        vectors = np.hstack([_long(self.table.encode(part)) for part in (titles, [one[-1].text for one in texts])])
        count, width = vectors.shape
        ends = known.indptr + width * np.arange(count + 1)
        places = ends[1:, None] - width + np.arange(width)
        own = np.ones(ends[-1], dtype=bool)
        own[places] = False
        columns, data = np.empty(ends[-1], dtype=np.intp), np.empty(ends[-1], dtype=np.float32)
        columns[own], columns[places] = known.indices, known.shape[1] + np.arange(width)
        data[own], data[places] = known.data, self.table_share * vectors
        return csr_matrix((data, columns, ends), shape=(count, known.shape[1] + width), copy=False)

    def _with_ends(self, rows: csr_matrix, texts: Sequence[str]) -> csr_matrix:
        """Rows with those of opening and closing behind them, shorter than the rest."""
        if not self.ends:
            return rows
        openings, closings = zip(*map(_ends, texts), strict=True) if texts else ((), ())
        opened, closed = (self._known([_pieces(end) for end in ends]) for ends in (openings, closings))
        parts = [rows, OPENING_SHARE * opened, CLOSING_SHARE * closed]
        return csr_matrix(hstack(parts, format="csr", dtype=np.float32))


def _ends(text: str) -> tuple[str, str]:
    """The first sentence and the last two of a text without a title; nothing of one with a title.

    >>> _ends("楼下烧烤店冒烟。投诉过三次！没有人来。请问归谁管？")
    ('楼下烧烤店冒烟。', '没有人来。请问归谁管？')
    """
    if TITLE_END in text:
        return "", ""
    sentences = [part for part in _SENTENCE.findall(text) if len(part.strip()) > 2]
    return "".join(sentences[:1])[:OPENING_LENGTH], "".join(sentences[-2:])[-CLOSING_LENGTH:]


def _long(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows of length 1, or 0 where nothing is known."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return np.asarray(vectors / lengths, dtype=np.float32)


def join(title: str, text: str) -> str:
    """Title and text, both cleaned, as classifiers read them: with a mark between that no cleaned text can hold."""
    return f"{title}{TITLE_END}{text}" if title else text


def as_read(title: str, text: str) -> str:
    """What classifiers read of an order as it came."""
    return join(clean(title).text, clean(text).text)


class Piece(NamedTuple):
    """A title or a text, where it begins in the text as read, and how often it counts."""

    text: str
    start: int
    times: int


def _batches(texts: Iterable[list[Piece]]) -> Iterator[list[list[Piece]]]:
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _pieces(text: str) -> list[Piece]:
    """The title, if there is one, and the text; digits as 0, letters small."""
    text = _DIGIT.sub("0", text)
    small = text.lower()
    # A few letters grow when they are made small: then they stay as they are, so that places hold.
    title, mark, body = (small if len(small) == len(text) else text).rpartition(TITLE_END)
    pieces = [Piece(title, 0, TITLE_WEIGHT)] if title else []
    return [*pieces, Piece(body, len(title) + len(mark), 1)]


def _written(pieces: list[Piece]) -> str:
    """The pieces as often as they count, each ended by a mark that no run of characters crosses."""
    return "".join((piece.text + PIECE_END) * piece.times for piece in pieces)


def _words(text: str) -> list[str]:
    return [word for word in _SEGMENTER.words(text) if word not in _BLANK]


def _names(words: list[str]) -> list[str]:
    """Words, then pairs of words with a tab between."""
    return words + [f"{first}\t{second}" for first, second in pairwise(words)]
