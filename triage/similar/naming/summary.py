"""One sentence, out of an issue's own messages, that says most of what they all say."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.language.redact import Finding, find_personal
from triage.similar.naming.headline import headline_of, may_tell_who, name_like, without_names
from triage.similar.naming.matters import find_matters
from triage.similar.naming.told import Told, sample
from triage.similar.naming.words import is_telling, rarity, words_of

SHORTEST, LONGEST = 15, 80
_SAMPLE = 200
_TEXT = 1000
_SENTENCES = 10  # of each order
_FIRST, _FADING = 3, 0.06  # the first three sentences count in full, each later one 6 % less
# What a sentence counts that leans on the one before it, says who speaks, begins a list,
# tells of the caller or the caller's family, or was cut short.
_BACKWARD, _INTRODUCING, _LISTING, _PERSONAL, _PRIVATE, _CUT = 0.8, 0.7, 0.6, 0.85, 0.6, 0.75
_NAMES_A_MATTER = 1.2
_READ = 30  # how many of the nearest are looked at for a matter
_IN_TEXT = 0.4  # what a word in the text counts beside one in the title
_KNOWN = 0.3  # what this share of the headlines names, and two of them, is a place or a firm, not a person
_SENTENCE = re.compile(r"[^。！？!?\n；;]+[。！？!?]?")
_CLAUSE = re.compile(r"[^，,：:]+[，,：:]?")
_POLITE = re.compile(
    r"尊敬|敬爱|[您你]们?好|大家好|领导[们好]*[：，]|各位领导|恳请|恳求|跪求|为民[作做]主|谢谢|感谢|此致|敬礼|辛苦|打扰|添麻烦|盼复|百忙|(?:主持|还我们?)[^，。]{0,6}公道"
    r"|(?:请(?!问)|望|恳|盼|要求|呼吁|建议)[^，。]{0,16}(?:部门|领导|政府|贵局|关注|督促|协调|核实|处理|解决|严查|治理|查处|整改|答复|回复|重视|做主|批示)"
)
_INTRODUCES = re.compile(
    r"^(?:本人|我们?|家住)[^，。]{0,24}(?:业主|居民|村民|住户|市民|学生|家长|员工|委员会|人|户)(?:[，。]|$)"
)
_FAMILY = re.compile("老婆|老公|妻子|丈夫|母亲|父亲|儿子|女儿|怀孕|抑郁|生病|癌")
_FIRST_PERSON = re.compile("我(?![们市县区省国院校镇村])|本人")
_LONG_NUMBER = re.compile(r"\d[\d\-/]{6,}|https?:|www\.")
_LISTS = re.compile(r"如下|以下|下面|[一1][、.]|（一）|：[^。]{0,40}：")
_LEANS_BACK = re.compile(
    r"^(?:但|所以|而且|因此|并且|于是|然后|然而|可是|不过|同时|另外|此外|还有|其次|最后|第[二三四五六七八九]|后来|这|那|他|她|它|其|之后|结果|再)"
)
_NUMBERING = re.compile(r"^\W*(?:[\d一二三四五六七八九十]{1,2}[、，.．)）](?!\d)\s*)?")


@dataclass(frozen=True, slots=True)
class Summary:
    """A sentence and the order that says it; both empty where no order says anything."""

    text: str
    order_id: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    order: Told
    start: int
    weight: float


def summary_of(told: Sequence[Told]) -> Summary:
    """The sentence nearest the middle of all, of 15 to 80 characters where there is one, without personal data.

    Nearness is the cosine of a sentence's words with the words of the issue, each weighted by how rare it is in
    Chinese and by the share of the orders that say it (centroid-based extraction, Radev et al. 2004).

    >>> from datetime import datetime
    >>> texts = ["您好！金浦小区旁边的搅拌站每天夜里施工，噪音很大。谢谢！", "金浦小区搅拌站夜里噪音很大，请您处理。"]
    >>> summary_of([Told(str(n), datetime(2026, 3, 2), "", text) for n, text in enumerate(texts)]).text
    '金浦小区旁边的搅拌站每天夜里施工，噪音很大。'
    """
    chosen = sample(told, _SAMPLE)
    centre = _centre(chosen)
    nearness = {each: _nearness(each, centre) for order in chosen for each in _sentences(order)}
    ranked = sorted(nearness, key=lambda each: (-nearness[each], each.text, each.order.order_id))
    read = {each: nearness[each] * (_NAMES_A_MATTER if find_matters(each.text) else 1.0) for each in ranked[:_READ]}
    ranked[:_READ] = sorted(read, key=lambda each: (-read[each], each.text, each.order.order_id))
    best = _first_presentable(ranked, [headline_of(order).text for order in chosen])
    return Summary(best.text, best.order.order_id) if best else _any_line(chosen)


def _first_presentable(ranked: Iterable[_Sentence], headlines: Sequence[str]) -> _Sentence | None:
    """The first that nothing personal is in; rather one in which what looks like a name is what headlines speak of."""
    least = max(2.0, _KNOWN * len(headlines))
    doubtful = None
    personal: dict[str, list[Finding]] = {}
    for each in ranked:
        text = each.order.text[:_TEXT]
        if text not in personal:
            personal[text] = find_personal(text)
        if _tells_who(each, personal[text]):
            continue
        if all(sum(name in line for line in headlines) >= least for name in name_like(each.text)):
            return each
        doubtful = doubtful or each
    return doubtful


def _centre(orders: Sequence[Told]) -> dict[str, float]:
    """The share of the orders that say each word; in their titles it counts in full."""
    said: Counter[str] = Counter()
    mentioned: Counter[str] = Counter()
    for order in orders:
        said.update(first := _telling(order.title[:200]))
        mentioned.update(_telling(order.text[:_TEXT]) - first)
    words = said.keys() | mentioned.keys()
    return {word: (said[word] + _IN_TEXT * mentioned[word]) / len(orders) for word in words}


def _telling(text: str) -> set[str]:
    return {word for word in words_of(text) if is_telling(word)}


def _sentences(order: Told) -> Iterator[_Sentence]:
    for place, match in enumerate(_SENTENCE.finditer(order.text[:_TEXT])):
        if place >= _SENTENCES:
            return
        start, end, whole = _whole_clauses(match[0])
        numbering = _NUMBERING.match(match[0][start:end])
        start += numbering.end() if numbering else 0
        text = match[0][start:end].rstrip().rstrip("，,")
        if SHORTEST <= len(text) <= LONGEST and text[-1] not in "：:、" and not _LONG_NUMBER.search(text):
            weight = _soundness(text) * (1 - _FADING * max(0, place - _FIRST + 1)) * (1.0 if whole else _CUT)
            yield _Sentence(text, order, match.start() + start, weight)


def _whole_clauses(sentence: str) -> tuple[int, int, bool]:
    """The part of a sentence between address and plea, up to the last clause that fits, and whether all fitted."""
    start = end = 0
    for clause in _CLAUSE.finditer(sentence):
        polite = _POLITE.search(clause[0])
        if polite and end > start:
            return start, end, True
        if clause.end() - start > LONGEST:
            return start, end, False
        start = clause.end() if polite else start
        end = clause.end()
    return start, end, True


def _soundness(text: str) -> float:
    weight = _BACKWARD if _LEANS_BACK.match(text) else 1.0
    weight *= _INTRODUCING if _INTRODUCES.match(text) else 1.0
    weight *= _PERSONAL if _FIRST_PERSON.search(text) else 1.0
    weight *= _PRIVATE if _FAMILY.search(text) else 1.0
    return weight * (_LISTING if _LISTS.search(text) else 1.0)


def _nearness(sentence: _Sentence, centre: Mapping[str, float]) -> float:
    words = sorted(_telling(sentence.text))
    length = math.sqrt(sum(rarity(word) ** 2 for word in words))
    shared = sum(rarity(word) ** 2 * centre.get(word, 0.0) for word in words)
    return shared / length * sentence.weight if length else 0.0


def _tells_who(sentence: _Sentence, findings: Iterable[Finding]) -> bool:
    """Whether anything personal is in it, by what was found in its whole order: a name may be said in full before."""
    end = sentence.start + len(sentence.text)
    return may_tell_who(sentence.text) or any(f.start < end and sentence.start < f.end for f in findings)


def _any_line(orders: Sequence[Told]) -> Summary:
    """Where no sentence will do: the longest beginning of a text, or a title, with what is personal left out."""
    lines = [(without_names(order.text[:LONGEST]).strip() or headline_of(order).text, order) for order in orders]
    best = max(lines, key=lambda pair: (len(pair[0]), pair[0], pair[1].order_id), default=None)
    return Summary(best[0], best[1].order_id) if best and best[0] else Summary("", "")
