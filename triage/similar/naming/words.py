"""The words of a headline or a sentence, and which of them tell anything."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

from triage.language.segment import Segmenter

_TELLING = re.compile(r"[\u4e00-\u9fd5A-Za-z0-9]{2,}")
_HAN_OR_LATIN = re.compile(r"[\u4e00-\u9fd5A-Za-z]")
# Said of every matter, so that nothing is told by them.
_SAID_OF_ALL = frozenset(
    """
    问题 情况 小区 业主 居民 市民 村民 群众 我们 你们 他们 我家 自己 大家 这个 那个 一个 一些 什么 怎么 如何 为何
    为什么 是否 可以 能否 不能
    没有 还有 还是 就是 不是 已经 一直 至今 现在 目前 时候 何时 多次 再次 严重 非常 特别 希望 要求 建议 投诉 反映
    举报 咨询 请问 恳请 求助
    解决 处理 政府 部门 相关 有关 领导 书记 市长 进行 存在 对于 关于 影响 到底 究竟 迟迟 依然 仍然 长期 每天 因为
    所以 但是 而且 并且
    """.split()
)
_TOTAL = 60_000_000  # words that jieba's dictionary was counted over


@cache
def segmenter() -> Segmenter:
    """The one segmenter of this package; its dictionary is read on first use."""
    return Segmenter()


def words_of(text: str) -> list[str]:
    """The words of a text in order; joined together they are the text again."""
    return segmenter().words(text)


def is_telling(word: str) -> bool:
    """Whether a word may tell one matter from another.

    >>> [word for word in words_of("小区的电梯有问题") if is_telling(word)]
    ['电梯']
    """
    return word not in _SAID_OF_ALL and _TELLING.fullmatch(word) is not None and not word.isdigit()


@lru_cache(20_000)
def rarity(word: str) -> float:
    """How much a word tells: the negative logarithm (base e) of its share in jieba's count, from 0 to 18.

    >>> rarity("搅拌站") > rarity("公司") > 0
    True
    """
    count = segmenter().frequency(word) if _HAN_OR_LATIN.search(word) else 1000
    return math.log(_TOTAL / max(1, min(count, _TOTAL)))
