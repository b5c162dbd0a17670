"""The promise of precision, held against outcomes at any time, and tightened but never loosened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from triage.classify.features import TextFeatures
from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.classify.promise import LabelPromise, Promise
from triage.desk.learning.checked import Checked, answer_of
from triage.desk.learning.promise import standings, tightenings
from triage.desk.learning.tightening import Tightening, tightened
from triage.desk.learning.wagers import at_any_time, evidence_against, exactly

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LABELS = ("noise", "road")


def promise(above: float | None = 0.8) -> Promise:
    labels = tuple(LabelPromise(label, above, 0.8, 0.98) for label in LABELS)
    return Promise(0.97, 0.94, 0.9, 0.98, above, 0.8, 0.1, 500, labels)


def model(above: float | None = 0.8) -> Model:
    texts = ["施工噪音扰民", "夜里噪音", "路面坑洼", "道路破损"] * 3
    features = TextFeatures().fit(texts)
    head = LinearHead(folds=2).fit(features.transform(texts), ["noise", "noise", "road", "road"] * 3)
    head.promise_ = promise(above)
    return Model("town", "1", features, {"category": head}, "category")


def answers(right: int, wrong: int, label: str = "noise", certainty: float = 0.9) -> list[Checked]:
    """Answers one after another, the wrong ones spread among the right."""
    total = right + wrong
    faults = set(np.linspace(0, total - 1, wrong).astype(int).tolist())
    return [
        Checked(f"{label}{number}", NOON + timedelta(hours=number), label, certainty, number not in faults)
        for number in range(total)
    ]


@pytest.mark.parametrize("orders", [0, 1, 20, 150])
@pytest.mark.parametrize("precision", [0.9, 0.97])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_whoever_bets_against_a_promise_that_holds_cannot_expect_to_win(orders, precision, share):
    truth = precision + (1 - precision) * share
    likely = binom.pmf(np.arange(orders + 1), orders, truth)
    wealth = [evidence_against(right, orders, precision) for right in range(orders + 1)]
    assert likely @ wealth <= 1 + 1e-6


def test_a_kept_promise_is_called_broken_in_few_of_many_watches_however_often_one_looks():
    chances = np.random.default_rng(5)
    right = np.cumsum(chances.random((200, 400)) < 0.97, axis=1)
    ever = [any(evidence_against(int(row[at]), at + 1, 0.97) >= 20 for at in range(19, 400, 20)) for row in right]
    assert np.mean(ever) <= 0.05


def test_a_broken_promise_is_seen_soon():
    checked = answers(right=85, wrong=15)
    every = standings(checked, promise())[0]
    assert every.broken
    assert every.label is None
    assert len(every.wrong) == 15
    assert every.at_any_time[1] < 0.97


def test_a_promise_that_holds_is_left_alone():
    assert not any(one.broken for one in standings(answers(right=485, wrong=15), promise()))


def test_no_orders_say_nothing():
    (every,) = standings([], promise())
    assert (every.precision, every.exact, every.broken) == (None, (0.0, 1.0), False)
    assert every.evidence == 1.0


@settings(max_examples=25)
@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_that_holds_at_any_time_holds_what_was_found(right, wrong):
    low, high = at_any_time(right, right + wrong)
    if right + wrong:
        assert low <= right / (right + wrong) <= high
        exact_low, exact_high = exactly(right, right + wrong)
        assert low <= exact_low + 1e-9
        assert exact_high - 1e-9 <= high


def test_what_broke_is_raised_to_what_outcomes_bear_out():
    checked = [*answers(right=200, wrong=0, certainty=0.99), *answers(right=40, wrong=40, certainty=0.82)]
    (found,) = tightenings(checked, model())
    assert (found.name, found.version, found.task, found.label) == ("town", "1", "category", None)
    assert found.auto_above == 0.99
    assert found.measured["orders"] == 280


def test_what_nothing_bears_out_never_decides_alone_again():
    (found,) = tightenings(answers(right=30, wrong=30), model())
    assert found.auto_above is None
    head = tightened(model(), [found]).heads["category"]
    assert not head.promise_.may_decide(np.array([[0.99, 0.01], [0.0, 1.0]])).any()


def test_a_label_is_tightened_alone_where_the_others_keep_the_promise():
    checked = [*answers(right=3_000, wrong=0, label="road"), *answers(right=70, wrong=30)]
    (found,) = tightenings(checked, model())
    assert (found.label, found.auto_above) == ("noise", None)
    promised = tightened(model(), [found]).heads["category"].promise_
    assert [(one.label, one.auto_above) for one in promised.labels] == [("noise", None), ("road", 0.8)]
    assert promised.auto_above == 0.8


@given(
    st.one_of(st.none(), st.floats(0.5, 1)),
    st.lists(
        st.tuples(st.sampled_from([None, *LABELS, "unknown"]), st.one_of(st.none(), st.floats(0.5, 1))), max_size=5
    ),
    st.lists(st.floats(0, 1), min_size=1, max_size=8),
)
def test_nothing_is_ever_loosened(above, narrowed, chances):
    fitted = MODEL
    fitted.heads["category"].promise_ = promise(above)
    found = [Tightening("town", "1", "category", label, limit, {}) for label, limit in narrowed]
    probabilities = np.array([[one, 1 - one] for one in chances])
    before = fitted.may_decide("category", probabilities)
    after = tightened(fitted, found).may_decide("category", probabilities)
    assert not (after & ~before).any()


def test_what_was_tightened_of_another_version_does_not_count():
    fitted = model()
    other = Tightening("town", "2", "category", None, None, {})
    assert tightened(fitted, [other]) is fitted


def test_a_tightened_model_answers_the_same_but_for_standing_alone():
    fitted = model()
    fitted.predict(["路面坑洼"])
    narrow = tightened(fitted, [Tightening("town", "1", "category", None, None, {})])
    for one, other in zip(fitted.predict(["夜里噪音"]), narrow.predict(["夜里噪音"]), strict=True):
        assert one[:2] == other[:2]
        assert not other.auto
    assert narrow.heads["category"].weights_ is fitted.heads["category"].weights_


@pytest.mark.parametrize("received", [{}, {"answered": None}])
def test_an_entry_from_before_answers_were_put_down_tells_none(received):
    assert answer_of(received) is None


MODEL = model()
