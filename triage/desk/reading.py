"""What a text says, before any rule is asked: guesses with their confidence, and the words behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from triage.classify.emergency import cry_for_help
from triage.classify.features import as_read
from triage.classify.model import Model, TextReading
from triage.classify.taxonomy import Taxonomy
from triage.desk.examples import near_examples
from triage.desk.town import Town
from triage.desk.written import Spans, Written
from triage.domain.decisions import CategoryGuess, EvidenceSpan, Guess, TerritoryGuess, WrittenExample
from triage.domain.orders import Order
from triage.domain.vocabulary import TerritoryValue
from triage.language.clean import HAN, clean

LISTED = 3
_HAN = re.compile(f"[{HAN}]")
EMERGENCY_FROM = 0.1
"""A matter is an emergency where the lines together are this likely: a miss costs far more than half a minute."""
CRIED = 0.5
"""How likely an emergency is at least where words cry for help."""
URGENT_FROM = 0.15
HARD_FROM = 0.9
"""These follow from what a miss and a needless alarm cost: docs/decisions/0011-what-a-miss-costs.md."""


@dataclass(frozen=True)
class OrderReading:
    """The guesses about one order, as it is `written`. `categories` are the probabilities of all known categories, best
    first.

    `understood` is false where the text holds no word the model knows: then it names no unit, and a person reads.
    `certainty` is what `auto` was held against; None where the category is not the model's own answer.
    """

    written: Written
    understood: bool
    categories: Mapping[str, float]
    listed: tuple[CategoryGuess, ...]
    auto: bool
    certainty: float | None
    request_type: Guess
    urgency: Guess
    complexity: Guess
    emergency: Guess
    territory: TerritoryGuess
    evidence: Mapping[str, Spans]
    examples: tuple[WrittenExample, ...]


def read_order(order: Order, model: Model, taxonomy: Taxonomy, town: Town) -> OrderReading:
    """Read an order once: clean it, classify it with every head, find its place, name the telling words.

    What the order itself states (its request type, its category) is taken as it is, with confidence 1.
    """
    written = Written(order, clean(order.title), clean(order.text))
    reading = model.read(written.text)
    categories = _categories(order, written, reading, taxonomy)
    listed = _listed(categories, model, taxonomy)
    emergency, cry = _emergency(written, reading)
    evidence: dict[str, Spans] = {}
    if cry is not None:
        evidence["emergency"] = (cry,)
    if listed and reading.understood:
        evidence["category"] = written.strongest(reading.evidence("category", listed[0].id))
    return OrderReading(
        written=written,
        understood=reading.understood,
        categories=categories,
        listed=listed,
        auto=bool(listed) and reading.understood and reading.may_decide("category"),
        certainty=reading.certainty("category") if listed and order.category not in taxonomy.ids else None,
        request_type=_guess(reading, "request_type", order.request_type, otherwise="other"),
        urgency=_urgency(order, reading, emergency),
        complexity=_complexity(order, reading),
        emergency=emergency,
        territory=_territory(order, f"{written.title.text}\n{written.body.text}", town),
        evidence=evidence,
        examples=near_examples(reading, listed),
    )


def likely_categories(texts: Sequence[tuple[str, str]], model: Model) -> list[tuple[tuple[str, float], ...]]:
    """The likeliest categories of titles with texts, as a decision has them, many at once; none for what holds no
    Chinese word that the model knows."""
    head = model.heads["category"]
    names = [str(label) for label in head.classes_]
    written = [as_read(title, text) for title, text in texts]
    read = model.features.transform(written)
    found = []
    for at, chances in enumerate(model.chances("category", written, read)):
        known = read.indptr[at] < read.indptr[at + 1] and _HAN.search("".join(texts[at])) is not None
        best = (-chances).argsort(kind="stable")[:LISTED].tolist() if known else []
        found.append(tuple((names[index], float(chances[index])) for index in best))
    return found


def _categories(order: Order, written: Written, reading: TextReading, taxonomy: Taxonomy) -> Mapping[str, float]:
    """Probabilities of the categories the taxonomy knows, best first; none where nothing is written.

    They are not made to sum to 1: the model's promise holds for its own probabilities.
    """
    if order.category in taxonomy.ids:
        return {str(order.category): 1.0}
    if not any(mark.isalnum() for mark in written.text):
        return {}
    return {name: chance for name, chance in reading.probabilities("category").items() if name in taxonomy.ids}


def _listed(categories: Mapping[str, float], model: Model, taxonomy: Taxonomy) -> tuple[CategoryGuess, ...]:
    """The best categories, and which of them belong to those that together hold the right one."""
    size = int(model.heads["category"].promise_.set_sizes(np.array([list(categories.values())]))[0])
    best = [(taxonomy.categories[name], chance) for name, chance in islice(categories.items(), LISTED)]
    return tuple(
        CategoryGuess(one.id, one.name, one.domain, chance, in_set=rank < size)
        for rank, (one, chance) in enumerate(best)
    )


def _guess(reading: TextReading, task: str, stated: str | None, otherwise: str) -> Guess:
    if stated is not None:
        return Guess(stated, 1.0)
    if not reading.understood:
        return Guess(otherwise, 0.0)
    value, confidence = next(iter(reading.probabilities(task).items()))
    return Guess(value, confidence)


def _urgency(order: Order, reading: TextReading, emergency: Guess) -> Guess:
    """Urgent already where it may well be: an urgent order that is missed waits, a needless one is put back."""
    if order.urgency is None and emergency.value != "none":
        return Guess("urgent", emergency.confidence)
    guess = _guess(reading, "urgency", order.urgency, otherwise="normal")
    if order.urgency is None and reading.understood:
        urgent = reading.probabilities("urgency").get("urgent", 0.0)
        if urgent >= URGENT_FROM:
            return Guess("urgent", urgent)
    return guess


def _complexity(order: Order, reading: TextReading) -> Guess:
    """A hard order calls a leader in, so that it is read as hard only where that is likely by far."""
    guess = _guess(reading, "complexity", order.complexity, otherwise="normal")
    if order.complexity is None and guess.value == "hard" and guess.confidence < HARD_FROM:
        chances = reading.probabilities("complexity")
        chances.pop("hard")
        return Guess(*next(iter(chances.items())))
    return guess


def _emergency(written: Written, reading: TextReading) -> tuple[Guess, EvidenceSpan | None]:
    """The line that is needed now, or none: a miss costs most, so the lines are weighed together against none,
    and words that cry for help stand by themselves."""
    if not reading.understood:
        return Guess("none", 0.0), None
    chances = reading.probabilities("emergency")
    calm = chances.pop("none")
    for part in ("title", "text"):
        cry = cry_for_help(written.part(part).text)
        if cry is not None:
            return Guess(cry.line, max(1 - calm, CRIED)), written.span(part, cry.start, cry.end, 1.0)
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
