"""Does a reply speak of what the complaint speaks of? Rare words that both use count most."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from triage.language.clean import HAN
from triage.language.segment import Segmenter

FEWEST_WORDS = 12
"""A reply with fewer content words is too brief to tell: most of what it says it would say of any matter."""

OFF_TOPIC = 0.014
"""Less in common than this is off the topic. Measured by `python -m benchmarks.replies`: see docs/eight-checks.md."""

_WORD = re.compile(rf"[{HAN}]{{2,}}|[A-Za-z0-9]{{2,}}")
_QUOTED_TITLE = re.compile(r"[“《][^”》\n]{4,80}[”》]")

# What every reply and every complaint says, whatever it is about.
_FORMULAS = frozenset(
    """
    问题 反映 情况 回复 答复 网友 您好 你好 留言 收悉 感谢 支持 理解 监督 工作 有关 相关 部门 领导 关注 关心
    咨询 投诉 请求 希望 建议 处理 解决 进行 政府 单位 现将 如下 人员 工作人员 联系 电话 尊敬 谢谢 来信 举报 要求
    我们 你们 他们 没有 可以 已经 以及 目前 根据 因为 所以 但是 如果 一个 这个 什么 怎么 能否 是否 是不是 为什么
    群众 市民 居民 调查 核实 落实 及时 重视 高度重视 高度 现在 时间 今年 多次 一直 请问 敬请 书记 市长 尽快 这样
    关于 通过 对于 还有 就是 不能 需要 应该 严重 影响 组织 安排 立即 来电 来电人 诉求 诉求人 热线 工单 街道 办理
    核查 承办
    """.split()
)
_COMMONEST = 60_000_000
"""As often as jieba's dictionary counted all words together."""

_TELLS_NOTHING = 5.0
"""A pair of characters more frequent than one in e to the power of so many weighs nothing."""

Weights = Mapping[str, float]


def common_ground(complaint: Weights, reply: Weights) -> float:
    """The cosine of two texts' weights, from 0 (nothing in common) to 1.

    >>> lamps = weights("小区北门的路灯坏了，晚上一片漆黑")
    >>> common_ground(lamps, weights("已更换北门路灯的灯泡")) > common_ground(lamps, weights("已责令饭店清洗油烟管道"))
    True
    """
    shared = sum(weight * reply[pair] for pair, weight in complaint.items() if pair in reply)
    lengths = _length(complaint) * _length(reply)
    return shared / lengths if lengths else 0.0


def weights(text: str) -> Weights:
    """What a clean text is about: the pairs of characters in its content words, each weighed by how rare it is.

    Pairs, not words: 幼儿园 and 幼儿 are about the same, and a word may be cut in two ways.
    """
    pairs = {pair for word in content_words(text) for pair in _pairs(word)}
    return {pair: _rarity(pair) for pair in pairs}


def content_words(text: str) -> frozenset[str]:
    """The words that tell what a text is about.

    >>> sorted(content_words("您好，您反映的路灯问题已收悉"))
    ['路灯']
    """
    words = _segmenter().words(text)
    return frozenset(word for word in words if _WORD.fullmatch(word) and word not in _FORMULAS)


def without_quotations(text: str) -> str:
    """A text without what it quotes: a title quoted from the complaint is no sign that its matter was dealt with."""
    return _QUOTED_TITLE.sub("", text)


def is_off_topic(complaint: str, reply: str) -> bool | None:
    """Whether a clean reply speaks of something else than a clean complaint; None where either is too brief to tell.

    >>> is_off_topic("小区北门的路灯坏了", "已转交处理") is None
    True
    """
    reply = without_quotations(reply)
    asked = weights(complaint)
    if not asked or len(content_words(reply)) < FEWEST_WORDS:
        return None
    return common_ground(asked, weights(reply)) < OFF_TOPIC


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] if not word.isascii() else [word]


def _length(text: Weights) -> float:
    return math.sqrt(sum(weight * weight for weight in text.values()))


@lru_cache(100_000)
def _rarity(pair: str) -> float:
    return max(0.0, math.log(_COMMONEST / max(_segmenter().frequency(pair), 1)) - _TELLS_NOTHING)


@cache
def _segmenter() -> Segmenter:
    return Segmenter()
