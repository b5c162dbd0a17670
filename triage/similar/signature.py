"""What of an order is compared with others: its words, its gist, its places, its object, its caller and its time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
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
_TOWNSHIP = re.compile(r".+(?:街道|街道办|街道办事处|镇|镇政府|乡)")
_GENERIC_END = re.compile(r"(?<=..)(?:小区|社区|居民区|居委会|居委|村委会|村委)$")
_LONGEST_RUN = 6
_PARTICLES = frozenset(
    "的了是在有不和也都很就这那我你他她们请问何时么吗呢吧与及或被把让给对从到向着过个为以于等"
    "无没能会要可应该将还又再只已来去上下中后前里外多少大小"
)
_TELLING = frozenset(
    ["compound", "building", "shop", "company", "station", "committee", "landmark", "school", "hospital", "village"]
)


@dataclass(frozen=True, slots=True)
class Signature:
    """One order as it is compared; redacted, cleaned, bounded, and nothing of it but words and names.

    `terms` counts the words of the text, those of the gist twice. `places` are the names of places in gist and text,
    less endings that some leave out (丽发新城小区 is 丽发新城); `gist_places` those of the gist that are one spot,
    not a road. `districts` are the names of counties and of townships. `caller` is a token.
    """

    order_id: str
    received_at: datetime
    gist: str
    terms: Counter[str]
    places: tuple[str, ...] = ()
    gist_places: tuple[str, ...] = ()
    districts: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    thing: str = ""
    caller: str | None = None
    category: str = ""


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
        category: str = "",
    ) -> Signature:
        """Read one order; `address` is where it happened, as far as the district wrote it down."""
        body = _readable(text)
        gist = _readable(title) or _first_sentences(body)
        in_gist, in_text = self._finder.find(gist), self._finder.find(body) if body != gist else []
        stated = self._finder.find(_readable(address)) if address else []
        everywhere = [*in_gist, *stated, *in_text]
        thing = find_object(gist) or find_object(body)
        return Signature(
            order_id=order_id,
            received_at=received_at,
            gist=gist,
            terms=self._terms(gist, body),
            places=_names(place for place in everywhere if place.kind != "district"),
            gist_places=_names(place for place in [*in_gist, *stated] if place.kind in _TELLING),
            districts=_districts([*in_gist, *stated]) if _has_district([*in_gist, *stated]) else _districts(in_text),
            thing=thing.text if thing else "",
            caller=caller,
            category=category,
        )

    def _terms(self, gist: str, body: str) -> Counter[str]:
        terms: Counter[str] = Counter()
        for part, count in ((gist, _IN_GIST), (body, 1)):
            for word in _whole_words(self._segmenter.words(part)):
                terms[word] += count
        return terms


def _whole_words(words: Iterable[str]) -> Iterator[str]:
    """The words of two characters and more; a run of single ones (余|易|贷) is a name that no dictionary has."""
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


def _names(places: Iterable[Place]) -> tuple[str, ...]:
    names = dict.fromkeys(_GENERIC_END.sub("", place.text) for place in places)
    return tuple(names)[:_MOST_PLACES]


def _has_district(places: Iterable[Place]) -> bool:
    return any(place.kind == "district" for place in places)


def _districts(places: Iterable[Place]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = list(dict.fromkeys(place.text for place in places if place.kind == "district"))
    counties = [name for name in names if _COUNTY.fullmatch(name)]
    townships = [name for name in names if _TOWNSHIP.fullmatch(name)]
    return tuple(counties[:2]), tuple(townships[:2])
