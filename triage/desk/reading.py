"""What a text says, before any rule is asked: guesses with their confidence, and the words behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.classify.model import Model, TextReading
from triage.classify.taxonomy import Taxonomy
from triage.desk.town import Town
from triage.domain.decisions import CategoryGuess, EvidenceSpan, Guess, TerritoryGuess
from triage.domain.orders import Order
from triage.domain.vocabulary import TerritoryValue
from triage.language.clean import CleanText, clean

LISTED = 3
EMERGENCY_FROM = 0.5
"""A matter is an emergency where the lines together are at least as likely as no line."""


@dataclass(frozen=True)
class OrderReading:
    """The guesses about one order. `categories` are the probabilities of all known categories, best first."""

    categories: Mapping[str, float]
    listed: tuple[CategoryGuess, ...]
    auto: bool
    request_type: Guess
    urgency: Guess
    complexity: Guess
    emergency: Guess
    territory: TerritoryGuess
    evidence: Mapping[str, tuple[EvidenceSpan, ...]]


def read_order(order: Order, model: Model, taxonomy: Taxonomy, town: Town) -> OrderReading:
    """Read an order once: clean it, classify it with every head, find its place, name the telling words.

    What the order itself states (its request type, its category) is taken as it is, with confidence 1.
    """
    written = clean(f"{order.title}\n{order.text}" if order.title else order.text)
    reading = model.read(written.text)
    categories = _categories(order, reading, taxonomy)
    chosen, auto = _chosen(reading, categories)
    listed = tuple(
        CategoryGuess(
            taxonomy.categories[name].id,
            taxonomy.categories[name].name,
            taxonomy.categories[name].domain,
            chance,
            name in chosen,
        )
        for name, chance in list(categories.items())[:LISTED]
    )
    evidence: dict[str, tuple[EvidenceSpan, ...]] = {}
    if listed and reading.says_anything:
        evidence["category"] = _spans(order, written, reading, listed[0].id)
    return OrderReading(
        categories=categories,
        listed=listed,
        auto=auto,
        request_type=_guess(reading, "request_type", order.request_type, otherwise="other"),
        urgency=_guess(reading, "urgency", order.urgency, otherwise="normal"),
        complexity=_guess(reading, "complexity", order.complexity, otherwise="normal"),
        emergency=_emergency(reading),
        territory=_territory(order, written, town),
        evidence=evidence,
    )


def _categories(order: Order, reading: TextReading, taxonomy: Taxonomy) -> Mapping[str, float]:
    """Probabilities of the categories the taxonomy knows, best first, summing to 1; none where nothing is said."""
    if order.category in taxonomy.ids:
        return {str(order.category): 1.0}
    if not reading.says_anything:
        return {}
    known = {name: chance for name, chance in reading.probabilities("category").items() if name in taxonomy.ids}
    total = sum(known.values())
    return {name: chance / total for name, chance in known.items()} if total else {}


def _chosen(reading: TextReading, categories: Mapping[str, float]) -> tuple[frozenset[str], bool]:
    """The categories that together hold the right one, and whether the best may stand alone."""
    if not categories:
        return frozenset(), False
    promise = reading.model.heads["category"].promise_
    best, confidence = next(iter(categories.items()))
    chosen = frozenset(name for name, chance in categories.items() if chance >= promise.set_above) | {best}
    return chosen, reading.model.promises and promise.may_decide(confidence)


def _guess(reading: TextReading, task: str, stated: str | None, otherwise: str) -> Guess:
    if stated is not None:
        return Guess(stated, 1.0)
    if not reading.says_anything:
        return Guess(otherwise, 0.0)
    value, confidence = next(iter(reading.probabilities(task).items()))
    return Guess(value, confidence)


def _emergency(reading: TextReading) -> Guess:
    """The line that is needed now, or none: a miss costs most, so the lines are weighed together against none."""
    if not reading.says_anything:
        return Guess("none", 0.0)
    chances = reading.probabilities("emergency")
    calm = chances.pop("none")
    if 1 - calm < EMERGENCY_FROM:
        return Guess("none", calm)
    line = next(iter(chances))
    return Guess(line, 1 - calm)


def _territory(order: Order, written: CleanText, town: Town) -> TerritoryGuess:
    found = town.territory.find(written.text, clean(order.address).text)
    place = found.place
    if not place:
        main = town.places.main_place(town.places.find(written.text))
        place = main.text if main else ""
    return TerritoryGuess(TerritoryValue(found.value), place, found.evidence)


def _spans(order: Order, written: CleanText, reading: TextReading, label: str) -> tuple[EvidenceSpan, ...]:
    """The telling words as parts of the title or the text as they came."""
    body = len(order.title) + 1 if order.title else 0
    spans = []
    for start, end, weight in reading.evidence("category", label):
        first, last = written.span(start, end)
        if first >= body:
            part, first, last = "text", first - body, last - body
            words = order.text[first:last]
        else:
            part, words = "title", order.title[first:last]
        spans.append(EvidenceSpan(words, first, last, round(weight, 3), part))
    return tuple(spans)


