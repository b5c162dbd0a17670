"""A small town whose people complain: written orders made of sentences of our own, the same in every process."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from triage.bootstrap import Service
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import Recall, suggestion
from triage.domain.decisions import Decision
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.similar.encoding.town import TownEncoder
from triage.similar.grouping.grouping import Found, Grouping
from triage.similar.grouping.pairs import PairModel
from triage.similar.memory import Memory
from triage.similar.signature import Signature, SignatureReader

START = datetime(2026, 3, 2, 8, tzinfo=UTC)

_NAMES = "锦棠 望鹤 听澜 桂魄 松风 绮霞 云杉 竹屿 墨池 青禾 鹭洲 雁栖 槐荫 枫眠 芷溪 沁园 瑶台 棠梨 栖凤 漱玉".split()
_KINDS = "苑小区 雅居小区 华庭小区 公寓小区 名邸小区".split()
_COUNTIES = "云溪区 青岚区 临湖县 石桥区".split()
PLACES = {name + kind: _COUNTIES[(a + b) % 4] for a, name in enumerate(_NAMES) for b, kind in enumerate(_KINDS)}

# Of each matter: what a title says, and what callers say of it. {p} is the place.
MATTERS = {
    "plant": (
        "{p}附近混凝土搅拌站夜间噪音扬尘扰民|{p}旁边的搅拌站粉尘和噪声严重|请求整治{p}北侧搅拌站",
        "{p}北侧的混凝土搅拌站每天半夜还在生产|搅拌站罐车进进出出一路漏浆|粉尘落得阳台上厚厚一层灰"
        "|机器轰隆隆响到凌晨三点老人孩子睡不了觉|搅拌站离{p}最近的楼只有五十米|家里窗户一年到头不敢开",
    ),
    "lift": (
        "{p}电梯频繁故障困人|{p}3号楼电梯总是坏|希望维修{p}的电梯",
        "{p}的电梯这个月已经坏了四次|昨天电梯突然下坠又把邻居关在轿厢里四十分钟|高层住户每天爬十八层楼"
        "|电梯年检标志早就过期了|维保单位来看一眼就说没有配件|老人出不了门买菜都要别人代劳",
    ),
    "fees": (
        "{p}物业费涨价不合理|{p}物业乱收费不公示账目|投诉{p}物业擅自提高收费标准",
        "{p}物业没有征求业主意见就把物业费涨到三块二|公共收益从来没有公示过账目|不交涨价部分就停门禁卡"
        "|收费标准没有在物价部门备案|{p}大厅贴的通知连公章都没有|保洁一周来一次服务越来越差",
    ),
    "school": (
        "{p}配套小学迟迟不开学|{p}业主子女入学学区划分问题|{p}配套学校何时交付",
        "买{p}的时候开发商承诺有配套小学|学校主体封顶两年了一直没有移交教育局|孩子只能去六公里外借读"
        "|今年学区划分又把我们划到城西|九月份适龄儿童有两百多个|家长每天接送来回一个半小时",
    ),
    "barbecue": (
        "{p}门口烧烤店油烟扰民|{p}楼下烧烤摊占道经营油烟熏人|{p}一楼烧烤店没有装油烟净化器",
        "{p}东门的烧烤店炭火油烟直接往楼上冒|烧烤摊把桌子摆到人行道上|客人喝酒划拳到凌晨两点"
        "|衣服晾出去全是孜然味|店家没有烟道就在窗口排烟|{p}住在二楼三楼的住户意见最大",
    ),
    "water": (
        "{p}自来水发黄有铁锈味|{p}二次供水水质问题|{p}水箱多年没有清洗水发黄",
        "{p}这半个月放出来的水是黄的|烧开以后壶底一层锈渣|二次供水的水箱听说三年没有清洗"
        "|给婴儿冲奶粉都要买桶装水|自来水公司说是内部管网老化|检测报告一直不肯给我们看",
    ),
}
_OPENINGS = "您好，我是{d}{p}的业主。|{d}{p}的居民反映：|领导好，反映一件{d}{p}的事情。|我住在{d}{p}，"
_CLOSINGS = "恳请有关部门尽快核实处理。|希望领导重视，给个答复。|打过物业电话没人管，盼回复。|请问到底归谁管？谢谢。"
VAGUE = "小区噪音扰民|小区环境太差希望管一管|物业不作为投诉无门|晚上太吵了睡不好觉|反映的问题一直没有解决"


@dataclass(frozen=True)
class Order:
    """A written order and what it is about."""

    id: str
    at: datetime
    title: str
    text: str
    caller: str | None
    about: tuple[str, str] = ("", "")


def written(place: str, matter: str, number: int, at: datetime = START) -> Order:
    """What the caller of that number says about a matter at a place."""
    chance = random.Random(f"{place} {matter} {number}")
    titles, sentences = (each.split("|") for each in MATTERS[matter])
    said = chance.sample(sentences, 4)
    text = chance.choice(_OPENINGS.split("|")) + "，".join(said) + "。" + chance.choice(_CLOSINGS.split("|"))
    names = {"p": place, "d": PLACES[place]}
    title = chance.choice(titles).format(**names)
    return Order(f"{place}-{matter}-{number}", at, title, text.format(**names), f"caller {number}", (place, matter))


def stream(calls: int, seed: int = 0) -> Iterator[Order]:
    """Orders about anything anywhere, an hour apart, every sixth a vague one, every ninth a day late."""
    chance = random.Random(seed)
    for number in range(calls):
        at = START + timedelta(hours=number - 24 * (number % 9 == 8))
        if number % 6 == 5:
            text = chance.choice(VAGUE.split("|"))
            yield Order(f"v{number}", at, text, text + "。", None, ("", str(number)))
        else:
            yield written(chance.choice(list(PLACES)), chance.choice(list(MATTERS)), number, at)


def said(order_id: str, title: str, text: str, days: float = 0, caller: str | None = None) -> Order:
    """An order in somebody's own words, so many days after the town's first."""
    return Order(order_id, START + timedelta(days=days), title, text, caller)


@cache
def default_words() -> WordTable:
    """The table that ships, read once."""
    return WordTable.read(Path(__file__).parents[2] / "models" / "default" / "words")


class FreshService(Service):
    """A service with what another has read from files, that remembers what it receives, as the ledger's books do."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.settings)
        for name in ("_unpromoted", "taxonomy", "calendar", "shelf", "_start", "_table"):
            vars(self)[name] = getattr(service, name)
        self._memories: dict[str, Memory] = {}

    def memory(self, policy: str) -> Memory:
        """What is remembered of a policy's orders."""
        if policy not in self._memories:
            self._memories[policy] = self.new_memory(policy)
        return self._memories[policy]

    def receive(self, request: DecisionRequest) -> Decision:
        """Decide an order and remember it."""
        return self._held(request, self.memory(request.policy).remember)

    def decide(self, request: DecisionRequest) -> Decision:
        """Decide an order, held against those that were received."""
        memory = self._memories.get(request.policy)
        return self._held(request, None if memory is None else memory.recall)

    def _held(self, request: DecisionRequest, recall: Recall | None) -> Decision:
        found = suggestion(self.consider(request), as_of=request.at, stated=request.stated, recall=recall)
        return found.decision


