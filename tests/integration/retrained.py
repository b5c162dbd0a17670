"""A small town whose orders teach: invented categories' words, orders made of them, and a few written examples."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from training.taxonomy import Example, WrittenCategory, WrittenTaxonomy, read_taxonomy
from triage.desk.learning.lessons import Lesson
from triage.domain.moments import SHANGHAI

WORDS = {
    "street-light": "路灯 不亮 漆黑 灯杆 夜里 照明 摔跤 灯泡 电线 损坏",
    "manhole-cover": "井盖 缺失 松动 响声 洞口 塌陷 路面 摔跤 损坏 夜里",
    "street-vending": "摊贩 占道 叫卖 夜里 垃圾 推车 拥堵 喇叭 油烟 城管",
    "property-management": "物业 保洁 门禁 电梯 收费 保安 垃圾 损坏 态度 公示",
}
DOMAIN_OF = {"street-light": "城乡建设", "manhole-cover": "城乡建设"}
_FILLER = "小区 门口 希望 处理 反映 多次 没人管 请 附近 居民".split()
_BEGIN = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)


def orders(count: int, seed: int, of: Sequence[str] = tuple(WORDS), words: int = 2) -> list[Lesson]:
    """So many orders, each of some words of its category among others; fewer words make it harder."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        label = chance.choice(list(of))
        said = [*chance.sample(WORDS[label].split(), words), *chance.sample(_FILLER, 4)]
        chance.shuffle(said)
        at = _BEGIN + timedelta(minutes=30 * number)
        found.append(Lesson(f"o{seed}-{number}", "", None, at, "", "".join(said), "category", label, 1.0, ("table",)))
    return found


def small_taxonomy() -> WrittenTaxonomy:
    """The categories of this town with a few written examples each, and as few sentences of every signal."""
    full = read_taxonomy()
    categories = [_fewer(one) for one in full.categories if one.category.id in WORDS]
    signals = {task: _few_of_each(rows) for task, rows in full.signals.items()}
    return WrittenTaxonomy(tuple(categories), signals)


def _fewer(one: WrittenCategory) -> WrittenCategory:
    kept: list[Example] = list(one.examples[:12])
    return WrittenCategory(one.category, one.words, one.look_alikes, one.units, tuple(kept))


def _few_of_each(rows: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    seen: dict[str, int] = {}
    kept = []
    for text, label in rows:
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= 6:
            kept.append((text, label))
    return tuple(kept)
