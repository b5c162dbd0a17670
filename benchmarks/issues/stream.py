"""A generated stream of orders with the lengths and the repetition of the real one; made of no message's words.

Measured on 4,326 real messages and copied here as numbers: the lengths of texts, the share of orders in issues of three
and more (a quarter), of callers who came before, of near copies, the names of places in an order, how often the words
of each rank occur. An issue's orders come over hours or over weeks.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from heapq import heappop, heappush
from itertools import islice
from random import Random

import numpy as np

from benchmarks.issues.vocabulary import MATTERS, PARTICLES, THINGS, TOWNSHIPS, Vocabulary, zipf
from triage.similar.signature import READ, Signature

BEGIN = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
APART = timedelta(seconds=30)
"""A million orders are 347 days, so that all of them are in the window."""

_LENGTHS = {0: 9, 0.05: 54, 0.25: 114, 0.5: 203, 0.75: 399, 0.95: 1_155, 0.99: 2_337, 1: 6_999}
_FOUNDING = 0.072
"""The share of new matters that become an issue of three and more; a quarter of all orders are in one in the end."""

_COPIES, _KNOWN_CALLER = 0.025, 0.23
_MOST = 200  # orders of an issue
_PLACES = (0, 0, 0, 1, 1, 1, 1, 2, 2, 4)
_CHARACTERS_A_WORD = 2.9  # with the particles and marks between
_OWN_WORDS = 14
_RECENT = 2_000
_KINDS = {"roads": ("路", "街"), "bodies": ("超市", "小学")}


@dataclass(frozen=True, slots=True)
class Draft:
    """An order in words, to be written out (`title_of`, `text_of`) or taken as it is (`signature_of`).

    `matter` is the number of the order that first spoke of what it is about.
    """

    number: int
    matter: int
    caller: str
    place: str
    thing: str
    gist: tuple[str, ...]
    body: tuple[str, ...]
    other_places: tuple[str, ...]
    township: str

    @property
    def order_id(self) -> str:
        """Different for every order."""
        return f"o{self.number}"

    @property
    def received_at(self) -> datetime:
        """One after the other."""
        return BEGIN + self.number * APART


@dataclass(frozen=True, slots=True)
class _Matter:
    """What the orders of one issue have in common."""

    number: int
    place: str
    thing: str
    words: tuple[str, ...]
    township: str


class Stream:
    """Drafts for ever; the same seed gives the same."""

    def __init__(self, vocabulary: Vocabulary, seed: int = 0) -> None:
        self._chance = Random(seed)
        chance = np.random.default_rng(seed)
        self._words = zipf(vocabulary.words, chance, 1.1, 50)
        self._names = zipf(vocabulary.names, chance, 0.9, 20)
        self._due: list[tuple[int, int, _Matter]] = []
        self._recent: deque[Draft] = deque(maxlen=_RECENT)

    def __iter__(self) -> Iterator[Draft]:
        number = 0
        while True:
            draft = self._next(number)
            self._recent.append(draft)
            yield draft
            number += 1

    def _next(self, number: int) -> Draft:
        chance = self._chance
        if self._due and self._due[0][0] <= number:
            return self._draft(number, heappop(self._due)[2])
        if self._recent and chance.random() < _COPIES:
            return self._copy(number, chance.choice(self._recent))
        matter = self._matter(number)
        if chance.random() < _FOUNDING:
            self._expect(number, matter)
        return self._draft(number, matter)

    def _expect(self, number: int, matter: _Matter) -> None:
        """Lay out when the other orders of an issue come: over hours or over weeks."""
        size = min(_MOST, 2 + int(self._chance.paretovariate(1.6)))
        span = 10 ** self._chance.uniform(2.7, 5)
        for _ in range(size - 1):
            after = number + 1 + int(self._chance.expovariate(1 / span))
            heappush(self._due, (after, self._chance.getrandbits(60), matter))

    def _matter(self, number: int) -> _Matter:
        chance = self._chance
        words = tuple(islice(self._words, _OWN_WORDS))
        return _Matter(number, next(self._names), chance.choice(THINGS), words, chance.choice(TOWNSHIPS))

    def _draft(self, number: int, matter: _Matter) -> Draft:
        chance = self._chance
        own = [word for word in matter.words if chance.random() < 0.5]
        count = int(_length(chance.random()) / _CHARACTERS_A_WORD)
        return Draft(
            number=number,
            matter=matter.number,
            caller=self._caller(number),
            place=matter.place if chance.random() < 0.7 else "",
            thing=matter.thing if chance.random() < 0.8 else "",
            gist=(chance.choice(MATTERS), *own[:3]),
            body=(*own[:count], *islice(self._words, max(count - len(own), 0))),
            other_places=tuple(islice(self._names, chance.choice(_PLACES))),
            township=matter.township if chance.random() < 0.1 else "",
        )

    def _copy(self, number: int, of: Draft) -> Draft:
        """Sent again by somebody else, with a word more."""
        return replace(of, number=number, caller=self._caller(number), body=(*of.body, next(self._words)))

    def _caller(self, number: int) -> str:
        if self._recent and self._chance.random() < _KNOWN_CALLER:
            return self._chance.choice(self._recent).caller
        return f"c{number}"


def title_of(draft: Draft) -> str:
    """What the order would have as its title."""
    return f"{draft.township}{draft.place}{'附近' if draft.place else ''}{draft.thing}{''.join(draft.gist)}"


def text_of(draft: Draft) -> str:
    """The order written out, with particles and marks between the words."""
    places = [f"在{place}，" for place in draft.other_places]
    return "".join([*places, *(word + _between(at) for at, word in enumerate(draft.body))])


def signature_of(draft: Draft) -> Signature:
    """What would be compared of the order, without writing and reading it."""
    read = draft.body[: int(READ / _CHARACTERS_A_WORD)]
    terms = Counter(read)
    named = [draft.thing] if draft.thing else []
    terms.update(dict.fromkeys([*named, *draft.gist], 2))
    places = tuple(dict.fromkeys([*filter(None, [draft.place]), *draft.other_places]))
    return Signature(
        order_id=draft.order_id,
        received_at=draft.received_at,
        gist=title_of(draft),
        terms=terms,
        places=places,
        **_by_kind(places[:1]),
        districts=((), (draft.township,) if draft.township else ()),
        thing=draft.thing,
        caller=draft.caller,
        categories=categories_of(draft),
    )


def categories_of(draft: Draft) -> tuple[tuple[str, float], ...]:
    """What a classifier might say of the order; orders of one matter are told the same."""
    return tuple((f"c{draft.matter // 3**at % 60}", chance) for at, chance in enumerate((0.7, 0.2, 0.1)))


def profile(drafts: Sequence[Draft]) -> dict[str, float]:
    """What the stream is like, to be held against the real one."""
    lengths = np.quantile([len(text_of(draft)) for draft in drafts], [0.25, 0.5, 0.75, 1])
    callers = Counter(draft.caller for draft in drafts)
    terms = [len(signature_of(draft).terms) for draft in drafts]
    return {
        **dict(zip(("text_25%", "text_50%", "text_75%", "text_most"), lengths.round().tolist(), strict=True)),
        "callers_with_several": round(sum(count > 1 for count in callers.values()) / len(callers), 3),
        "terms_50%": float(np.median(terms)),
        "words": len({word for draft in drafts for word in signature_of(draft).terms}),
    }


def _length(share: float) -> float:
    """The length of text that this share of the real ones is shorter than; between the known ones by logarithm."""
    return float(np.exp(np.interp(share, list(_LENGTHS), np.log(list(_LENGTHS.values())))))


def _by_kind(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The names where a signature has those of their kind."""
    kinds: dict[str, tuple[str, ...]] = {}
    for name in names:
        kind = next((kind for kind, endings in _KINDS.items() if name.endswith(endings)), "spots")
        kinds[kind] = (*kinds.get(kind, ()), name)
    return kinds


def _between(at: int) -> str:
    if at % 11 == 10:
        return "。"
    return "，" if at % 5 == 4 else PARTICLES[at % len(PARTICLES)] if at % 2 else ""
