"""What the title of an issue says: its place with what is the matter there, put together or taken from an order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from triage.language.places import PlaceFinder
from triage.similar.naming.evidence import Evidence, weigh
from triage.similar.naming.headline import name_like, unframed
from triage.similar.naming.matters import find_matters, speaks_of
from triage.similar.naming.names import PREFIX
from triage.similar.naming.place import SharedPlace
from triage.similar.naming.words import segmenter

_CLAUSE = re.compile(r"[^\s，。！？；：、,.!?;:…]+")
_MARKS = re.compile(r"[“”\"'‘’《》【】\[\]（）()「」~*#]+")
_INNER_ALIAS = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]\d{0,2}(?:[市区县])+)+")
_BRACKETED = re.compile(r"（[^（）]{0,30}）")
_GENERIC = re.compile(
    r"^(?:(?:附近|旁边?|周边|周围|侧面|隔壁|边上|对面|门口|门前|楼下|一楼|底层|底商)的?|小区|居民区|社区|楼盘|项目|业主|居民|公司|平台|里面?|内|中|上|处|的|地?段|以?及|与|和|，)+"
)
_SHORTEST = 6
_SHORTEST_TAIL = 2
# No title ends so; one that had to be cut does not end on a number, a pronoun or the beginning of a phrase either.
_BROKEN_TAGS = frozenset("uj p c u ud uz ug ul uv y".split())
_CUT_TAGS = frozenset("d r m q f mq".split())
_LATER_CLAUSE = 0.75
_NOT_OF_THE_PLACE = 0.6
_WITH_OPENING = 0.9
_FROM_TEXT = 0.55
_CUT = 0.55
_PART = 3  # letters of a name by which it is known again
_COMES_AFTER = ("road", "shop", "school", "station", "building", "hospital")  # 丽发新城云塘路, 金浦小区幼儿园
# A title put together from what is shared tells most of a large group; of a small one its own words read better.
_AGREED, _AGREED_OF_FEW, _FEW = 1.1, 0.85, 6
_SAID = re.compile(r"(?:反映|投诉|举报|咨询|请问)(?!电话|热线|渠道|平台|无门|无果|人|多次|处理|回复)")
_TRAILING = frozenset(
    """
    存在 进行 相关 有关 仍 等 涉嫌 是否 造成 导致 出现 没有 未 不 且 还 真 什么时候 时候 什么
    何时 怎么 为什么 后 时 后仍 一系列 诸多
    """.split()
)
_NAMES_A_THING = ("n", "vn", "an")
_THERE_IS = re.compile("存在|出现|(?:严重|重大)的")
_SCHOOL = re.compile("学校|小学|中学|大学|学院|幼儿园")
_FAULTS = ("违规", "违法")
_SAYS_WHAT = ("v", "i", "l", "z", "a", "r", "d")


@dataclass(frozen=True, slots=True)
class Wording:
    """The whole title, with the object and the matters the orders share."""

    text: str
    object: str
    matters: tuple[str, ...]


def best_wording(
    headlines: Sequence[str],
    titles: Set[str],
    texts: Sequence[str],
    place: SharedPlace | None,
    finder: PlaceFinder,
    limit: int,
) -> Wording:
    """The candidate of at most `limit` characters that says most of what the orders share."""
    name, written = (place.name, place.written) if place else ("", "")
    evidence = weigh(headlines, texts, name, titled=bool(titles))
    weights: dict[str, float] = {}
    for text, weight in _candidates(headlines, titles, evidence, place, finder):
        fitting = _fitting(text, limit)
        weight *= _CUT if fitting != text else 1.0
        if len(fitting) > len(name) and not (len(headlines) > 1 and _names_someone(fitting, headlines)):
            weights[fitting] = max(weights.get(fitting, 0.0), weight)
    worth = {text: _weighted(evidence.worth(text.removeprefix(written)), weight) for text, weight in weights.items()}
    best = max(worth, key=lambda text: (len(text) >= _SHORTEST, worth[text], -len(text), text), default=written)
    return Wording(_as_question(best, best.removeprefix(written), limit), evidence.object(), evidence.shared_matters())


def _names_someone(text: str, headlines: Sequence[str]) -> bool:
    """Whether a word that may be a person's name stands in it that not half the orders say."""
    return any(2 * sum(name in line for line in headlines) < len(headlines) for name in name_like(text))


