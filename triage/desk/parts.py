"""Cuts what was written into the parts that may each be a matter of their own."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import NamedTuple

LONGEST = 300
"""A longer text tells a story: its parts are facts of one matter more often than matters."""

BRIEF = 80
"""In a text as brief as this a 也 or 同时 may begin a second matter; in a longer one it seldom does."""

MOST = 6
SHORTEST = 5
"""A part has at least so many Chinese characters; what is shorter goes with its neighbour."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CLAUSE = re.compile(r"[^，。！？；\n]+")
_ENDED = re.compile(r"[。！？；\n]")

_NEXT = re.compile(
    r"\s*(?:另外|另|还有|此外|除此之外|其次|再有|再者|再就是|再一个|顺便|第[二三四五六]"
    r"|(?:问题|诉求)?[二三四五六][是、]|[2-6][、.．）：](?!\d)|（[二三四五六2-6]）|[②-⑥])"
)
_ALSO = re.compile(
    r"\s*(?:以及|而且|并且|加上|外加|又|[^，]{0,4}?同时(?!间)|[^，]{0,12}?(?:也(?!许|是)|还(?!是|款|钱|清|贷|不)|却))"
)

_TALK = re.compile(
    r"反映|投诉|举报|热线|12345|12315|拨打|打[^，]{0,6}电话|领导|[您你]好|谢谢|感谢|恳请|希望|请求|^请(?!问)|强烈|要求|答复"
    r"|不管|没人管|无人管|不理|没人接|打不通|不作为|回复|推诿|推脱|踢皮球|置之不理|无果|未果|忍无可忍"
    r"|督促|盼望|尽快|给个说法|(?:有关|相关)部门|政府|天理|良心|隐患|影响"
)
_AROUND = re.compile(
    r"无数[次遍]|好?几[次遍]|多次|每次|业主|居民|群众|百姓|物业|社区|居委会?|街道|城管|部门|派出所|村委会?|工作人员|电话|市长|书记|局长|处理|解决"
    r"|重视|关注|调查|核实|查处|整改|问题|情况|结果|及时|早日|帮忙|帮助|协调|严肃|依法|态度|一直|仍然?|依然|至今|进行|怎么|什么|任何"
    r"|这个|那个|一个|我|们|您|你|他|谁|向|给|跟|找|到|被|把|对|了|过|都|也|就|但|是|能|够|可以|予|为|此|事|该|没有?|未|人|管|不|理"
    r"|严重|正常|生活|休息|出行|交通|环境|安全|存在|一定|极大|重大|甚至|而且|并且|造成|着|来|去|的|在|及|和|以|会|请|要|再|多|大|广"
)


class Part(NamedTuple):
    """A run of the cleaned text; `added` where its first words say that something further comes."""

    start: int
    end: int
    added: bool


def cut(text: str, *, also: bool) -> list[Part]:
    """At most six parts, in order; talk about complaining itself (打了多少次电话, 请领导重视) is in none.

    `also`: a mere 也 or 同时 may begin a part, too.

    >>> text = "您好，小区路灯坏了一个月，另外楼道里堆满了杂物，希望尽快解决。"
    >>> [text[part.start : part.end] for part in cut(text, also=False)]
    ['小区路灯坏了一个月', '另外楼道里堆满了杂物']
    """
    parts = [part for part in _merged(_runs(text, also), text) if _size(text, part) >= SHORTEST]
    while len(parts) > MOST:
        lengths = [(after.added, after.end - part.start) for part, after in pairwise(parts)]
        parts = _joined(parts, lengths.index(min(lengths)))
    return parts


def adds(text: str, *, also: bool) -> bool:
    """Whether any clause but the first says that something further comes: a glance that spares most texts the cutting.

    >>> adds("小区路灯坏了，另外楼道堆满杂物", also=False), adds("小区路灯坏了，一片漆黑", also=True)
    (True, False)
    """
    clauses = islice(_CLAUSE.finditer(text), 1, None)
    return any(_is_added(found[0], also) for found in clauses)


def is_talk(clause: str) -> bool:
    """Whether a clause only greets, pleads, scolds, warns, or tells how often somebody complained.

    >>> is_talk("多次向物业反映都没人管"), is_talk("我要投诉烧烤店油烟扰民")
    (True, False)
    """
    return bool(_TALK.search(clause)) and len(_HAN.findall(_AROUND.sub("", _TALK.sub("", clause)))) < 4


def _runs(text: str, also: bool) -> list[Part]:
    """Clauses with those that follow them; a sentence, a word that adds and what is left out begin a new run."""
    runs: list[Part] = []
    begins, last = True, 0
    for found in _CLAUSE.finditer(text):
        clause = found[0]
        begins = begins or bool(_ENDED.search(text, last, found.start()))
        last = found.end()
        if is_talk(clause):
            begins = True
            continue
        added = _is_added(clause, also)
        if begins or added:
            runs.append(Part(found.start(), last, added))
        else:
            runs[-1] = runs[-1]._replace(end=last)
        begins = False
    return runs


def _is_added(clause: str, also: bool) -> bool:
    return bool(_NEXT.match(clause) or (also and _ALSO.match(clause)))


def _merged(parts: list[Part], text: str) -> list[Part]:
    """Runs that are too short joined with the next one, or with the one before where the next adds something."""
    index = 0
    while index < len(parts) and len(parts) > 1:
        if _size(text, parts[index]) >= SHORTEST:
            index += 1
            continue
        is_last = index == len(parts) - 1
        if is_last or (index and not parts[index].added and parts[index + 1].added):
            index -= 1
        parts = _joined(parts, index)
    return parts


def _joined(parts: list[Part], index: int) -> list[Part]:
    first, second = parts[index : index + 2]
    return [*parts[:index], Part(first.start, second.end, first.added), *parts[index + 2 :]]


def _size(text: str, part: Part) -> int:
    return len(_HAN.findall(text, part.start, part.end))