@dataclass
class Town:
    """A town's desk: reads, encodes and groups what comes in."""

    words: WordTable
    capacity: int = 1_000_000
    model: PairModel | None = None
    grouping: Grouping = field(init=False)

    def __post_init__(self) -> None:
        self.grouping = Grouping(self.words.width, self.model, capacity=self.capacity)
        self._reader = SignatureReader(PlaceFinder({}))
        self._encoder = TownEncoder(self.words)

    def read(self, order: Order) -> Signature:
        """The order as it is compared."""
        return self._reader.read(order.id, order.at, order.title, order.text, caller=order.caller)

    def call(self, order: Order) -> Found:
        """Take one order in."""
        signature = self.read(order)
        return self.grouping.add(signature, self._encoder.encode_and_learn([signature.gist])[0])

    def look(self, order: Order) -> Found:
        """Where it would belong."""
        signature = self.read(order)
        return self.grouping.look(signature, self._encoder.encode([signature.gist])[0])

    def calls(self, orders: Iterable[Order]) -> list[str]:
        """Take many in; the id of the issue of each, as it is when all are in."""
        taken = [order.id for order in orders if self.call(order)]
        return [self.issue(order_id) for order_id in taken]

    def issue(self, order_id: str) -> str:
        """The id of the issue that an order is in now."""
        issues = self.grouping.issues
        return issues.ids[issues.issue_of(issues.number(order_id))]

    def issues(self) -> list[set[str]]:
        """The ids of the orders of each issue there is now."""
        issues = self.grouping.issues
        return [{issues.orders[order] for order in issues.members(issue)} for issue in issues.now()]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(Town(default_words()).calls(stream(int(sys.argv[1])))))
