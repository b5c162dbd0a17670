"""Texts as read, cut into pieces and words once and laid end to end, so that numpy finds what is in a whole batch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from triage.classify.grams import PIECE_END
from triage.language.segment import Segmenter

Ints = npt.NDArray[np.intp]

TITLE_END = "\x1e"
TITLE_WEIGHT = 3
"""A title says in a few words what the text takes many for: measured, it counts three times."""

OPENING_LENGTH, CLOSING_LENGTH = 60, 100

_DIGIT = re.compile(r"[1-9]")
_BLANKS = frozenset([" ", "\n", "\r", "\t", PIECE_END])
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]|[^。！？!?；;\n]+")
_SEGMENTER = Segmenter()


class Piece(NamedTuple):
    """A title or a text, where it begins in the text as read, how often it counts, and all its words, blanks too."""

    text: str
    start: int
    times: int
    words: list[str]

    @property
    def names(self) -> list[str]:
        """The words that are no blanks."""
        return [word for word in self.words if word not in _BLANKS]


def pieces_of(text: str) -> list[Piece]:
    """The title, if there is one, and the text; digits as 0, letters small.

    >>> [(piece.names, piece.start, piece.times) for piece in pieces_of("路灯\\x1e坏了 3天")]
    [(['路灯'], 0, 3), (['坏', '了', '0', '天'], 3, 1)]
    """
    text = _DIGIT.sub("0", text)
    small = text.lower()
    # A few letters grow when they are made small: then they stay as they are, so that places hold.
    title, mark, body = (small if len(small) == len(text) else text).rpartition(TITLE_END)
    pieces = [Piece(title, 0, TITLE_WEIGHT, _SEGMENTER.words(title))] if title else []
    return [*pieces, Piece(body, len(title) + len(mark), 1, _SEGMENTER.words(body))]


class Ends(NamedTuple):
    """Opening and closing of a text without a title, as start and end; empty for one with a title."""

    opening: tuple[int, int]
    closing: tuple[int, int]


def ends_of(pieces: Sequence[Piece]) -> Ends:
    """The first sentence and the last two.

    >>> text = "楼下烧烤店冒烟。投诉过三次！没有人来。请问归谁管？"
    >>> [text[slice(*part)] for part in ends_of(pieces_of(text))]
    ['楼下烧烤店冒烟。', '没有人来。请问归谁管？']
    """
    sentences = [found.span() for found in _SENTENCE.finditer(pieces[-1].text) if len(found[0].strip()) > 2]
    if len(pieces) > 1 or not sentences:
        return Ends((0, 0), (0, 0))
    (start, end), last = sentences[0], sentences[-1][1]
    return Ends((start, min(end, start + OPENING_LENGTH)), (max(sentences[-2:][0][0], last - CLOSING_LENGTH), last))


class Layout:
    """A batch of texts, end to end. `text` is all pieces, each closed by a mark that no feature crosses.

    `piece_of` names the piece of each place of `text`; `numbers`, `times` and `shifts` say of each piece whose it is,
    how often it counts, and what takes a place of `text` to its place in the text as read. `names` are the words that
    are no blanks, and stand at `starts` to `ends`; `follows` is true where a word and the next are of one piece.
    """

    def __init__(self, batch: Sequence[Sequence[Piece]]) -> None:
        pieces = [piece for text in batch for piece in text]
        self.text = "".join([piece.text + PIECE_END for piece in pieces])
        lengths = np.array([len(piece.text) + 1 for piece in pieces], dtype=np.intp)
        self.numbers: Ints = np.repeat(np.arange(len(batch)), [len(text) for text in batch])
        self.times: Ints = np.array([piece.times for piece in pieces], dtype=np.intp)
        self.shifts: Ints = np.array([piece.start for piece in pieces], dtype=np.intp) - (np.cumsum(lengths) - lengths)
        self.piece_of: Ints = np.repeat(np.arange(len(pieces)), lengths)
        words = [word for piece in pieces for word in (*piece.words, PIECE_END)]
        sizes = np.array([len(word) for word in words], dtype=np.intp)
        kept = np.array([word not in _BLANKS for word in words], dtype=bool)
        ends = np.cumsum(sizes)
        self.names = list(compress(words, kept.tolist()))
        self.starts: Ints = (ends - sizes)[kept]
        self.ends: Ints = ends[kept]
        owners = self.piece_of[self.starts]
        self.follows: npt.NDArray[np.bool_] = owners[:-1] == owners[1:]
