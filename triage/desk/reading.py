"""What a text says, before any rule is asked: guesses with their confidence, and the words behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from triage.classify.emergency import Cry, cry_for_help
from triage.classify.features import join
from triage.classify.model import Model, TextReading
from triage.classify.taxonomy import Taxonomy
from triage.desk.town import Town
from triage.domain.decisions import CategoryGuess, EvidenceSpan, Guess, TerritoryGuess
from triage.domain.orders import Order
from triage.domain.vocabulary import TerritoryValue
from triage.language.clean import CleanText, clean

Spans = tuple[EvidenceSpan, ...]

LISTED = 3
MOST_WORDS = 5
FAINT = 0.15
"""A word with less than this share of the strongest word's pull explains nothing to a person."""
HARD_FROM = 0.7
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
    evidence: Mapping[str, Spans]


def read_order(order: Order, model: Model, taxonomy: Taxonomy, town: Town) -> OrderReading:
    """Read an order once: clean it, classify it with every head, find its place, name the telling words.

    What the order itself states (its request type, its category) is taken as it is, with confidence 1.
    """
    title, body = clean(order.title), clean(order.text)
    reading = model.read(join(title.text, body.text))
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
    emergency, cry = _emergency(reading, body.text or title.text)
    evidence: dict[str, Spans] = {}
    if cry is not None:
        evidence["emergency"] = _cry_span(order, title, body, cry)
    if listed and reading.says_anything:
        evidence["category"] = _spans(order, title, body, reading, listed[0].id)
    return OrderReading(
        categories=categories,
        listed=listed,
        auto=auto,
        request_type=_guess(reading, "request_type", order.request_type, otherwise="other"),
        urgency=_urgency(order, reading, emergency),
        complexity=_complexity(order, reading),
        emergency=emergency,
        territory=_territory(order, f"{title.text}\n{body.text}", town),
        evidence=evidence,
    )


def _categories(order: Order, reading: TextReading, taxonomy: Taxonomy) -> Mapping[str, float]:
    """Probabilities of the categories the taxonomy knows, best first; none where nothing is said.

    They are not made to sum to 1: the model's promise holds for its own probabilities.
    """
    if order.category in taxonomy.ids:
        return {str(order.category): 1.0}
    if not reading.says_anything:
        return {}
    return {name: chance for name, chance in reading.probabilities("category").items() if name in taxonomy.ids}


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


def _urgency(order: Order, reading: TextReading, emergency: Guess) -> Guess:
    if order.urgency is None and emergency.value != "none":
        return Guess("urgent", emergency.confidence)
    return _guess(reading, "urgency", order.urgency, otherwise="normal")


def _complexity(order: Order, reading: TextReading) -> Guess:
    """A hard order calls a leader in, so that it is read as hard only where that is likely by far."""
    guess = _guess(reading, "complexity", order.complexity, otherwise="normal")
    if order.complexity is None and guess.value == "hard" and guess.confidence < HARD_FROM:
        chances = reading.probabilities("complexity")
        chances.pop("hard")
        return Guess(*next(iter(chances.items())))
    return guess


def _emergency(reading: TextReading, text: str) -> tuple[Guess, Cry | None]:
    """The line that is needed now, or none: a miss costs most, so the lines are weighed together against none,
    and words that cry for help stand by themselves."""
    if not reading.says_anything:
        return Guess("none", 0.0), None
    chances = reading.probabilities("emergency")
    calm = chances.pop("none")
    cry = cry_for_help(text)
    if cry is not None:
        return Guess(cry.line, max(1 - calm, EMERGENCY_FROM)), cry
    if 1 - calm >= EMERGENCY_FROM:
        return Guess(next(iter(chances)), 1 - calm), None
    return Guess("none", calm), None


def _territory(order: Order, written: str, town: Town) -> TerritoryGuess:
    found = town.territory.find(written, clean(order.address).text)
    place = found.place
    if not place:
        main = town.places.main_place(town.places.find(written))
        place = main.text if main else ""
    return TerritoryGuess(TerritoryValue(found.value), place, found.evidence)


def _cry_span(order: Order, title: CleanText, body: CleanText, cry: Cry) -> Spans:
    part, written, original = ("text", body, order.text) if body.text else ("title", title, order.title)
    first, last = written.span(cry.start, cry.end)
    return (EvidenceSpan(original[first:last], first, last, 1.0, part),)


def _spans(order: Order, title: CleanText, body: CleanText, reading: TextReading, label: str) -> Spans:
    """The most telling words as parts of the title or the text as they came, strongest first; one span a word."""
    shift = len(title.text) + 1 if title.text else 0
    weights: dict[str, float] = {}
    spans: dict[str, EvidenceSpan] = {}
    for start, end, weight in reading.evidence("category", label):
        if start < shift:
            first, last = title.span(start, end)
            last = min(last, len(order.title))
            part, words = "title", order.title[first:last]
        else:
            first, last = body.span(start - shift, end - shift)
            part, words = "text", order.text[first:last]
        if any(mark.isalpha() for mark in words):
            weights[words] = weights.get(words, 0.0) + weight
            spans.setdefault(words, EvidenceSpan(words, first, last, 0.0, part))
    strongest = max(weights.values(), default=0.0)
    telling = sorted((word for word in weights if weights[word] >= FAINT * strongest), key=lambda word: -weights[word])
    return tuple(replace(spans[word], weight=round(weights[word], 3)) for word in telling[:MOST_WORDS])
