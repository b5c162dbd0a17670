"""What of an order is compared with others: its words, its gist, its places, its object, its caller and its time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from triage.language.clean import clean
from triage.language.objects import find_object
from triage.language.places import Place, PlaceFinder
from triage.language.redact import PLACEHOLDERS, redact
from triage.language.segment import Segmenter

READ = 600
"""So many characters of a text are read: what it is about and where is said by then."""

_GIST = 60  # characters, where an order has no title
_IN_GIST = 2  # a word of the gist counts as often
_MOST_PLACES = 12
_SENTENCE = re.compile(r"[。！？!?\n]")
_PLACEHOLDER = re.compile("|".join(map(re.escape, sorted(set(PLACEHOLDERS.values())))))
_COUNTY = re.compile(r"[A-Z]\d{1,2}(?:区|县|市)|.{2,}(?:新区|区|县)")
_IN_COUNTY = re.compile(r"(.{1,3}(?<![小社园景工业住宅校厂市郊片街辖院])(?:新区|区|县))(.{3,})")
_SAID_WITH_COUNTY = frozenset(["road", "compound", "building", "district"])
_TOWNSHIP = re.compile(r".+(?:街道|街道办|街道办事处|镇|镇政府|乡)")
_OFFICE = re.compile(r"(?<=街道)办(?:事处)?$|(?<=镇)政府$")
_GENERIC_END = re.compile(r"(?<=..)(?:小区|社区|居民区|居委会|居委|村委会|村委)$")
_LONGEST_RUN = 6
_PARTICLES = frozenset(
    "的了是在有不和也都很就这那我你他她们请问何时么吗呢吧与及或被把让给对从到向着过个为以于等"
    "无没能会要可应该将还又再只已来去上下中后前里外多少大小"
)
_SPOTS = frozenset(["compound", "building", "landmark", "committee", "village"])
_BODIES = frozenset(["shop", "company", "school", "hospital", "station"])
_ROADS = frozenset(["road"])


@dataclass(frozen=True, slots=True)
class Signature:
    """One order as it is compared; redacted, cleaned, bounded, and nothing of it but words and names.

    `terms` counts the words that say what the matter is, those of the gist twice: names of places are left out, since
    two matters at one place are two. `places` are the names of places in gist and text, less endings that some leave
    out (丽发新城小区 is 丽发新城); `spots`, `bodies` and `roads` those of compounds and the like, of shops, firms and
    schools, and of roads, from the gist if it names any. `districts` are the names of counties and of townships.
    `categories` are the likeliest ones with their probabilities. `caller` is a token.
    """

    order_id: str
    received_at: datetime
    gist: str
    terms: Counter[str]
    places: tuple[str, ...] = ()
    spots: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    districts: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    thing: str = ""
    caller: str | None = None
    categories: tuple[tuple[str, float], ...] = ()


class SignatureReader:
    """Reads signatures; `finder` knows the town's own places.

    >>> from datetime import UTC
    >>> reader = SignatureReader(PlaceFinder({"compounds": ["金浦小区"]}))
    >>> read = reader.read("1", datetime(2026, 3, 2, tzinfo=UTC), "金浦小区附近搅拌站噪音扰民", "夜里一直开工。")
    >>> read.places, read.thing, read.terms["搅拌站"], read.terms["开工"]
    (('金浦',), '搅拌站', 2, 1)
    """

    def __init__(self, finder: PlaceFinder, segmenter: Segmenter | None = None) -> None:
        self._finder = finder
        self._segmenter = segmenter or Segmenter()

    def read(
        self,
        order_id: str,
        received_at: datetime,
        title: str,
        text: str,
        *,
        address: str = "",
        caller: str | None = None,
        categories: Sequence[tuple[str, float]] = (),
    ) -> Signature:
        """Read one order; `address` is where it happened, as far as the district wrote it down."""
        body = _readable(text)
        gist = _readable(title) or _first_sentences(body)
        in_gist, in_text = self._finder.find(gist), self._finder.find(body)
        stated = self._finder.find(_readable(address)) if address else []
        in_front = [*in_gist, *stated]
        everywhere = [*in_front, *in_text]
        thing = find_object(gist) or find_object(body)
        return Signature(
            order_id=order_id,
            received_at=received_at,
            gist=gist,
            terms=self._terms(_without(gist, in_gist), _without(body, in_text)),
            places=_names(place for place in everywhere if place.kind != "district"),
            spots=_of_kind(_SPOTS, in_front, in_text),
            bodies=_of_kind(_BODIES, in_front, in_text),
            roads=_of_kind(_ROADS, in_front, in_text),
            districts=_districts(in_front if _has_district(in_front) else in_text),
            thing=thing.text if thing else "",
            caller=caller,
            categories=tuple(categories),
        )

    def _terms(self, gist: str, body: str) -> Counter[str]:
        terms: Counter[str] = Counter()
        for part, count in ((gist, _IN_GIST), (body, 1)):
            for word in _whole_words(self._segmenter.words(part)):
                terms[word] += count
        return terms


def _whole_words(words: Iterable[str]) -> Iterator[str]:
    """The words of two characters and more; a run of single ones (惠|米|贷) is a name that no dictionary has."""
    run = ""
    for word in chain(words, [""]):
        if len(word) == 1 and word not in _PARTICLES and "\u4e00" <= word <= "\u9fa5":
            run += word
            continue
        if 1 < len(run) <= _LONGEST_RUN:
            yield run
        run = ""
        if len(word) > 1 and word.isalnum():
            yield word.casefold()


def _readable(text: str) -> str:
    """The beginning of a text, clean and without personal data."""
    return _PLACEHOLDER.sub(" ", redact(clean(text[: 4 * READ]).text[:READ])).strip()


def _first_sentences(body: str) -> str:
    """As many whole sentences as are no longer than a title may be, or the beginning of a longer first one."""
    ends = [found.end() for found in _SENTENCE.finditer(body, 0, _GIST)]
    return body[: ends[-1] if ends and ends[-1] >= _GIST // 3 else _GIST].strip()


def _parted(place: Place) -> tuple[str, str]:
    """The county that a name begins with, where it does, and the rest (云溪区青石街道 is 青石街道 in 云溪区)."""
    parts = _IN_COUNTY.fullmatch(place.text) if place.kind in _SAID_WITH_COUNTY else None
    return (parts[1], parts[2]) if parts else ("", place.text)


def _names(places: Iterable[Place]) -> tuple[str, ...]:
    names = dict.fromkeys(_GENERIC_END.sub("", _parted(place)[1]) for place in places)
    return tuple(names)[:_MOST_PLACES]


def _of_kind(kinds: frozenset[str], in_front: Iterable[Place], in_text: Iterable[Place]) -> tuple[str, ...]:
    """The names of places of these kinds in the gist, or, where it names none, in the text."""
    found = (_names(place for place in places if place.kind in kinds) for places in (in_front, in_text))
    return next(filter(None, found), ())


def _without(text: str, places: Iterable[Place]) -> str:
    """The text with blanks where places are named."""
    kept = list(text)
    for place in places:
        kept[place.start : place.end] = " " * (place.end - place.start)
    return "".join(kept)


def _has_district(places: Iterable[Place]) -> bool:
    return any(place.kind == "district" or _parted(place)[0] for place in places)


def _districts(places: Iterable[Place]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    parted = [(place.kind, *_parted(place)) for place in places]
    said = [name for kind, county, rest in parted for name in (county, rest if kind == "district" else "") if name]
    names = list(dict.fromkeys(said))
    counties = [name for name in names if _COUNTY.fullmatch(name)]
    townships = list(dict.fromkeys(_OFFICE.sub("", name) for name in names if _TOWNSHIP.fullmatch(name)))
    return tuple(counties[:2]), tuple(townships[:2])
