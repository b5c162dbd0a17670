"""Words and names for a generated stream: the dictionary's words as often as Zipf has them, names from syllables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np

from triage.language.word_table import WordTable

WORDS = 50_000
NAMES = 30_000
_BLOCK = 100_000

_SYLLABLES = (
    "丽金阳景泰和安福林湖江山海云龙凤祥瑞华盛康宁嘉禾锦绣翠竹松柏桂兰荷梅月星河汀洲浦沙溪泉石玉珠银铭德仁义信诚"
)
_ENDINGS = "小区 花园 家园 新村 公寓 路 街 大厦 广场 超市 小学 公园".split()
THINGS = "搅拌站 路灯 电梯 工地 物业 停车位 噪音 油烟 井盖 垃圾站 公交站 广场舞 充电桩 河道 装修 幼儿园".split()
MATTERS = "扰民 扬尘 坏了 没人管 收费高 夜间施工 占道 漏水 发臭 拖延 乱停 不通知".split()
TOWNSHIPS = "青禾街道 柳岸街道 石桥镇 云溪镇 白沙街道 南坪镇 望湖街道 松坡镇".split()
PARTICLES = "的了在是和也都就"


@dataclass(frozen=True)
class Vocabulary:
    """Words and names, the most frequent first."""

    words: tuple[str, ...]
    names: tuple[str, ...]


def vocabulary(table: WordTable) -> Vocabulary:
    """The table's Chinese words of two characters and more, which are the most frequent of jieba's dictionary."""
    words = [word for word in table.words if len(word) > 1 and all("\u4e00" <= mark <= "\u9fa5" for mark in word)]
    return Vocabulary(tuple(words[:WORDS]), tuple(_names(NAMES)))


def zipf(items: Sequence[str], chance: np.random.Generator, steepness: float, offset: float) -> Iterator[str]:
    """Items for ever, the one of rank r with a chance in proportion to (r + offset)^-steepness (Mandelbrot 1953)."""
    weights = (np.arange(len(items)) + offset) ** -steepness
    reach = np.cumsum(weights / weights.sum())
    while True:
        ranks = np.searchsorted(reach, chance.random(_BLOCK)).clip(max=len(items) - 1)
        yield from (items[rank] for rank in ranks.tolist())


def _names(count: int) -> Iterator[str]:
    """Different names; every twelfth pair of syllables in turn has the same ending."""
    pairs = ("".join(pair) for pair in product(_SYLLABLES, repeat=2) if pair[0] != pair[1])
    named = chain.from_iterable(((pair, ending) for ending in _ENDINGS) for pair in pairs)
    shuffled = np.random.default_rng(0).permutation(list(map("".join, named)))
    yield from shuffled[:count].tolist()
