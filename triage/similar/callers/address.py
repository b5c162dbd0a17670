"""Addresses in one writing: the place that neighbours share, and the one door behind which a household lives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.language.clean import HAN, clean
from triage.language.house_numbers import HOUSE_NUMBER

LONGEST = 200
"""Characters of an address that are read."""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A place (临沂路88弄), and the door in it ("8-301") where one is named; never printed."""

    place: str
    door: str = ""

    def __repr__(self) -> str:
        return "Address(…)"


def read_address(written: str) -> Address | None:
    """The place and the door of an address; None where nothing smaller than a town or a committee is named.

    A door is a room of a numbered building, or a numbered house of a village; a house number in a street may be a block
    of a hundred flats and is no door.

    >>> address = read_address("上海市浦东新区临沂路88弄8号楼301室")
    >>> (address.place, address.door) == ("临沂路88弄", "8-301")
    True
    >>> read_address("临沂路八十八弄8-301") == address
    True
    """
    text = _plain(written)
    matches = list(_DOOR.finditer(text))
    place = _place(text[: matches[0].start()] if matches else text)
    if len(re.findall(rf"[{HAN}A-Z]", place)) < 2 or _NOWHERE.fullmatch(place):
        return None
    for match in matches:
        if numbers := _door(match[0], place):
            between = text[matches[0].start() : match.start()]
            return Address(_place(place + between) if between else place, "-".join(numbers))
    return Address(place)


def stated_home(text: str) -> str:
    """The address that a text itself says the caller lives at, with its door; empty where it says none.

    Other doors stay out: the one complained about is a neighbour's.

    >>> stated_home("我家住临沂路88弄8号301室，楼上401室装修太吵")
    '临沂路88弄8号301室'
    """
    for match in _LIVES.finditer(clean(text).text):
        found = read_address(match[1])
        if found and found.door:
            return match[1]
    return ""


_LIVES = re.compile(r"(?:家住|现住|我住|人住|住在|住址|居住[在于]|家在)[在于：:是为]{0,2}([^，。；！？\n]{4,60})")
_NOWHERE = re.compile(r"无|不详|未知|同上|不愿透露|保密|本市|本地|附近|.*(?:省|市|县|街道|镇|乡)|.*(?<![小社园校厂])区")
_NUMERAL = re.compile(r"[零〇一二三四五六七八九十百]+(?=弄|号|栋|幢|座|室|房|单元|楼|层|组|队|门|村|期)")
_ABOVE = re.compile(
    rf"^(?:[{HAN}]{{2,8}}?(?:省|自治区)|[{HAN}]{{2,4}}?(?<!城)市(?![场民政花])"
    rf"|[{HAN}]{{1,8}}?(?<![小社园校厂片景库住新])区|[{HAN}]{{1,6}}?新区|[{HAN}]{{1,6}}?县"
    rf"|[{HAN}]{{1,8}}?(?:街道|镇|乡)|[{HAN}]{{2,8}}?(?:社区|居民区|居委会?|村委会?))(?=[{HAN}])(?![路街道巷弄里村])"
)
# In a field for addresses a number and a room need no road before them.
_DOOR = re.compile(rf"{HOUSE_NUMBER.pattern}|[A-Z]?\d{{1,3}}[号\-]\d{{3,4}}(?!\d)")
_BEHIND_THE_LANE = re.compile(r"(\d弄).+")
_BEFORE_THE_COMPOUND = re.compile(rf"^[{HAN}]+路\d+号(?=[{HAN}]{{3}})")
_BLOCK = re.compile(r"[A-Z]?\d+[A-Z]?(?:号楼|号|栋|幢|座|单元|楼|层)*$")
_FLOOR = re.compile(r"\d+[楼层](?=\d)")
_NUMBER = re.compile(r"[A-Z]\d*|\d+[A-Z]?")
_VILLAGE_HOUSE = re.compile(r".*(?:[组队]|(?<![新\d])村)")


def _plain(written: str) -> str:
    text = clean(written[:LONGEST]).text.upper().replace("#", "号")
    text = re.sub(r"[—–－−~]", "-", text)
    text = re.sub(r"[^\w\-]|_", "", text)
    while (shorter := _ABOVE.sub("", text)) != text:
        text = shorter
    return _NUMERAL.sub(lambda match: _arabic(match[0]), text)


def _arabic(numeral: str) -> str:
    """Digits for a number written out (一百零八) or spelt (三〇一)."""
    if not re.search("[十百]", numeral):
        return "".join(str("零一二三四五六七八九".index(char.replace("〇", "零"))) for char in numeral)
    total = digit = 0
    for char in numeral:
        if char in "十百":
            total, digit = total + (digit or 1) * (10 if char == "十" else 100), 0
        else:
            digit = "零一二三四五六七八九".index(char.replace("〇", "零"))
    return str(total + digit)


def _place(text: str) -> str:
    """Less what leads to a building, a lane's name behind its number, and a road before a compound."""
    text = _BLOCK.sub("", text.rstrip("-")).rstrip("-")
    return _BEFORE_THE_COMPOUND.sub("", _BEHIND_THE_LANE.sub(r"\1", text))[:60]


def _door(written: str, place: str) -> list[str]:
    numbers = _NUMBER.findall(_FLOOR.sub("", written))
    is_room = bool(re.search(r"(?:\d[A-Z]?[室房]|\d{3,4}[A-Z]?)$", written))
    if len(numbers) >= 2 and is_room:
        return numbers
    return numbers[:1] if numbers and _VILLAGE_HOUSE.fullmatch(place) else []
