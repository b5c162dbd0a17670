"""The place that most orders of an issue share, as narrowly as they agree on it: 丽发新城附近, 盛砚国际城二期."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.language.places import Place, PlaceFinder
from triage.similar.naming.names import GENERIC_END, PREFIX, find_names

HEAD = 150  # characters of a text in which it says where
_LONGEST = 12
_TELLING = {"district": 0.2, "road": 0.75, "committee": 0.7, "village": 0.8, "name": 0.9}  # others 1
_ENOUGH = 0.4  # share of the orders that must name a place for it to be the issue's
_IN_HEADLINES = 0.15  # and that share in their headlines
_NARROWER = 0.55  # of those who name a place, how many must name the longer one
_SAME_LETTER = 0.8  # of those who name it, how many must have the same letter before it
_IN_TEXT = 0.6  # what a name in the text counts beside one in the headline
_WIDE = ("district", "road", "committee", "village")
_JOINS = re.compile(r"[\u4e00-\u9fd5](?<![省市区县镇乡村街道路弄号楼期栋的在到从对向与和及是请])")
_RELATIONS = {"附近": "附近|旁边?|周边|周围|侧面|隔壁|边上|对面", "门口": "门口|门前", "楼下": "楼下|底层|底商"}
_BETWEEN = "(?:小区|居民区|社区)?(?:正|大|的|[东西南北]){0,2}"
_RELATED = 0.3


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A name, where the matter is to it (附近, 门口, 楼下 or nothing), its kind, and the share of orders saying it."""

    name: str
    relation: str
    kind: str
    share: float

    @property
    def written(self) -> str:
        """The name as a title begins with it: 丽发新城附近."""
        return self.name + self.relation


def shared_place(headlines: Sequence[str], texts: Sequence[str], finder: PlaceFinder) -> SharedPlace | None:
    """The most telling name that enough orders share; a district only where they share nothing narrower.

    >>> lines = ["浦三路金浦小区旁的搅拌站噪音", "金浦小区附近搅拌站粉尘"]
    >>> place = shared_place(lines, ["", ""], PlaceFinder({}))
    >>> place.name, place.relation, place.share
    ('金浦小区', '附近', 1.0)
    """
    texts = [text[:HEAD] for text in texts]
    kinds = _candidates(headlines, texts, finder)
    shares = {name: _share(name, headlines, texts) for name in kinds}
    enough = [name for name in kinds if shares[name] >= _ENOUGH and _leads_enough(name, headlines)]
    if not enough:
        return None
    best = max(enough, key=lambda name: (shares[name] * _TELLING.get(kinds[name], 1.0), len(name), name))
    narrow = _narrowed(best, kinds, shares)
    name = _completed(narrow, headlines)
    return SharedPlace(name, _relation(name, headlines, texts), kinds[narrow], shares[best])


def _candidates(headlines: Sequence[str], texts: Sequence[str], finder: PlaceFinder) -> dict[str, str]:
    kinds: dict[str, str] = {}
    beginnings = []
    found = [finder.find(headline) for headline in headlines]
    for headline, places in zip(headlines, found, strict=True):
        begin = match.end() if (match := PREFIX.match(headline)) else 0
        for place in places:
            begin = place.end if place.start == begin and place.kind in _WIDE else begin
        beginnings.append(begin)
    for line, places in zip([*headlines, *texts], [*found, *map(finder.find, texts)], strict=True):
        for place in places:
            _note(kinds, _from_its_start(place, line), place.kind)
    for name in find_names(headlines, beginnings, _ENOUGH):
        if not _leads_to_a_place(name, headlines, found):
            _note(kinds, name, "name")
    return kinds


def _from_its_start(place: Place, line: str) -> str:
    """The name without the half province that a reader of names may have begun with."""
    prefix = PREFIX.match(line)
    return line[max(place.start, prefix.end()) : place.end] if prefix and place.kind != "district" else place.text


def _leads_to_a_place(name: str, headlines: Sequence[str], found: Sequence[list[Place]]) -> bool:
    """Whether mostly a longer place begins with the name (德雅 in 德雅路), or one follows it (星沙 before 凉塘路)."""
    naming = leading = 0
    for headline, places in zip(headlines, found, strict=True):
        if (at := headline.find(name)) >= 0:
            naming += 1
            leading += any(at <= place.start <= at + len(name) < place.end for place in places)
    return 2 * leading >= naming


def _note(kinds: dict[str, str], name: str, kind: str) -> None:
    name = PREFIX.sub("", name) if kind != "district" else name
    for form in (name, GENERIC_END.sub("", name)):
        if 2 <= len(form) <= _LONGEST:
            kinds.setdefault(form, kind)


def _share(name: str, headlines: Sequence[str], texts: Sequence[str]) -> float:
    said = sum(
        1.0 if name in headline else _IN_TEXT if name in text else 0.0
        for headline, text in zip(headlines, texts, strict=True)
    )
    return said / len(headlines)


def _leads_enough(name: str, headlines: Sequence[str]) -> bool:
    """Whether headlines say it too: what only texts mention may be anything."""
    return sum(name in headline for headline in headlines) >= max(1.0, _IN_HEADLINES * len(headlines))


def _narrowed(name: str, kinds: dict[str, str], shares: dict[str, float]) -> str:
    """The longest name that holds this one and that enough of its orders write; not one with a road put before it."""
    longer = [other for other in kinds if name in other and shares[other] >= _NARROWER * shares[name]]
    wide = [other for other, kind in kinds.items() if kind in _WIDE]
    longer = [
        other
        for other in longer
        if GENERIC_END.sub("", other) != name and not any(other.startswith(road) for road in wide if road not in name)
    ]
    return max(longer, key=lambda other: (len(other), other), default=name)


def _completed(name: str, headlines: Sequence[str]) -> str:
    """The name with the letters that nearly always stand before it: a reader of names may have begun too late."""
    while len(name) < _LONGEST:
        before = [line[at - 1] for line in headlines if (at := line.find(name)) > 0]
        letter, count = Counter(before).most_common(1)[0] if before else ("", 0)
        naming = sum(name in line for line in headlines)
        if naming < 3 or count < _SAME_LETTER * naming or not _JOINS.fullmatch(letter):
            break
        name = letter + name
    return name


def _relation(name: str, headlines: Sequence[str], texts: Sequence[str]) -> str:
    patterns = {
        word: re.compile(f"{re.escape(name)}{_BETWEEN}(?:{forms})")
        for word, forms in _RELATIONS.items()
        if not re.search(forms, name)
    }
    lines = [line for pair in zip(headlines, texts, strict=True) if name in (line := "\n".join(pair))]
    said = {word: sum(bool(pattern.search(line)) for line in lines) for word, pattern in patterns.items()}
    relation = max(said, key=lambda word: said[word], default="")  # ties: in the order above
    return relation if said.get(relation, 0) >= max(1, _RELATED * len(lines)) else ""
