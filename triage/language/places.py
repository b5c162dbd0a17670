"""Places in a text: names the pack knows (gazetteer) and names that look like places (临沂路, 金浦小区, 某某烧烤店)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from triage.language.place_patterns import find_patterns
from triage.language.segment import Segmenter

# The lists of a pack's territory are plural; each is one kind of place. Its own names name the district.
_KIND_OF_LIST = {
    "roads": "road",
    "compounds": "compound",
    "committees": "committee",
    "landmarks": "landmark",
    "names": "district",
    "buildings": "building",
    "shops": "shop",
    "companies": "company",
    "stations": "station",
    "schools": "school",
    "hospitals": "hospital",
    "villages": "village",
    "districts": "district",
}
_LEAST_TELLING = {"road": 1, "district": 2}


@dataclass(frozen=True)
class Place:
    """A place named in a text; kind is road, compound, building, shop, company, station, committee, landmark,
    district, school, hospital or village."""

    text: str
    kind: str
    start: int
    end: int
    source: Literal["gazetteer", "pattern"]


class PlaceFinder:
    """Finds places in clean text; what the gazetteer knows goes before what a pattern sees.

    >>> finder = PlaceFinder({"roads": ["浦三路"], "compounds": ["金浦小区"]})
    >>> [place.text for place in finder.find("我住在浦三路金浦小区，投诉齐河路的老王烧烤店")]
    ['浦三路', '金浦小区', '齐河路', '老王烧烤店']
    """

    def __init__(self, gazetteer: Mapping[str, Iterable[str]], segmenter: Segmenter | None = None) -> None:
        self._kinds: dict[str, str] = {}
        for key, names in gazetteer.items():
            for name in names:
                self._kinds.setdefault(name, _KIND_OF_LIST.get(key, key))
        self._names = sorted(name for name in self._kinds if name)
        self._known = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest) if self._names else None
        self._segmenter = segmenter or Segmenter()

    def find(self, text: str) -> list[Place]:
        """The places in the order of the text, none inside another."""
        known = self._find_known(text)
        seen = [
            Place(text[start:end], kind, start, end, "pattern")
            for kind, start, end in find_patterns(text, self._segmenter)
        ]
        # A pattern may see the longer name of which the gazetteer knows a part: 南码头路街道 and 南码头路.
        known = [place for place in known if not any(_is_part_of(place, other) for other in seen)]
        seen = [place for place in seen if not any(_overlap(place, other) for other in known)]
        return sorted(known + seen, key=lambda place: place.start)

    def main_place(self, places: Iterable[Place]) -> Place | None:
        """The most telling: a compound, shop, station … before a road, a road before a district; then the earliest.

        >>> finder = PlaceFinder({})
        >>> finder.main_place(finder.find("齐河路金浦小区噪音")).text
        '金浦小区'
        """
        return min(places, key=lambda place: (_LEAST_TELLING.get(place.kind, 0), place.start), default=None)

    def _find_known(self, text: str) -> list[Place]:
        if self._known is None or not text:
            return []
        places = []
        for index, start, end in self._known.find_matches_as_indexes(text):
            name = self._names[index]
            places.append(Place(name, self._kinds[name], start, end, "gazetteer"))
        return places


def _is_part_of(known: Place, seen: Place) -> bool:
    """Whether the pattern saw a longer name, not the same name with words stuck to its front."""
    return seen.start <= known.start and known.end < seen.end and seen.kind not in ("shop", "company")


def _overlap(place: Place, other: Place) -> bool:
    return place.start < other.end and other.start < place.end
