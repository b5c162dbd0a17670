"""Whether the place of an order belongs to the sub-district, and the words that say so.

A wrong "outside" sends an order back to the district unread, so that it takes an outside name and no inside one;
whatever speaks for both sides is unknown, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ahocorasick_rs import AhoCorasick, MatchKind

Side = Literal["inside", "outside"]

# A road runs through many sub-districts: it is a weaker sign than the name of one of them or of a compound.
_WEAK = "roads"
_ROAD_FOLLOWS = re.compile(r"[东西南北中新老]{0,2}[一二三四五六七八九十]{0,2}(?:路|街(?!道)|大道|公路|巷|弄)")
_AREA_FOLLOWS = re.compile(r"街道|社区|居委|居民区|村委|镇|乡")


@dataclass(frozen=True)
class Territory:
    """Where an order belongs: `place` is the known name that decided it, `evidence` the words in the text."""

    value: Literal["inside", "outside", "unknown"]
    place: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class _Sign:
    side: Side
    strong: bool
    name: str


class TerritoryFinder:
    """Knows the names inside and outside one sub-district, by list (roads, compounds, committees, landmarks, names).

    >>> finder = TerritoryFinder({"roads": ["齐河路"], "names": ["南码头路街道"]}, {"names": ["塘桥街道"]})
    >>> finder.find("齐河路路灯不亮")
    Territory(value='inside', place='齐河路', evidence='齐河路')
    >>> finder.find("齐河路路灯不亮", address="塘桥街道").value
    'outside'
    """

    def __init__(self, inside: Mapping[str, Iterable[str]], outside: Mapping[str, Iterable[str]]) -> None:
        self._signs: dict[str, list[_Sign]] = {}
        self._add("inside", inside)
        self._add("outside", outside)
        self._names = sorted(self._signs)
        self._matcher = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest) if self._names else None

    def _add(self, side: Side, lists: Mapping[str, Iterable[str]]) -> None:
        for key, names in lists.items():
            for name in names:
                if name:
                    self._signs.setdefault(name, []).append(_Sign(side, key != _WEAK, name))

    def find(self, text: str, address: str = "") -> Territory:
        """Judges by the address where it names anything known, and by the (clean) text otherwise."""
        signs = self._find_signs(address)
        if signs:
            return _judge(signs, address=True)
        return _judge(self._find_signs(text), address=False)

    def _find_signs(self, text: str) -> list[_Sign]:
        if self._matcher is None or not text:
            return []
        signs: list[_Sign] = []
        for index, _, end in self._matcher.find_matches_as_indexes(text):
            signs += [sign for sign in self._signs[self._names[index]] if not _is_part_of_longer_name(sign, text, end)]
        return signs


def _is_part_of_longer_name(sign: _Sign, text: str, end: int) -> bool:
    """北京 in 北京路 is a road; 南码头路 in 南码头路街道 is a sub-district."""
    if _AREA_FOLLOWS.match(text, end):
        return True
    return sign.strong and _ROAD_FOLLOWS.match(text, end) is not None


def _judge(signs: list[_Sign], *, address: bool) -> Territory:
    inside = [sign for sign in signs if sign.side == "inside"]
    outside = [sign for sign in signs if sign.side == "outside"]
    winners = _winners(inside, outside, address=address)
    if not winners:
        names = dict.fromkeys(sign.name for sign in signs)
        return Territory("unknown", evidence="、".join(names))
    best = next((sign for sign in winners if sign.strong), winners[0])
    return Territory(best.side, best.name, best.name)


def _winners(inside: list[_Sign], outside: list[_Sign], *, address: bool) -> list[_Sign]:
    if not inside or not outside:
        return inside or outside
    strong_inside = any(sign.strong for sign in inside)
    strong_outside = any(sign.strong for sign in outside)
    if strong_inside and not strong_outside:
        return inside
    if address and strong_outside and not strong_inside:
        return outside  # the parts of an address belong together: the road's stretch in that sub-district
    return []
