"""House numbers: what follows the name of a road, lane or compound and leads to one door.

Kept: the lane (88弄 is the compound itself) and a building named alone (3号楼电梯), since neither tells the household.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,5}[A-Za-z]?|[一二三四五六七八九十百零〇]{1,5})"
_BUILDING = rf"(?:[A-Za-z]\d{{0,2}}|{_NUMBER})(?:号楼|号院|栋|幢|座|号(?!线))"
_UNIT = rf"(?:(?:[A-Za-z]|{_NUMBER})(?:单元|号?门(?!口|前)|梯))"
_FLOOR = rf"(?:{_NUMBER}[楼层])"
_MEASURE = r"[\d元万亿千百米平年月日号人户个块多余次天度瓦吨斤公厘分点时路线栋幢%.:：\-]"
_ROOM = r"(?:\d{3,4}[A-Za-z]?|[一二三四五六七八九十零〇]{3,5})(?:室|房(?!屋|产|价|租|东|地|型))"
_BARE_ROOM = rf"\d{{3,4}}[A-Za-z]?(?!{_MEASURE})"
_BY_NAME = r"(?:(?<=[路巷弄村组队])|(?<=[^街]道)|(?<=街))"
_NOT_A_DOOR = r"(?!线|门(?!口|前|面)|文|令|公告|通知|码|地块|地铁)"
# "本村5号开始停水" is a day of the month.
_NOT_A_DAY = r"(?!开|起|晚|早|上午|下午|凌晨|召|到|至|前|后|那天|左右|停)"

HOUSE_NUMBER = re.compile(
    "|".join(
        [
            # 3号楼502, 5栋2单元1201, 8号301室, G2栋320
            rf"(?<![\dA-Za-z月一二三四五六七八九十]){_BUILDING}{_UNIT}?{_FLOOR}?{_ROOM}",
            rf"(?<![\dA-Za-z月一二三四五六七八九十])(?:[A-Za-z]\d{{0,2}}|{_NUMBER})(?:号楼|栋|幢|座){_UNIT}?{_FLOOR}?{_BARE_ROOM}",
            # 临沂路88弄8号, 浦三路120号, 二村12号502
            rf"{_BY_NAME}{_NUMBER}(?:[-－至]{_NUMBER})?号(?!楼|院){_NOT_A_DOOR}{_NOT_A_DAY}(?:{_UNIT}?{_FLOOR}?{_BARE_ROOM})?",
            # 88弄8-301, 二村3-2-501
            r"(?<=[弄村苑区园城庭邸府湾居])\d{1,3}(?:[-－]\d{1,2})?[-－]\d{3,4}(?!\d|[-－年月元])",
            # 2单元1201, 6楼602室, 301室
            rf"(?<![\dA-Za-z一二三四五六七八九十]){_UNIT}{_FLOOR}?(?:{_ROOM}|{_BARE_ROOM})",
            rf"(?<![\dA-Za-z第一二三四五六七八九十]){_FLOOR}?{_ROOM}",
        ]
    )
)
