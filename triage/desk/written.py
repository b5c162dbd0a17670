"""An order as it was written and as it is read, and the way from words read back to words written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from triage.classify.features import join
from triage.domain.decisions import EvidenceSpan
from triage.domain.orders import Order
from triage.language.clean import CleanText

Spans = tuple[EvidenceSpan, ...]

MOST_WORDS = 5
FAINT = 0.15
FAINT_ALONE = 0.5
"""A word with less than this share of the strongest word's pull explains nothing to a person; a single character
(水, but also 的) must pull harder."""


@dataclass(frozen=True)
class Written:
    """An order with its title and its text cleaned."""

    order: Order
    title: CleanText
    body: CleanText

    @property
    def text(self) -> str:
        """What classifiers read."""
        return join(self.title.text, self.body.text)

    def part(self, name: str) -> CleanText:
        """The title or the text."""
        return self.title if name == "title" else self.body

    def span(self, part: str, start: int, end: int, weight: float) -> EvidenceSpan:
        """Words of the cleaned title or text as they stand in the original."""
        original = self.order.title if part == "title" else self.order.text
        first, last = self.part(part).span(start, end)
        return EvidenceSpan(original[first:last], first, last, round(weight, 3), part)

    def strongest(self, words: list[tuple[int, int, float]]) -> Spans:
        """The most telling words, strongest first; a word that stands often is shown once, with all its weight."""
        read = self.text
        weights: dict[str, float] = {}
        places: dict[str, tuple[int, int]] = {}
        for start, end, weight in words:
            word = read[start:end]
            weights[word] = weights.get(word, 0.0) + weight
            places.setdefault(word, (start, end))
        by_weight = sorted(weights, key=lambda word: -weights[word])
        named = list(islice(filter(_is_named, by_weight), MOST_WORDS))
        telling = [word for word in named if weights[word] >= _least(word) * weights[named[0]]]
        return tuple(self._placed(*places[word], weights[word]) for word in telling)

    def _placed(self, start: int, end: int, weight: float) -> EvidenceSpan:
        shift = len(self.title.text) + 1 if self.title.text else 0
        if start < shift:
            return self.span("title", start, end, weight)
        return self.span("text", start - shift, end - shift, weight)


def _least(word: str) -> float:
    return FAINT_ALONE if len(word) == 1 else FAINT


def _is_named(word: str) -> bool:
    """A number or a mark explains nothing."""
    return any(mark.isalpha() for mark in word)
