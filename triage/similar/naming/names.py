"""Names without a telling ending, found by agreement: headlines begin with them, and no ordinary word is in them.

长河帝景, 惠米贷, 瑞邻天下: no list knows them and no ending gives them away, but the orders of an issue repeat them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from triage.language.objects import find_object
from triage.similar.naming.matters import find_matters
from triage.similar.naming.words import rarity, segmenter

GENERIC_END = re.compile(
    r"(?<=..)(?:小区|居民区|住宅区|居民楼|项目|楼盘|业主|平台|(?:股份)?(?:有限)?(?:责任)?公司|门口|附近|旁边?|周边)$"
)
PREFIX = re.compile(r"^(?:[\u4e00-\u9fd5]{2,3}省|[A-Z]\d{0,2}(?:[市区县](?!之))+)+")  # A1区 masks a district
_QUOTED = re.compile(r"[“\"‘「《【]([^“”\"‘’「」《》【】]{2,8})[”\"’」》】]")
_NO_NAME = re.compile(
    r"^\d{4}年|^[\d.]+[月日元号]?$|(?:书记|[省市区县局厅部镇乡处科所校院村]长|主任|先生|女士|领导|政府|医生|老师)$"
)
_LONGEST = 10
_MOST_WORDS = 6
_NAMELIKE_TAGS = ("nr", "ns", "nt", "nz", "x", "eng")
_ORDINARY_TAGS = frozenset(
    [
        "r",
        "p",
        "c",
        "d",
        "u",
        "uj",
        "ul",
        "uv",
        "uz",
        "ug",
        "ud",
        "y",
        "e",
        "f",
        "v",
        "vn",
        "vd",
        "a",
        "ad",
        "an",
        "s",
        "t",
    ]
)
_ORDINARY = frozenset(
    """
    开发商 业主 商铺 门面 房屋 房子 新房 房产 小区 平台 案件 案 公司 问题 工程 项目 物业 工地 管理 员工 职工 政府
    安置 安置房 楼盘
    居民 村民 市民 住户 部门 领导 学生 老师 教师 家长 街道 社区 社区居民 质量 隐患 现场 门口 附近 旁 内 里 的 道路
    马路 路段 交通 环境 车辆
    司机 商户 客户 用户 会员 老板 老人 孩子 小孩 儿童 高层 低层 底层 一楼 地下室 楼上 楼下 空地 绿地 规划 政策
    出入口 站点 地块 成员 村委 书记
    西北 东北 东南 西南 方向 期间 情况 费用 资金 款项 合同 价格 标准 进度 拆迁户 出租车 公交车 线路 车主 民众 百姓
    全体 部分
    """.split()
)
_NOT_AT_THE_END = frozenset("中上下内外里前后月年")
_RARE_LETTER = 9.0  # a verb or adjective of one letter may be in a name only where it is as rare as this
_RARE_WORD = 13.0
_RARE_VERB = 14.0
_RARE_ADJECTIVE = 10.5
_ADJECTIVES = ("a", "an", "ad")


def find_names(headlines: Sequence[str], beginnings: Sequence[int], share: float) -> list[str]:
    """The names that at least `share` of the headlines, and two of them, hold; each stands at a beginning at least
    half the times. `beginnings` says where each headline begins once the road or district before it is passed.

    >>> find_names(["长河帝景有隐患", "长河帝景新房脏乱", "长河帝景太差"], [0, 0, 0], 0.5)
    ['长河帝景']
    """
    if len(headlines) < 2:
        return []
    led: Counter[str] = Counter()
    for headline, begin in zip(headlines, beginnings, strict=True):
        led.update(set(_openings(headline[begin:])))
        led.update(set(_QUOTED.findall(headline)))
    led = Counter({name: count for name, count in led.items() if not _NO_NAME.search(name) and not find_matters(name)})
    least = max(2.0, share * len(headlines))
    counts = {name: sum(name in line for line in headlines) for name in sorted(led) if 2 * led[name] >= least}
    kept = {name: count for name, count in counts.items() if least <= count <= 2 * led[name]}
    return [name for name, count in kept.items() if not _is_cut_short(name, count, kept)]


def _is_cut_short(name: str, count: int, kept: Mapping[str, int]) -> bool:
    return any(longer != name and longer.startswith(name) and kept[longer] == count for longer in kept)


def _openings(text: str) -> Iterator[str]:
    """The runs of words from the start of a text that read like a name."""
    name = ""
    named = False
    for word, tag in segmenter().tagged(text[: 2 * _LONGEST])[:_MOST_WORDS]:
        name += word
        if not _may_be_in_name(word, tag) or len(name) > _LONGEST:
            break
        named = named or _is_namelike(word, tag)
        if named and len(name) > 1 and (len(name) == 2 or name[-1] not in _NOT_AT_THE_END):
            yield name


def _may_be_in_name(word: str, tag: str) -> bool:
    if word == "之":
        return True
    if not word.isalnum() or word in _ORDINARY or find_matters(word):
        return False
    if (thing := find_object(word)) and thing.text == word:
        return False
    if tag in _ORDINARY_TAGS:
        return rarity(word) > (
            _RARE_LETTER if len(word) == 1 else _RARE_ADJECTIVE if tag in _ADJECTIVES else _RARE_VERB
        )
    return True


def _is_namelike(word: str, tag: str) -> bool:
    return tag.startswith(_NAMELIKE_TAGS) or rarity(word) > _RARE_WORD or len(word) == 1