def _weighted(worth: float, weight: float) -> float:
    return worth * weight if worth > 0 else worth / weight


def _candidates(
    headlines: Sequence[str], titles: Set[str], evidence: Evidence, place: SharedPlace | None, finder: PlaceFinder
) -> Iterator[tuple[str, float]]:
    name, written = (place.name, place.written) if place else ("", "")
    agreed = _put_together(evidence, name)
    if agreed:
        yield written + agreed, _AGREED if len(headlines) >= _FEW or not titles else _AGREED_OF_FEW
    for headline in sorted(set(headlines)):
        by = 1.0 if headline in titles else _FROM_TEXT
        yield from ((text, weight * by) for text, weight in _taken_from(headline, name, written, finder))


def _put_together(evidence: Evidence, name: str) -> str:
    thing, matters = evidence.object(), evidence.shared_matters()
    said = thing in name or (_SCHOOL.search(name) and _SCHOOL.search(thing))
    if thing and (said or any(speaks_of(matter, thing) for matter in matters)):
        thing = ""
    return thing + "".join(matters)


def _taken_from(headline: str, name: str, written: str, finder: PlaceFinder) -> Iterator[tuple[str, float]]:
    headline = _SAID.sub("", _MARKS.sub("", _BRACKETED.sub("", headline)))
    weight = 1.0
    if name and name in headline:
        before, _, after = headline.rpartition(name)
        own = _plain(_last_clause(before)) + name + _first_clause(after)
        if not own.startswith(name):
            yield unframed(own), _WITH_OPENING
    else:
        after = headline
        weight = _NOT_OF_THE_PLACE if name else 1.0
    for match in _CLAUSE.finditer(after):
        clause = unframed(_GENERIC.sub("", _plain(match[0]))) if name else unframed(match[0])
        if len(clause) >= _SHORTEST_TAIL and not (name and _is_elsewhere(clause, name, finder)):
            yield written + clause, weight
        weight *= _LATER_CLAUSE


def _is_elsewhere(clause: str, name: str, finder: PlaceFinder) -> bool:
    """Whether a clause names another place, or this one in another form: a title would say two."""
    return name[:_PART] in clause or any(place.kind not in _COMES_AFTER for place in finder.find(clause))


def _plain(clause: str) -> str:
    return unframed(_INNER_ALIAS.sub("", PREFIX.sub("", unframed(clause))))


def _last_clause(text: str) -> str:
    return _CLAUSE.findall(text)[-1] if text and _CLAUSE.fullmatch(text[-1]) else ""


def _first_clause(text: str) -> str:
    match = _CLAUSE.match(text)
    return match[0] if match else ""


def _fitting(text: str, limit: int) -> str:
    """The longest run of whole words from the start that fits and does not end in a broken phrase."""
    words = segmenter().tagged(text[: 2 * limit])
    broken = _BROKEN_TAGS if len(text) <= limit else _BROKEN_TAGS | _CUT_TAGS
    while words and (sum(len(word) for word, _ in words) > limit or _is_broken(*words[-1], broken)):
        words.pop()
    return "".join(word for word, _ in words) or text[:limit]


def _is_broken(word: str, tag: str, broken: Set[str]) -> bool:
    if tag in broken or word in _TRAILING:
        return True
    return broken is not _BROKEN_TAGS and (word.isdigit() or (tag == "v" and len(word) == 1))


def _as_question(text: str, said: str, limit: int) -> str:
    """The title with 问题 where what it says of the place only names a thing, or nothing: 保利西海岸幼儿园问题."""
    if text and not said:
        return text + "问题"
    tagged = segmenter().tagged(said)
    if not tagged or len(text) + 2 > limit or "是否" in said or find_matters(said):
        return text
    word, tag = tagged[-1]
    names_a_thing = tag.startswith(_NAMES_A_THING) and not any(tag.startswith(_SAYS_WHAT) for _, tag in tagged[:-1])
    of_a_kind = tag.startswith(_NAMES_A_THING) and _THERE_IS.search(said) is not None
    return text + "问题" if names_a_thing or of_a_kind or word in _FAULTS else text
