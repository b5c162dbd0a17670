"""How many orders of an issue speak of a word, an object or a matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.language.objects import find_object
from triage.similar.naming.matters import find_matters, without_included
from triage.similar.naming.words import is_telling, rarity, words_of

# What a word in the text counts beside one in the headline: more where the headline is only the text's beginning.
_IN_TEXT, _IN_TEXT_ALONE = 0.4, 0.7
_MATTER = 1.3  # a matter counts more than any other word
_UNSHARED = 0.4  # what a term that nobody shares takes away, beside what one shared by all gives
_SHARED = 0.3
_SHARED_OBJECT = 0.45  # more than the texts alone can give: some headlines must name it
_MATTERS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """For each word, object and matter the share of the orders that name it, from 0 to 1."""

    words: dict[str, float]
    objects: dict[str, float]
    matters: dict[str, float]

    def object(self) -> str:
        """The object most orders share; empty where they share none."""
        best = max(self.objects, key=lambda name: (self.objects[name], len(name), name), default="")
        return best if self.objects.get(best, 0.0) >= _SHARED_OBJECT else ""

    def shared_matters(self) -> tuple[str, ...]:
        """The one or two matters most orders share, the most shared first."""
        shared = [name for name, share in self.matters.items() if share >= _SHARED]
        shared = without_included(sorted(shared, key=lambda name: (-self.matters[name], name)))
        least = self.matters[shared[0]] / 2 if shared else 0.0
        kept = [name for name in shared[:_MATTERS] if self.matters[name] >= least]
        return tuple(sorted(kept, key=lambda name: name.startswith("何时")))  # a question reads best at the end

    def worth(self, text: str) -> float:
        """How much of what the orders share a text says, less what only few of them say; may be negative."""
        matters = find_matters(text)
        rest = "，".join(_outside(text, matters.values()))
        terms = [(self.matters.get(name, 0.0), _MATTER) for name in without_included(matters)]
        words = {word for word in words_of(rest) if is_telling(word)}
        terms += [(self.words.get(word, 0.0), min(1.0, rarity(word) / 12)) for word in sorted(words)]
        return sum(weight * (share - _UNSHARED * (1 - share)) for share, weight in terms)


def weigh(headlines: Sequence[str], texts: Sequence[str], place: str, *, titled: bool = True) -> Evidence:
    """Reads what the orders name, beside their place; `titled` where headlines are titles.

    >>> evidence = weigh(["金浦小区搅拌站噪音", "搅拌站粉尘、噪音"], ["", ""], "金浦小区")
    >>> evidence.object(), evidence.shared_matters()
    ('搅拌站', ('噪声', '扬尘'))
    """
    headlines = [line.replace(place, "，") if place else line for line in headlines]
    texts = [text.replace(place, "，") if place else text for text in texts]
    in_text = _IN_TEXT if titled else _IN_TEXT_ALONE
    return Evidence(
        words=_shares(map(_telling, headlines), map(_telling, texts), in_text),
        objects=_shares(map(_objects, headlines), map(_objects, texts), in_text),
        matters=_shares(map(find_matters, headlines), map(find_matters, texts), in_text),
    )


def _shares(
    in_headlines: Iterable[Iterable[str]], in_texts: Iterable[Iterable[str]], in_text: float
) -> dict[str, float]:
    said: Counter[str] = Counter()
    mentioned: Counter[str] = Counter()
    orders = 0
    for first, second in zip(in_headlines, in_texts, strict=True):
        orders += 1
        said.update(first := set(first))
        mentioned.update(set(second) - first)
    names = sorted(said.keys() | mentioned.keys())
    return {name: (said[name] + in_text * mentioned[name]) / orders for name in names}


def _telling(text: str) -> set[str]:
    return {word for word in words_of(text) if is_telling(word)}


def _objects(text: str) -> set[str]:
    found = set()
    start = 0
    while thing := find_object(text[start:]):
        found.add(thing.text)
        start += thing.end
    return {name for name in found if not find_matters(name)}


def _outside(text: str, spans: Iterable[tuple[int, int]]) -> Iterable[str]:
    last = 0
    for start, end in sorted(spans):
        yield text[last : max(last, start)]
        last = max(last, end)
    yield text[last:]
