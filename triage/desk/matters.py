"""One order, one matter? Tells an order with several from one whose only matter has two homes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from triage.classify.model import Model
from triage.classify.taxonomy import Category, Taxonomy
from triage.desk.candidates import SHARE, leads_of
from triage.desk.parts import BRIEF, LONGEST, Part, adds, cut
from triage.desk.reading import OrderReading
from triage.domain.decisions import Matter, MatterCategory
from triage.policy.pack.pack import Pack

SURE, SURE_IN_BRIEF = 0.85, 0.7
"""A part is a matter of its own where its category has at least this probability when it is read alone. In a brief text
an addition is seldom background: measured, 0.7 finds a third more there at nearly the same share of false ones."""

ROOM = 0.03
"""… and, unless the text is brief, at least this in the whole text: background facts are sure of a category, too."""

ABOUT_OFFICE = frozenset({"党务政务", "纪检监察"})
"""That an office does nothing about the matter is no second matter."""


class _Told(NamedTuple):
    category: Category
    chance: float
    part: Part
    block: int


def matters(reading: OrderReading, model: Model, taxonomy: Taxonomy, pack: Pack) -> tuple[Matter, ...]:
    """The matters of an order with several, in the order they are told; empty where there is one, the usual case.

    A text is cut where its words say that something further comes and, unless it is brief, its whole leaves more than
    one category open. A title says what the order is about and is no part; without a text it is what is cut. The
    points of a suggestion are one matter.
    """
    if not reading.understood or reading.request_type.value == "suggestion":
        return ()
    field = "text" if reading.written.body.text else "title"
    text = reading.written.part(field).text
    open_set = sum(guess.in_set for guess in reading.listed) > 1
    if len(text) > (LONGEST if open_set else BRIEF):
        return ()
    untitled = field == "title" or not reading.written.title.text
    also = open_set and untitled and len(text) <= BRIEF
    if not adds(text, also=also):
        return ()
    parts = cut(text, also=also)
    if not any(part.added for part in parts[1:]):
        return ()
    told: list[_Told] = []
    for one in _sure(text, parts, model, taxonomy):
        room = len(text) <= BRIEF or reading.categories[one.category.id] >= ROOM
        if room and all(_apart(one, other, reading, pack) for other in told):
            told.append(one)
    if len(told) < 2 or reading.listed[0].id not in {one.category.id for one in told}:
        return ()
    return tuple(_matter(one, field, reading, pack) for one in told)


def _sure(text: str, parts: list[Part], model: Model, taxonomy: Taxonomy) -> Iterator[_Told]:
    """The parts that are sure of a category, each in the block of text that its last word of addition began."""
    block = 0
    sure = SURE_IN_BRIEF if len(text) <= BRIEF else SURE
    answers = model.predict([text[part.start : part.end] for part in parts], "category")
    for part, answer in zip(parts, answers, strict=True):
        block += part.added
        category = taxonomy.categories.get(answer.label)
        if category is not None and answer.confidence >= sure and category.domain not in ABOUT_OFFICE:
            yield _Told(category, answer.confidence, part, block)


def _apart(one: _Told, other: _Told, reading: OrderReading, pack: Pack) -> bool:
    """Whether two parts are two matters: an addition lies between them, and they go to different places.

    Of two categories that are easily taken for each other the whole text must leave each a real share, else one of
    them is only how a part of the same matter sounds.
    """
    here, there = one.category, other.category
    if one.block == other.block or here.id == there.id:
        return False
    if here.domain == there.domain and leads_of(pack, here.id) == leads_of(pack, there.id):
        return False
    return not here.is_like(there) or min(reading.categories[category.id] for category in (here, there)) >= SHARE


def _matter(told: _Told, field: str, reading: OrderReading, pack: Pack) -> Matter:
    category = MatterCategory(told.category.id, told.category.name, told.category.domain, told.chance)
    place = reading.written.span(field, told.part.start, told.part.end, 0.0)
    return Matter(category, place.text, field, place.start, place.end, leads_of(pack, told.category.id))
