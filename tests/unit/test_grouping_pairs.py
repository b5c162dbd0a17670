"""Two orders side by side: signs, their sum, samples, candidates, and what is remembered to compare."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.errors import ModelFault
from triage.similar.grouping.candidates import Postings, ranked
from triage.similar.grouping.encoded import Orders, encoded, learnt, order_type, words_of
from triage.similar.grouping.likeness import Likeness, likeness
from triage.similar.grouping.linkage import fit_of_issues, scores
from triage.similar.grouping.pairs import BAN, STRONGEST, PairModel
from triage.similar.grouping.rarity import BUCKETS, Rarity, buckets_of
from triage.similar.grouping.remembered import Remembered
from triage.similar.signature import Signature

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WIDTH = 32
RARITY = Rarity()
for _told in (["电梯", "小区"], ["小区", "噪音"], ["小区"], ["小区", "物业"]):
    RARITY.learn(buckets_of(_told))

words = st.dictionaries(st.sampled_from([f"词{n}" for n in range(12)]), st.integers(1, 4), max_size=10)
names = st.lists(st.sampled_from(["金浦", "丽发", "临沂路", "墨池"]), max_size=3, unique=True).map(tuple)
districts = st.tuples(
    st.sampled_from([(), ("云溪区",), ("青岚区",)]), st.sampled_from([(), ("青石街道",), ("东门街道",)])
)
categories = st.lists(
    st.tuples(st.sampled_from(["noise", "fees", "water"]), st.floats(0, 1)), max_size=3, unique_by=lambda one: one[0]
)
signatures = st.builds(
    Signature,
    order_id=st.just("1"),
    received_at=st.integers(0, 400).map(lambda days: AT + timedelta(days=days)),
    gist=st.just(""),
    terms=words.map(Counter),
    places=names,
    spots=names,
    bodies=names,
    roads=names,
    districts=districts,
    thing=st.sampled_from(["", "电梯", "搅拌站"]),
    caller=st.sampled_from([None, "a", "b"]),
    categories=categories.map(tuple),
)
seeds = st.integers(0, 2**32 - 1)
orders = st.builds(lambda signature, seed: in_numbers(signature, seed), signatures, seeds)


def in_numbers(signature: Signature, seed: int = 0) -> Orders:
    vector = np.random.default_rng(seed).normal(size=WIDTH)
    return encoded(signature, (vector / np.linalg.norm(vector)).astype(np.float32), RARITY)


def order(*said: str, **more: object) -> Orders:
    return in_numbers(replace(Signature("1", AT, "", Counter(said)), **more))


def signs(one: Orders, other: Orders) -> dict[str, float]:
    found = likeness(one, np.stack([other]), RARITY)
    return {name: float(value[0]) for name, value in found._asdict().items()}


def score(one: Orders, other: Orders, model: PairModel | None = None) -> float:
    return float((model or PairModel()).score(likeness(one, np.stack([other]), RARITY))[0])


@settings(max_examples=40)
@given(orders, orders)
def test_it_does_not_matter_which_of_two_orders_comes_first(one, other):
    there, back = signs(one, other), signs(other, one)
    # Sums of the same numbers in another order: equal but for the last bits.
    assert there == pytest.approx(back, abs=1e-6)


@settings(max_examples=25)
@given(orders, st.lists(orders, min_size=1, max_size=12))
def test_a_batch_of_pairs_scores_as_one_pair_at_a_time_to_the_last_bit(one, others):
    together = PairModel().score(likeness(one, np.stack(others), RARITY))
    assert together.tolist() == [score(one, other) for other in others]


@settings(max_examples=40)
@given(orders, orders)
def test_the_signs_stay_in_their_ranges(one, other):
    found = signs(one, other)
    assert 0 <= found["words"] <= 1 + 1e-3
    assert -1.01 <= found["gist"] <= 1.01
    assert 0 <= found["place"] <= 7
    assert 0 <= found["vague"] <= 1
    assert found["gap"] >= 0
    yes_or_no = {found[name] for name in found if name.startswith("other_") or name == "caller"}
    assert yes_or_no <= {0, 1}
    assert found["thing"] in {-1, 0, 1}
    assert 0 <= found["category"] <= 3.01, "three at most, each of them sure"


@settings(max_examples=40)
@given(st.permutations([f"词{n}" for n in range(10)]), st.integers(0, 9))
def test_one_more_shared_word_never_lowers_the_score(said, shared):
    one = order(*said)
    fewer = order(*said[:shared], *(f"别{n}" for n in range(10 - shared)))
    more = order(*said[: shared + 1], *(f"别{n}" for n in range(9 - shared)))
    assert score(one, more) >= score(one, fewer) - 1e-3, "weights are kept in 16 bits"


_some_likeness = st.lists(st.floats(-1, 7, width=32), min_size=len(Likeness._fields), max_size=len(Likeness._fields))


@given(_some_likeness, st.sampled_from(Likeness._fields), st.floats(0, 5, width=32))
def test_the_score_rises_or_falls_with_each_sign_as_its_weight_says(values, name, more):
    before = Likeness(*(np.array([value], dtype=np.float32) for value in values))
    after = before._replace(**{name: getattr(before, name) + np.float32(more)})
    model = PairModel()
    change = float(model.score(after)[0]) - float(model.score(before)[0])
    assert change * model.weights[name] >= 0


@settings(max_examples=40)
@given(orders, orders)
def test_no_pair_speaks_louder_than_the_strongest(one, other):
    assert -BAN <= score(one, other) <= STRONGEST


def test_the_probability_rises_with_the_score_and_stays_between_0_and_1():
    chances = PairModel().probability(np.linspace(-BAN, STRONGEST, 200, dtype=np.float32))
    assert (np.diff(chances) > 0).all()
    assert 0 < chances[0] < chances[-1] < 1


def test_the_same_words_in_another_county_are_another_matter():
    said, named = ("电梯", "困人", "维修"), {"places": ("金浦",)}
    here = order(*said, districts=(("云溪区",), ()), **named)
    there = order(*said, districts=(("青岚区",), ()), **named)
    assert score(here, here) == STRONGEST
    assert score(here, there) < 0


def test_the_same_few_words_from_nowhere_are_no_matter_and_those_of_a_place_are():
    vague, placed = order("噪音", "扰民"), order("噪音", "扰民", places=("金浦",))
    assert signs(vague, vague)["vague"] > 0
    assert score(vague, vague) < 0 < score(placed, placed)
    assert signs(placed, placed)["vague"] == 0


def test_a_long_text_of_rare_words_tells_a_matter_without_a_place():
    told = order(*(f"词{n}" for n in range(40)))
    assert signs(told, told)["vague"] == 0
    assert score(told, told) > 0


def test_nothing_that_speaks_for_a_pair_outweighs_another_county():
    loudest = dict.fromkeys(Likeness._fields, 1.0) | {"place": 7.0, "category": 1.0, "gap": 0.0}
    for_it = {name: value for name, value in loudest.items() if PairModel().weights[name] > 0}
    against = {"other_district": 1.0}
    values = (np.array([(for_it | against).get(name, 0)], dtype=np.float32) for name in Likeness._fields)
    assert PairModel().score(Likeness(*values))[0] < 0


def test_a_place_conflicts_only_where_both_name_one_and_share_none():
    one = {"places": ("金浦",), "spots": ("金浦",)}
    other = {"places": ("墨池",), "spots": ("墨池",)}
    both = {"places": ("金浦", "墨池"), "spots": ("墨池",)}
    assert signs(order("吵", **one), order("吵", **other))["other_spot"] == 1
    assert signs(order("吵", **one), order("吵"))["other_spot"] == 0
    assert signs(order("吵", **one), order("吵", **both))["other_spot"] == 0, "the text names it too"


def test_two_unknown_callers_are_not_one():
    assert signs(order("吵"), order("吵"))["caller"] == 0
    assert signs(order("吵", caller="a"), order("吵", caller="a"))["caller"] == 1


def test_two_orders_without_a_word_share_none():
    found = signs(order(), order())
    assert found["words"] == found["place"] == found["thing"] == 0


def test_a_model_comes_back_from_its_file():
    model = PairModel(bias=-5.5, slope=0.5)
    assert PairModel.from_json(model.to_json()) == model


def _changed(**more: object) -> bytes:
    return json.dumps(json.loads(PairModel().to_json()) | more).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"weights": {}}',
        _changed(more=1),
        _changed(weights=list(Likeness._fields)),
        _changed(weights={"words": 1}),
        _changed(weights=dict.fromkeys([*Likeness._fields, "stars"], 1)),
        _changed(weights=dict.fromkeys(Likeness._fields, "1")),
        _changed(weights=dict.fromkeys(Likeness._fields, float("nan"))),
        _changed(bias=float("inf")),
        _changed(bias=10**400),
        _changed(bias=1e39),
        _changed(bias=True),
        _changed(slope=None),
        _changed(slope=-0.8),
        _changed(slope=0),
    ],
    ids=range(20),
)
def test_what_is_no_model_is_refused(content):
    with pytest.raises(ModelFault, match="pair model"):
        PairModel.from_json(content)


def test_the_fit_of_two_issues_is_the_mean_of_their_pairs_either_way():
    remembered = Remembered(WIDTH, 10)
    for said in (["电梯", "困人"], ["电梯", "维修"], ["电梯", "困人", "维修"], ["油烟"], ["困人"]):
        remembered.add(order(*said))
    one, other, model = [0, 1, 3], [2, 4], PairModel()
    pairs = [scores(remembered.of(a), np.array(other), remembered, model, RARITY) for a in one]
    there = fit_of_issues(one, other, remembered, model, RARITY)
    assert there == pytest.approx(float(np.mean(pairs)), abs=1e-5)
    assert there == fit_of_issues(other, one, remembered, model, RARITY)


def test_a_word_is_rarer_the_fewer_orders_speak_of_it_and_never_below_0():
    rarity = Rarity()
    for number in range(400):
        rarity.learn(buckets_of(["小区", "电梯"] if number % 4 == 0 else ["小区"]))
    common, less, new = rarity.of(buckets_of(["小区", "电梯", "搅拌站"])).tolist()
    assert 0 <= common < less < new


@settings(max_examples=30)
@given(st.lists(st.lists(st.text(max_size=5), max_size=6), max_size=8))
def test_rarity_takes_no_more_room_and_is_the_same_in_another_run(told):
    one, other = Rarity(), Rarity()
    for rarity in (one, other):
        for said in told:
            rarity.learn(np.unique(buckets_of(said)))
    assert one.counts.shape == (BUCKETS,)
    assert (one.counts == other.counts).all()
    assert one.orders == len(told)
    assert (one.of(np.arange(1000, dtype=np.uint32)) >= 0).all()


@given(st.lists(st.text(max_size=6), max_size=20))
def test_no_term_has_the_bucket_that_stands_for_none(terms):
    buckets = buckets_of(terms)
    assert ((buckets > 0) & (buckets < BUCKETS)).all()


def test_a_term_has_the_same_bucket_in_every_process_and_version():
    assert buckets_of(["噪音", "搅拌站", ""]).tolist() == [948321, 514077, 1012591]


def test_an_order_teaches_each_word_once_and_its_shared_words_can_be_named():
    signature = Signature("1", AT, "", Counter({"电梯": 5, "金浦": 1}), places=("金浦",))
    assert len(learnt(signature)) == 2
    assert set(words_of(signature).values()) == {"电梯", "金浦"}


def test_an_order_of_a_thousand_words_is_as_large_as_one_of_none():
    much = order(*(f"词{n}" for n in range(1000)), places=tuple(f"地{n}" for n in range(50)))
    assert much.dtype == order_type(WIDTH)
    assert much.nbytes == order().nbytes
    assert float(much["weights"].astype(np.float32) @ much["weights"].astype(np.float32)) == pytest.approx(1, abs=0.01)


def test_postings_keep_the_latest_issues_of_a_word():
    postings, word = Postings(), buckets_of(["小区"])
    for issue in range(1, 101):
        postings.add(issue, word, postings.find(word))
    assert sorted(postings.find(word)[0].tolist()) == list(range(69, 101))


def test_an_issue_is_noted_once_for_a_word():
    postings, both = Postings(), buckets_of(["小区", "电梯"])
    for _ in range(50):
        postings.add(7, both, postings.find(both))
    assert (postings.find(both) == 7).sum(axis=1).tolist() == [1, 1]


def test_postings_come_back_from_their_state():
    one, other, both = Postings(), Postings(), buckets_of(["小区", "电梯"])
    one.add(3, both[:1], one.find(both[:1]))
    other.restore(one.state())
    for postings in (one, other):
        postings.add(4, both, postings.find(both))
    assert (one.find(both) == other.find(both)).all()


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3, unique=True), max_size=6), st.integers(1, 12))
def test_candidates_are_ranked_by_the_rarity_they_share(rows, most):
    found = np.array(rows, dtype=np.int32).reshape(-1, 3)
    rarity = np.arange(1, len(rows) + 1, dtype=np.float32)
    shared = Counter[int]()
    for row, weight in zip(rows, rarity.tolist(), strict=True):
        shared.update(dict.fromkeys(set(row) - {0}, weight))
    expected = sorted(shared, key=lambda issue: (-shared[issue], issue))[:most]
    assert ranked(found, rarity, most).tolist() == expected


def test_an_issue_that_stands_twice_for_a_word_shares_that_word_once():
    found = np.array([[5, 5, 5, 9], [9, 0, 0, 0]], dtype=np.int32)
    assert ranked(found, np.array([2, 1], dtype=np.float32), 4).tolist() == [9, 5]


@given(st.integers(1, 40), st.integers(0, 100))
def test_what_is_remembered_wraps_at_its_capacity(capacity, count):
    remembered = Remembered(2, capacity)
    record = np.zeros((), dtype=order_type(2))
    for number in range(count):
        record["day"] = number
        assert remembered.add(record) == number
    kept = np.arange(remembered.oldest, count)
    assert len(kept) == min(count, capacity) == len(remembered.state())
    assert remembered.days(kept).tolist() == kept.tolist()


@pytest.mark.parametrize(("capacity", "count"), [(50, 120), (50, 20), (1_500, 1_400), (1_500, 4_000), (5_000, 10)])
def test_what_is_remembered_comes_back_from_its_state_again_and_again(capacity, count):
    remembered = Remembered(2, capacity)
    record = np.zeros((), dtype=order_type(2))
    for number in range(count):
        record["day"] = number
        remembered.add(record)
    for _ in range(3):
        again = Remembered(2, capacity)
        again.restore(remembered.state(), remembered.next)
        for one in (remembered, again):
            record["day"] = one.next
            one.add(record)
        kept = np.arange(again.oldest, again.next)
        assert again.days(kept).tolist() == kept.tolist()
        assert again.state().tobytes() == remembered.state().tobytes()
        remembered = again


def test_records_of_another_width_or_number_are_refused():
    remembered = Remembered(2, 50)
    with pytest.raises(ModelFault, match="remembered orders"):
        remembered.restore(np.zeros(3, dtype=order_type(4)), 3)
    with pytest.raises(ModelFault, match="remembered orders"):
        remembered.restore(np.zeros(3, dtype=order_type(2)), 4)
