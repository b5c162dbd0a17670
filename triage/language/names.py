"""Names of private persons, found by what stands around them: no list of names, and no name without a context.

Official titles (书记, 局长, 主任 …) are left alone: whom a citizen names as an office-holder is part of the matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from triage.language.segment import Segmenter

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖"
    "石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章"
    "鲁岳翟申欧耿关兰焦俞左柳甘祝包宁符阮尚舒纪梅童毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房屈饶解牟艾尤时穆农司古"
    "吉缪简车项连芦麦褚娄窦戚景党宫费卜冷晏席柯米宗瞿桂全佟应臧闵苟邬边卞姬仲佘阳洪"
)
SURNAME = f"(?:欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|长孙|宇文|端木|申屠|南宫|[{_SURNAMES}])"
_GIVEN = r"(?![的了是在有不和也都很就这那我你他她们]|先生|女士|小姐|阿姨|师傅|老师)[\u4e00-\u9fa5]"
_END = (
    r"(?=$|[^\u4e00-\u9fa5]|电话|手机|联系|身份证|先生|女士|小姐|[，。]|今年|现年|现住|家住|住在|住址|男|女"
    r"|反映|投诉|举报|咨询|来电|系|是)"
)
# After these a name must come, even one that is also an ordinary word (高峰).
_STRONG = re.compile(
    r"(?:我叫|名叫|姓名(?:[：:是为]|叫做?)?|联系人[：:是为]"
    r"|(?:投诉|举报|反映|申请|信访|来电|当事|报案)人(?:姓名)?[：:]) ?"
    rf"({SURNAME}(?:(?:{_GIVEN}){{2}}{_END}|{_GIVEN}{_END}|(?:{_GIVEN}){{1,2}}))"
)
# After these a name may come.
_WEAK = re.compile(
    rf"(?:本人|我是|我系|业主|住户|户主|房东|租客|联系人|投诉人|举报人|反映人|当事人|死者|伤者)"
    rf" ?({SURNAME}(?:{_GIVEN}){{1,2}}?)(?=$|[^\u4e00-\u9fa5]|电话|手机|身份证|联系电话|现住|家住|住在)"
)
_TITLED = re.compile(
    rf"(?=({SURNAME}(?:{_GIVEN}){{0,2}}?)(?:先生|女士|小姐|阿姨|叔叔|大叔|大爷|大妈|大伯|老伯|伯伯|奶奶|爷爷|婆婆|大姐|大哥|师傅|老师|老板))"
)
_NAME_TAGS = ("nr", "x")


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def find_names(text: str) -> list[tuple[int, int]]:
    """Where names of persons stand, in order; a full name found once is found wherever it is repeated.

    >>> find_names("我叫张建国，邻居李女士也反映过，请王书记过问。")
    [(2, 5), (8, 9)]
    """
    found = {match.span(1) for match in _STRONG.finditer(text)}
    found |= {match.span(1) for match in _WEAK.finditer(text) if not _is_ordinary(match[1])}
    found |= set(_titled(text))
    for name in {text[start:end] for start, end in found if end - start > 2}:
        found |= {match.span() for match in re.finditer(re.escape(name), text)}
    return _without_overlaps(found)


def _titled(text: str) -> Iterator[tuple[int, int]]:
    """The surname, with or without a given name, before 先生, 女士 …; it must begin a word (not 任 in 班主任老师)."""
    matches = list(_TITLED.finditer(text))
    if not matches:
        return
    starts = {start for _, start, _ in _segmenter().spans(text)}
    for match in matches:
        start, end = match.span(1)
        begins_a_word = start in starts or text[start - 1 : start] in ("小", "老")
        if begins_a_word and (end - start == 1 or not _is_ordinary(match[1])):
            yield start, end


def _is_ordinary(name: str) -> bool:
    """Whether it is, or is made of, ordinary words (高度, 路过, 常住|户) rather than a name."""
    return any(len(word) > 1 and not tag.startswith(_NAME_TAGS) for word, tag in _segmenter().tagged(name))


def _without_overlaps(spans: set[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
