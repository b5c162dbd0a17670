"""A short Chinese title for an issue: place, object and matter, as its orders agree on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.language.places import PlaceFinder
from triage.similar.naming.headline import headline_of, without_names
from triage.similar.naming.place import shared_place
from triage.similar.naming.told import Told, sample
from triage.similar.naming.wording import best_wording

LONGEST = 22
_SAMPLE = 200
_TEXT = 300
NAMELESS = "未写明事项"


@dataclass(frozen=True, slots=True)
class Title:
    """What an issue is called, and the parts of it; `place` with 附近 where that is so, each may be empty."""

    text: str
    place: str
    object: str
    matters: tuple[str, ...]


def title_of(told: Sequence[Told], places: PlaceFinder) -> Title:
    """A title of up to 22 characters, the same in whatever order the orders come, of at most 200 of them.

    >>> from datetime import datetime
    >>> lines = ["投诉金浦小区附近搅拌站噪音扰民", "金浦小区旁搅拌站粉尘、噪音太大", "金浦小区搅拌站粉尘"]
    >>> told = [Told(str(n), datetime(2026, 3, n + 1), line, "") for n, line in enumerate(lines)]
    >>> title_of(told, PlaceFinder({})).text
    '金浦小区附近搅拌站噪声扬尘'
    """
    chosen = sample(told, _SAMPLE)
    lines = [headline_of(order) for order in chosen]
    headlines = [line.text for line in lines]
    titles = {line.text for line in lines if line.is_title}
    texts = [without_names(order.text[:_TEXT]) for order in chosen]
    place = shared_place(headlines, texts, places) if headlines else None
    wording = best_wording(headlines, titles, texts, place, places, LONGEST)
    return Title(wording.text or NAMELESS, place.written if place else "", wording.object, wording.matters)
