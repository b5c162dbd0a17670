"""Collective issues of the recent orders: what they bring with them is no drift of language, and is told as theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from training.drift.look import PER_YEAR, SHOWN, risen
from training.drift.seen import Seen
from training.drift.wording import collective_said

FEWEST = 5
"""So many recent orders make a matter collective."""
WORDS = 5


@dataclass(frozen=True, slots=True)
class Collective:
    """A matter whose many orders made words more frequent; `words` are those of most of its orders first."""

    matter: str
    orders: int
    words: tuple[str, ...]
    because: str
    examples: tuple[str, ...]


def collective(
    recent: Sequence[Seen], reference: Sequence[Seen], found: Collection[str], *, per_year: float = PER_YEAR
) -> tuple[Collective, ...]:
    """The matters behind words that are more frequent by orders but not (`found`) by matters, the largest first."""
    carried: dict[str, Counter[str]] = defaultdict(Counter)
    for word in risen(recent, reference, per_year=per_year) - set(found):
        having = Counter(one.matter for one in recent if word in one.words)
        matter, orders = having.most_common(1)[0]
        if orders >= FEWEST and 2 * orders >= having.total():
            carried[matter][word] = orders
    made = [_made(matter, words, recent) for matter, words in carried.items()]
    return tuple(sorted(made, key=lambda one: (-one.orders, one.matter)))


def _made(matter: str, words: Counter[str], recent: Sequence[Seen]) -> Collective:
    own = [one for one in recent if one.matter == matter]
    telling = tuple(word for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:WORDS])
    examples = tuple(one.id for one in own[-SHOWN:])
    return Collective(matter, len(own), telling, collective_said(len(own), telling), examples)
