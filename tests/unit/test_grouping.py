"""Orders as they arrive: what joins, what does not, what bridges, and what a person said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.unit.grouping_town import START, VAGUE, Order, Town, default_words, said, stream, written
from triage.domain.errors import BadInput
from triage.language.word_table import WordTable
from triage.similar.grouping.grouping import Grouping
from triage.similar.grouping.likeness import Likeness
from triage.similar.grouping.linkage import SAMPLE
from triage.similar.grouping.pairs import PairModel
from triage.similar.grouping.rarity import Floats
from triage.similar.signature import Signature

HOME = Path(__file__).parents[2]

PLANT = [
    said(
        "p1",
        "锦棠苑小区附近混凝土搅拌站夜间噪音扬尘扰民",
        "我住在锦棠苑小区9栋，北边围墙外面那家混凝土搅拌站今年三月开始半夜生产，罐车排队按喇叭，粉尘把阳台落得一层灰，"
        "孩子咳嗽一个多月没好，请环保部门来查。",
        caller="a",
    ),
    said(
        "p2",
        "锦棠苑小区旁搅拌站噪音粉尘污染严重",
        "领导您好，锦棠苑小区几百户人家被北侧搅拌站害惨了，从晚上十点一直响到天亮，水泥灰飘得到处都是，窗户不敢开，"
        "打了几次电话没有人管，什么时候能搬走？",
        1,
        "b",
    ),
    said(
        "p3",
        "请求取缔锦棠苑小区北侧的搅拌站",
        "搅拌站紧挨着锦棠苑小区，没有环评公示就开工，夜里机器轰鸣，运输车漏浆把路面弄得全是泥，老人心脏不好整夜睡不着，"
        "恳请责令停产整改。",
        2,
        "c",
    ),
    said(
        "p4",
        "锦棠苑北面搅拌站又在半夜生产",
        "上次反映锦棠苑北面搅拌站扰民，停了三天又开始了，昨晚一点多还在上料，噪音比以前更大，粉尘依旧，"
        "请给业主一个明确的答复。",
        9,
        "a",
    ),
]
OTHERS = [
    said(
        "lift",
        "锦棠苑小区电梯频繁故障",
        "锦棠苑小区6栋的电梯上个月坏了五次，昨天把一位孕妇关在里面半个钟头，维保公司说配件没到货，年检标志也过期了，"
        "十八楼的老人下不来，请质监部门督促更换。",
    ),
    said(
        "fees",
        "锦棠苑小区物业擅自涨物业费",
        "锦棠苑小区物业没有开业主大会就把收费从一块八调到两块六，不交的车牌不给进门，公共收益账目从不公开，"
        "请房管局核查收费是否备案。",
    ),
    said(
        "elsewhere",
        "墨池雅居小区旁边搅拌站噪声扰民",
        "墨池雅居小区南门外二百米新建了一座搅拌站，没日没夜施工，罐车抢道很危险，住户投诉无门，"
        "请城管和环保到现场检测噪声，看看是否超标。",
    ),
]
# The same plant, as those see it who know its name and those who only smell it, and a call that says both.
BY_NAME = said("by-name", "恒砼建材厂环评手续存疑", "恒砼建材厂投产之前没有公示，恒砼建材厂的环评批复在哪里能查到？")
BY_SMELL = said("by-smell", "鹭洲湾清晨刺鼻沥青味", "鹭洲湾清晨总有刺鼻沥青味飘进来，鹭洲湾的住户头晕恶心。")
BOTH = said("both", f"{BY_NAME.title}，{BY_SMELL.title}", BY_NAME.text + BY_SMELL.text)
PLAIN = PairModel(weights=dict.fromkeys(Likeness._fields, 0.0) | {"words": 16.0}, bias=-6.0)


@pytest.fixture(scope="module")
def words() -> WordTable:
    return default_words()


@pytest.fixture
def town(words: WordTable) -> Town:
    """A town with the default model."""
    return experienced(Town(words))


@pytest.fixture
def plain(words: WordTable) -> Town:
    """A town that goes by shared words alone: what it does with an issue does not hang on how well it finds them."""
    return experienced(Town(words, model=PLAIN), 40)


def experienced(town: Town, calls: int = 110) -> Town:
    """The town when it has heard of other matters, so that it knows which words are common."""
    town.calls(order for order in stream(calls, seed=5) if order.about[1] in ("school", "fees", "water"))
    return town


def later(order: Order, days: float, order_id: str) -> Order:
    return replace(order, id=order_id, at=order.at + timedelta(days=days))


def signature(order_id: str, text: str = "", at: datetime = START) -> Signature:
    return Signature(order_id, at, text, Counter(text.split()))


NOTHING: Floats = np.zeros(4, dtype=np.float32)


# The same again


def test_the_same_orders_give_the_same_ids_in_another_run(words):
    assert Town(words).calls(stream(40)) == Town(words).calls(stream(40))


def test_the_same_orders_give_the_same_ids_in_another_process_with_other_hashes(words):
    script = [sys.executable, "-m", "tests.unit.grouping_town", "40"]
    here = Town(words).calls(stream(40))
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    there = subprocess.run(script, cwd=HOME, env=environment, capture_output=True, check=True, timeout=120)
    assert json.loads(there.stdout) == here


def test_an_order_whose_id_is_known_changes_nothing(words):
    once, twice = Town(words), Town(words)
    orders = list(stream(60))
    ids = once.calls(orders)
    for order in orders:
        twice.call(order)
        known = twice.grouping.add(twice.read(replace(order, text="另一段话", title="")), np.zeros(words.width))
        assert known.issue == twice.grouping.issues.issue_of(twice.grouping.issues.number(order.id))
    assert [twice.issue(order.id) for order in orders] == ids
    assert twice.grouping.rarity.orders == 60 == twice.grouping.remembered.next


def test_a_look_changes_nothing_and_says_what_adding_then_does(words):
    looked_at, other = Town(words), Town(words)
    for order in stream(40):
        seen = [looked_at.look(order) for _ in range(2)]
        found = looked_at.call(order)
        issues = looked_at.grouping.issues
        assert seen[0] == seen[1]
        assert seen[0].nearest == found.nearest
        assert set(found.bridged) <= set(seen[0].bridged), "what fits the order merges where all of both fit"
        assert not seen[0].issue or issues.root[seen[0].issue] == found.issue
        assert seen[0].issue or issues.orders[issues.members(found.issue)[-1]] == order.id
        other.call(order)
    assert looked_at.issues() == other.issues()
    assert (looked_at.grouping.rarity.counts == other.grouping.rarity.counts).all()


# What joins


def test_several_callers_about_one_plant_at_one_compound_are_one_issue(town):
    assert len(set(town.calls(PLANT))) == 1


@pytest.mark.parametrize("other", OTHERS, ids=[order.id for order in OTHERS])
def test_another_matter_there_and_the_same_matter_elsewhere_do_not_join(town, other):
    town.calls(PLANT)
    assert town.calls([other])[0] != town.issue("p1")


def test_one_text_sent_in_two_counties_is_two_issues(town):
    def sent(county: str) -> Order:
        text = f"{county}锦棠苑小区楼下那家烧烤店没有烟道，炭火油烟直接往楼上冒，衣服晾出去全是味道。"
        return said(county, f"{county}锦棠苑小区烧烤店油烟扰民", text)

    here, there, again = town.calls([sent("云溪区"), sent("青岚区"), replace(sent("云溪区"), id="again")])
    assert here == again != there


def test_two_hundred_vague_calls_between_two_issues_do_not_bring_them_together(town):
    here, there = PLANT[0], OTHERS[2]
    town.calls(said(f"w{number}", text, text + "。") for number, text in enumerate(VAGUE.split("|") * 6))
    first, second = town.calls([here, there])
    assert first != second
    for number in range(200):
        text = VAGUE.split("|")[number % 5]
        town.call(said(f"v{number}", text, text + "。", number / 24))
    town.calls([later(here, 9, "here again"), later(there, 9, "there again")])
    assert [town.issue("p1"), town.issue("elsewhere")] == [first, second], "nor did either end in an older one"
    assert [town.issue("here again"), town.issue("there again")] == [first, second]


def test_an_order_that_fits_two_issues_brings_them_together_and_both_ids_lead_there(plain):
    older, younger = plain.calls([BY_NAME, BY_SMELL])
    assert older != younger
    found = plain.call(BOTH)
    issues = plain.grouping.issues
    assert len(found.bridged) == 1
    assert {plain.issue(order.id) for order in (BY_NAME, BY_SMELL, BOTH)} == {older}
    assert issues.get(younger) == issues.get(older) == found.issue
    deed = issues.deeds[-1]
    assert (deed.kind, deed.issue, deed.other, deed.at, deed.by) == ("merged", older, younger, BOTH.at, "")


# Time


def test_what_comes_late_or_out_of_order_joins_as_well(town):
    backwards = [replace(order, at=START + timedelta(days=20 - 5 * at)) for at, order in enumerate(PLANT)]
    assert len(set(town.calls(backwards))) == 1
    issues = town.grouping.issues
    members = issues.members(issues.get_or_raise(town.issue("p1")))
    assert [issues.orders[order] for order in members] == ["p4", "p3", "p2", "p1"]


@pytest.mark.parametrize("year", [1, 1970, 2099, 9999])
def test_an_impossible_date_stands_alone_and_spoils_nothing(town, year):
    first = town.calls(PLANT[:2])[0]
    wrong = replace(PLANT[2], id="wrong", at=datetime(year, 1, 2, tzinfo=UTC))
    assert town.calls([wrong])[0] != first
    assert town.calls(PLANT[2:]) == [first, first]


def test_orders_more_than_the_window_apart_are_never_one_issue_by_themselves(plain):
    first = plain.calls(PLANT[:1])[0]
    assert plain.calls([later(PLANT[0], 366, "after")])[0] != first
    assert plain.calls([later(PLANT[0], -366, "before")])[0] != first


def test_within_the_window_the_same_text_joins(plain):
    first = plain.calls(PLANT[:1])[0]
    assert plain.calls([later(PLANT[0], 364, "in time")])[0] == first


def test_an_issue_that_goes_on_stays_one_over_years(plain):
    ids = plain.calls(later(PLANT[0], 100 * number, f"n{number}") for number in range(12))
    assert len(set(ids)) == 1


# A person's word


def test_what_a_person_split_no_order_brings_together_again(plain):
    together = plain.calls([BY_NAME, BY_SMELL, BOTH])[-1]
    new = plain.grouping.split(together, ["by-smell"], START, "王")
    for number in range(6):
        found = plain.call(replace(BOTH, id=f"more {number}"))
        assert found.issue
    assert plain.issue("by-name") == together != new == plain.issue("by-smell")
    deed = plain.grouping.issues.deeds[-1]
    assert (deed.kind, deed.by, deed.at, deed.orders) == ("split", "王", START, ("by-smell",))


def test_new_orders_go_to_the_part_that_they_fit(plain):
    together = plain.calls([BY_NAME, BY_SMELL, BOTH])[-1]
    new = plain.grouping.split(together, ["by-smell"], START, "王")
    assert plain.calls([replace(BY_SMELL, id="smell"), replace(BY_NAME, id="name")]) == [new, together]


def test_what_a_person_merges_is_one_even_if_it_was_kept_apart(plain):
    together = plain.calls([BY_NAME, BY_SMELL, BOTH])[-1]
    new = plain.grouping.split(together, ["by-smell"], START, "王")
    assert plain.grouping.merge(new, together, START, "李") == together
    assert plain.issue("by-smell") == together == plain.grouping.merge(together, new, START, "李")
    deeds = [(deed.kind, deed.by) for deed in plain.grouping.issues.deeds[-3:]]
    assert deeds == [("merged", ""), ("split", "王"), ("merged", "李")], "what is one already is not merged again"


def test_two_matters_that_a_person_merges_are_one_issue(plain):
    plant, lift = plain.calls([PLANT[0], OTHERS[0]])
    assert plain.grouping.merge(lift, plant, START, "李") == plant
    assert plain.issue("lift") == plant


def test_a_person_cannot_split_or_merge_what_is_not_there(plain):
    issue = plain.calls(PLANT)[0]
    for named in ([], [order.id for order in PLANT], ["p1", "unheard of"]):
        with pytest.raises(BadInput, match="orders"):
            plain.grouping.split(issue, named, START, "王")
    with pytest.raises(BadInput, match="'i-none' is not known"):
        plain.grouping.merge(issue, "i-none", START, "王")
    with pytest.raises(BadInput, match="by: must name the person"):
        plain.grouping.split(issue, ["p1"], START, " ")
    with pytest.raises(BadInput, match="by: must name the person"):
        plain.grouping.merge(issue, issue, START, "")
    assert not any(deed.by for deed in plain.grouping.issues.deeds)


# Bounds


@dataclass(frozen=True)
class _Counted(PairModel):
    """Notes how many pairs were scored at once."""

    seen: list[int] = field(default_factory=list)

    def score(self, likeness: Likeness) -> Floats:
        self.seen.append(len(likeness.words))
        return super().score(likeness)


def test_fifteen_hundred_copies_of_one_text_are_one_issue_at_the_same_cost_each():
    model = _Counted(PLAIN.weights, PLAIN.bias)
    grouping = Grouping(4, model)
    for number in range(1_500):
        grouping.add(signature(str(number), "锦棠 搅拌站 噪音 粉尘"), NOTHING)
    assert grouping.issues.now() == [1]
    assert len(model.seen) == 1_499
    assert model.seen[:SAMPLE] == list(range(1, SAMPLE + 1))
    assert set(model.seen[SAMPLE:]) == {SAMPLE}


def test_an_order_is_never_compared_with_more_than_so_many(words):
    town, model = Town(words), _Counted()
    town.grouping = Grouping(words.width, model)
    town.calls(stream(150, seed=3))
    assert max(model.seen) <= 24 * SAMPLE


def test_beyond_its_capacity_old_orders_are_forgotten_and_issues_keep_their_ids(words):
    small = Town(words, 50, PLAIN)
    others = [order for order in stream(130) if order.about[1] != "plant"]
    ids = {order.id: small.call(order) and small.issue(order.id) for order in [*others, *PLANT]}
    assert small.grouping.remembered.oldest == len(others) + 4 - 50
    assert len({ids[order.id] for order in PLANT}) == 1
    issues = small.grouping.issues
    assert len(issues.orders) == len(ids)
    assert all(issues.get(issue_id) is not None for issue_id in ids.values())


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_a_forgotten_order_is_not_taken_for_the_one_that_took_its_place(words, capacity):
    small = experienced(Town(words, capacity, PLAIN))
    lift, elsewhere = OTHERS[0], OTHERS[2]
    assert len(set(small.calls([BY_NAME, BY_SMELL, lift, elsewhere]))) == 4
    small.calls(replace(order, id=f"{order.id} {turn}") for turn in range(3) for order in [BOTH, lift, elsewhere])
    assert small.issue("lift") != small.issue("elsewhere"), "forgotten, but still two"


def test_a_forgotten_issue_is_not_merged_because_the_newcomer_has_its_record():
    grouping = Grouping(4, PLAIN, capacity=2)
    grouping.add(signature("one", "甲甲 乙乙 丙丙 丁丁 戊戊 己己"), NOTHING)
    grouping.add(signature("two", "子子 丑丑 寅寅 卯卯 辰辰 巳巳"), NOTHING)
    both = signature("both", "乙乙 丙丙 丁丁 戊戊 己己 子子 丑丑 寅寅 卯卯 辰辰 巳巳")
    assert len(grouping.look(both, NOTHING).bridged) == 1
    assert grouping.add(both, NOTHING).bridged == ()
    assert not grouping.issues.deeds, "the record of the first is the third's by now"


def test_what_a_person_does_to_forgotten_orders_is_done(words):
    small = Town(words, 5, PLAIN)
    issue = small.calls(PLANT)[0]
    small.calls(stream(30))
    new = small.grouping.split(issue, ["p1", "p2"], START, "王")
    assert small.issue("p1") == new != small.issue("p3")
    assert small.grouping.merge(issue, new, START, "王") == issue
    assert small.call(replace(PLANT[0], id="again")).issue


# What nobody would write


@pytest.mark.parametrize("text", ["", "吵", "。", "😀🚧🔊", "的", "\x00", "\ud800"])
def test_a_text_that_says_nothing_joins_nothing(town, text):
    before = len(town.issues())
    town.calls([said("n1", text, text), said("n2", text, text)])
    town.calls(PLANT[:1])
    assert len(town.issues()) >= before + 2 - bool(text == "😀🚧🔊")
    assert town.issue("n1") != town.issue("p1")


def test_a_hundred_thousand_characters_are_grouped_by_their_beginning(town):
    first = town.calls(PLANT[:1])[0]
    long = replace(PLANT[0], id="long", text=PLANT[0].text + "请尽快处理。" * 16_000)
    assert len(long.text) > 90_000
    assert town.calls([long])[0] == first


def test_an_unknown_caller_joins_like_any_other(town):
    assert len(set(town.calls(replace(order, caller=None) for order in PLANT))) == 1


def test_an_order_of_rare_words_only_founds_an_issue_of_its_own(plain):
    plain.calls(PLANT)
    odd = said("odd", "霾囧烎槑", "兲氼嘦嫑巭孬，氕氘氚犇猋骉蟲麤毳淼，zxqv kjhw 9931。")
    assert plain.call(odd).nearest == ()
    assert [orders for orders in plain.issues() if "odd" in orders] == [{"odd"}]


def test_a_strange_order_id_is_an_id_like_any_other(words):
    town = Town(words)
    odd = ["", "\ud800", "x" * 10_000, "1\n2"]
    assert len(set(town.calls(written("锦棠苑小区", "lift", 1) and said(order_id, "", "") for order_id in odd))) == 4
