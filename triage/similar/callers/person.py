"""Names of callers as operators write them: a full name, a surname with a title, or nobody's name (匿名, 市民)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.language.clean import HAN, clean
from triage.language.names import SURNAME


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A name in one writing; a surname alone keeps what its title says of man or woman. Never printed."""

    name: str
    full: bool  # whether a given name is known

    def __repr__(self) -> str:
        return f"Person(…, full={self.full})"


def read_person(written: str) -> Person | None:
    """Who a name field names; None where it names nobody or cannot be told from an ordinary word.

    A full name is the same with and without a title. 张先生 and 张女士 are two persons.

    >>> read_person("张 建国（先生）") == read_person("张建国")
    True
    >>> read_person("张先生").full, read_person("热心市民")
    (False, None)
    """
    text = _BRACKETED.sub("", clean(written[:60]).text).strip()
    title = _TITLE.search(text)
    name = _MASK.sub("", text[: title.start()] if title else text)
    if _LATIN.fullmatch(name):
        return Person(" ".join(name.casefold().split()), full=True)
    joined = _INTERPUNCT.sub("", name)
    name = re.sub(r"[\W\d_]+", "", name)
    if _NOBODY.search(name):
        return None
    if surname := _SURNAME.fullmatch(name):
        return Person(surname[1] + _GENDER.get(title[0] if title else "", ""), full=False)
    if _FULL.fullmatch(name) or (joined != text and _FOREIGN.fullmatch(joined)):
        return Person(name, full=True)
    return None


_BRACKETED = re.compile(r"[（(][^（）()]*[）)]?")
_TITLE = re.compile(
    r"(?:先生|女士|小姐|男士|同志|阿姨|叔叔|大叔|大爷|大妈|大伯|老伯|伯伯|奶奶|爷爷|婆婆|大姐|大哥|师傅|老师|老板|老人)\W*$"
)
_GENDER = dict.fromkeys(("先生", "男士", "叔叔", "大叔", "大爷", "大伯", "老伯", "伯伯", "爷爷", "大哥"), "·男")
_GENDER |= dict.fromkeys(("女士", "小姐", "阿姨", "大妈", "奶奶", "婆婆", "大姐"), "·女")
_MASK = re.compile(r"(?<=.)[某*×].*$|(?<=[^A-Za-z])[xX]+$")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'\-]+(?: +[A-Za-z][A-Za-z.'\-]*)+")
_INTERPUNCT = re.compile(r"(?<=\w)[·•・.](?=\w)")
_FOREIGN = re.compile(rf"[{HAN}]{{3,20}}")
_NOBODY = re.compile(
    "匿名|市民|居民|村民|业主|群众|网友|游客|用户|住户|租客|商户|路人|家长|职工|员工|学生|保安|保洁|物业|公司|超市|商店|学校|"
    "居委|村委|街道|来电|投诉|诉求|反映|举报|不详|不明|不愿|未知|未留|未提供|保密|拒绝|无名|无姓|某|测试|方便"
)
_SURNAME = re.compile(rf"[小老阿]?({SURNAME})[工总]?")
_FULL = re.compile(rf"{SURNAME}[{HAN}]{{1,2}}")
