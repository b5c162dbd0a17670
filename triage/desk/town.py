"""One jurisdiction made ready: its pack, its working time, and finders that know its places."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from triage.language.places import PlaceFinder
from triage.language.segment import Segmenter
from triage.language.territory import TerritoryFinder
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.pack.pack import Pack
from triage.policy.pack.schema import Gazetteer


class Town:
    """What a decision needs of a jurisdiction besides the model; the finders are built on first use."""

    def __init__(self, pack: Pack, hours: WorkingTime) -> None:
        self.pack = pack
        self.hours = hours

    @cached_property
    def territory(self) -> TerritoryFinder:
        """Tells inside from outside."""
        return TerritoryFinder(_lists(self.pack.territory.inside), _lists(self.pack.territory.outside))

    @cached_property
    def places(self) -> PlaceFinder:
        """Finds the places a text names; the pack's names and words stay whole when the text is cut."""
        inside = _lists(self.pack.territory.inside)
        words = [*self.pack.words, *(name for names in inside.values() for name in names)]
        return PlaceFinder(inside, Segmenter(words))


def _lists(gazetteer: Gazetteer) -> Mapping[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = gazetteer.model_dump()
    return names
