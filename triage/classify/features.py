"""Text into numbers: words 1-2 and characters 1-3, sublinear TF-IDF, one vocabulary for every head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise, repeat
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from triage.classify.estimator import Estimator
from triage.classify.grams import PIECE_END, Codes, count_documents, gram_codes, merge_counts
from triage.classify.layout import TITLE_END, Layout, Piece, ends_of, pieces_of
from triage.language.clean import clean
from triage.language.word_table import WordTable

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]

_HAN = re.compile(r"[\u4e00-\u9fff]")

SHARES = np.array([1.0, 0.3, 0.5])
"""The lengths of a row's views: the whole text, its opening, its closing."""

BATCH = 200


class Occurrences(NamedTuple):
    """Each time a known feature occurs in a batch: in which text, which, from where to where in the text as read, and
    how often it counts."""

    rows: Ints
    ids: Ints
    starts: Ints
    ends: Ints
    times: Ints


class Cells(NamedTuple):
    """The numbers of a matrix that are there, ordered by row and within it by column."""

    rows: Ints
    columns: npt.NDArray[np.int32]
    values: Floats


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
    The columns are the words and pairs of words, the characters, both once more for opening and closing, and from
    `table_from` on the table's for the title and for the text.
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
        for batch in _batches(texts):
            for pieces in batch:
                words.update({name for piece in pieces for name in _with_pairs(piece.names)})
            grams.append(count_documents([PIECE_END.join([piece.text for piece in pieces]) for pieces in batch]))
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
        batches = [self._rows(batch, self._occurrences(Layout(batch))) for batch in _batches(texts)]
        return vstack(batches, format="csr") if batches else self._rows([], self._occurrences(Layout([])))

    def read(self, text: str) -> tuple[Reading, csr_matrix]:
        """One text with the places of its features, and its row, which is the one `transform` gives."""
        pieces = pieces_of(text)
        layout = Layout([pieces])
        found = self._occurrences(layout)
        shifts = layout.shifts[layout.piece_of[layout.starts]]
        words = list(zip((layout.starts + shifts).tolist(), (layout.ends + shifts).tolist(), strict=True))
        of_title = 0 if len(pieces) == 1 else len(pieces[0].names)
        understood = any(_HAN.search(self.words_[index]) for index in found.ids[found.ids < len(self.words_)])
        reading = Reading(found.ids, found.starts, found.ends, words, layout.names, of_title, understood)
        return reading, self._rows([pieces], found)

    def __getstate__(self) -> dict[str, Any]:
        # The table is a file of its own beside the model, and whoever loads the model hands it in again.
        return {
            name: None if name == "table" else value for name, value in self.__dict__.items() if name != "_word_ids"
        }

    @property
    def table_from(self) -> int:
        """The number of columns before the table's."""
        return len(self.idf_) * (len(SHARES) if self.ends else 1)

    @cached_property
    def _word_ids(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.words_)}

    def _occurrences(self, layout: Layout) -> Occurrences:
        """Words, pairs of words and characters that the vocabulary has."""
        codes, places, sizes = gram_codes(layout.text)
        names = _with_pairs(layout.names)
        ids = np.fromiter(map(self._word_ids.get, names, repeat(-1)), dtype=np.intp, count=len(names))
        ids[len(layout.names) :][~layout.follows] = -1
        every = np.concatenate([ids, self._gram_ids(codes)])
        known = np.flatnonzero(every >= 0)
        starts = np.concatenate([layout.starts, layout.starts[:-1], places])[known]
        ends = np.concatenate([layout.ends, layout.ends[1:], places + sizes])[known]
        piece = layout.piece_of[starts]
        shifts = layout.shifts[piece]
        return Occurrences(layout.numbers[piece], every[known], starts + shifts, ends + shifts, layout.times[piece])

    def _gram_ids(self, codes: Codes) -> Ints:
        """The column of each code, -1 where the vocabulary does not have it."""
        if not len(self.grams_):
            return np.full(len(codes), -1, dtype=np.intp)
        every, which = np.unique(codes, return_inverse=True)  # in order, and each once: so they are found fastest
        at = np.searchsorted(self.grams_, every)
        at[at == len(self.grams_)] = 0
        return np.where(self.grams_[at] == every, at + len(self.words_), -1)[which]

    def _rows(self, batch: Sequence[Sequence[Piece]], found: Occurrences) -> csr_matrix:
        """The rows of a batch, with all their columns."""
        cells = self._weighed(self._with_ends(batch, found) if self.ends else found, len(batch))
        width = self.table_from
        if self.table is not None:
            vectors = self._vectors(batch)
            cells, width = _with_block(cells, vectors, width), width + vectors.shape[1]
        ends = np.searchsorted(cells.rows, np.arange(len(batch) + 1))
        matrix = csr_matrix((cells.values, cells.columns, ends), shape=(len(batch), width), copy=False)
        matrix.has_sorted_indices = True
        return matrix

    def _with_ends(self, batch: Sequence[Sequence[Piece]], found: Occurrences) -> Occurrences:
        """What stands in opening and closing occurs once more, as features of their own."""
        limits = np.array([ends_of(pieces) for pieces in batch], dtype=np.intp).reshape(-1, 2, 2)
        views = [found]
        for view in (1, 2):
            start, end = limits[found.rows, view - 1].T
            inside = np.flatnonzero((found.starts >= start) & (found.ends <= end))
            repeated = Occurrences(*(values[inside] for values in found))
            views.append(repeated._replace(ids=repeated.ids + view * len(self.idf_)))
        return Occurrences(*map(np.concatenate, zip(*views, strict=True)))

    def _weighed(self, found: Occurrences, count: int) -> Cells:
        """Occurrences into cells of sublinear TF-IDF; each view of a row has its length."""
        width = self.table_from
        cells, times = np.unique(np.repeat(found.rows * width + found.ids, found.times), return_counts=True)
        rows, columns = np.divmod(cells, width)
        views, features = np.divmod(columns, len(self.idf_))
        values = (1 + np.log(times)) * self.idf_[features]
        of_view = rows * len(SHARES) + views
        lengths = np.sqrt(np.bincount(of_view, values * values, minlength=count * len(SHARES)))
        values *= SHARES[views] / lengths[of_view]
        return Cells(rows, columns.astype(np.int32), values.astype(np.float32))

    def _vectors(self, batch: Sequence[Sequence[Piece]]) -> Floats:
        """The table's vectors of title and text side by side, each as long as `table_share`."""
        assert self.table is not None
        titles = [pieces[0].names if len(pieces) > 1 else [] for pieces in batch]
        means = self.table.means([*titles, *(pieces[-1].names for pieces in batch)])
        return np.float32(self.table_share) * np.hstack([_long(means[: len(batch)]), _long(means[len(batch) :])])


def _with_block(cells: Cells, block: Floats, first: int) -> Cells:
    """Cells with a dense block's, in columns from `first` on, behind them in each row."""
    count, width = block.shape
    ends = np.searchsorted(cells.rows, np.arange(count), side="right")
    # Before each cell are the rows of the block before its own.
    old = np.arange(len(cells.rows)) + width * cells.rows
    new = ends[:, None] + np.arange(block.size).reshape(block.shape)
    rows, columns, values = (np.empty(len(old) + block.size, dtype=part.dtype) for part in cells)
    rows[old], columns[old], values[old] = cells
    rows[new], columns[new], values[new] = np.arange(count)[:, None], first + np.arange(width), block
    return Cells(rows, columns, values)


def _long(vectors: Floats) -> Floats:
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


def _batches(texts: Iterable[str]) -> Iterator[list[list[Piece]]]:
    waiting = iter(texts)
    while batch := [pieces_of(text) for text in islice(waiting, BATCH)]:
        yield batch


def _with_pairs(names: list[str]) -> list[str]:
    """Words, then pairs of neighbouring words with a tab between."""
    return names + [f"{first}\t{second}" for first, second in pairwise(names)]
