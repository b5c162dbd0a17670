"""What a model promises must hold on texts it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mapie.classification import SplitConformalClassifier
from scipy.stats import binomtest
from sklearn.base import BaseEstimator, ClassifierMixin

from triage.classify.promise import LEVEL, LabelPromise, Promise, certainty, fewest, loosest_threshold, promise_from

NAMES = tuple("甲乙丙丁戊己")
DEFAULTS = {"precision": 0.97, "label_precision": 0.94, "coverage": 0.98, "level": LEVEL}

SURE = np.eye(3)


def _world(chance: np.random.Generator, count: int, labels: int = 6, hardness: float = 1.0):
    """Exchangeable texts: honest probabilities, and the right label drawn from them."""
    margins = chance.normal(size=(count, labels)) * chance.uniform(0.5, 9, size=(count, 1)) / hardness
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    codes = (probabilities.cumsum(axis=1) > chance.uniform(size=(count, 1))).argmax(axis=1)
    return probabilities, codes


def _rows(sure: Sequence[float], right: Sequence[bool], answers: Sequence[int] | None = None):
    """Rows of three labels with these certainties, answers and hits; where it is wrong the next label is right."""
    answer = np.zeros(len(sure), dtype=int) if answers is None else np.array(answers, dtype=int)
    probabilities = np.zeros((len(sure), 3))
    places = np.arange(len(sure))
    probabilities[places, answer], probabilities[places, (answer + 1) % 3] = sure, 1 - np.array(sure)
    return probabilities, np.where(right, answer, (answer + 1) % 3)


def _lower_bound(right: np.ndarray, level: float) -> float:
    """Clopper and Pearson's."""
    interval = binomtest(int(right.sum()), len(right), alternative="greater").proportion_ci(level, method="exact")
    return float(interval.low)


# few different values, so that many certainties are equal; few labels and mostly right, so that something is promised
_row = st.tuples(
    st.sampled_from([0.55, 0.7, 0.8, 0.9, 0.95, 0.99]),
    st.integers(0, 30).map(bool),
    st.sampled_from([0, 0, 0, 1, 1, 2]),
)
held_out = st.lists(_row, min_size=1, max_size=400).map(lambda rows: _rows(*zip(*rows, strict=True)))
wanted = st.sampled_from([0.8, 0.9, 0.97])
levels = st.sampled_from([0.8, 0.9, 0.95])


def _promised(rows, **changed) -> Promise:
    return promise_from(*rows, NAMES[: rows[0].shape[1]], **{**DEFAULTS, **changed})


@given(held_out, wanted, levels)
def test_a_threshold_is_never_taken_where_the_exact_lower_bound_of_its_precision_is_poor(rows, precision, level):
    promise = _promised(rows, precision=precision, level=level)
    if promise.auto_above is not None:
        probabilities, codes = rows
        right = (probabilities.argmax(axis=1) == codes)[certainty(probabilities) >= promise.auto_above]
        assert _lower_bound(right, level) >= precision - 1e-9


@given(held_out, st.sampled_from([0.8, 0.9]), levels)
def test_no_label_with_enough_answers_decides_alone_without_a_bound_of_its_own(rows, precision, level):
    probabilities, codes = rows
    promise = _promised(rows, precision=0.8, label_precision=precision, level=level)
    sure, answers = certainty(probabilities), probabilities.argmax(axis=1)
    for code, label in enumerate(promise.labels):
        mine = answers == code
        if label.auto_above is None or mine.sum() < 2 * fewest(precision, level):
            continue
        # Where the threshold for all is the stricter one, the label's own lies below it.
        own = label.auto_above > promise.auto_above
        limits = [label.auto_above] if own else [limit for limit in set(sure[mine]) if limit <= label.auto_above]
        bounds = [_lower_bound((codes == code)[mine & (sure >= limit)], level) for limit in limits]
        assert max(bounds) >= precision - 1e-9


@given(held_out, wanted)
def test_no_label_decides_alone_below_the_threshold_for_all(rows, precision):
    promise = _promised(rows, precision=precision, label_precision=0.8)
    for label in promise.labels:
        assert label.auto_above is None or label.auto_above >= promise.auto_above


def test_a_label_that_is_often_wrong_does_not_hide_behind_the_others():
    good, poor = [True] * 2000, [index % 8 != 0 for index in range(160)]
    promise = _promised(_rows([0.99] * 2160, [*good, *poor], [0] * 2000 + [1] * 160))
    assert [label.auto_above for label in promise.labels] == [0.99, None, 0.99]
    assert not promise.may_decide(SURE[1:2]).any()


def test_a_label_with_too_few_answers_rests_on_the_promise_for_all():
    good, few = [True] * 2000, [index % 8 != 0 for index in range(2 * fewest(0.94, 0.9) - 1)]
    rows = _rows([0.99] * (2000 + len(few)), [*good, *few], [0] * 2000 + [1] * len(few))
    assert [label.auto_above for label in _promised(rows).labels] == [0.99] * 3


def test_equal_certainties_pass_a_threshold_together_or_not_at_all():
    assert _promised(_rows([0.9] * 1000, [True] * 300 + [False] * 700)).auto_above is None


@given(held_out)
def test_what_was_held_out_in_another_order_is_promised_the_same(rows):
    backwards = tuple(part[::-1] for part in rows)
    assert _promised(rows, precision=0.8) == _promised(backwards, precision=0.8)


def test_poor_precision_earns_no_threshold_however_many_texts():
    rows = _rows([0.99] * 20_000, [index % 20 != 0 for index in range(20_000)])
    promise = _promised(rows)
    assert promise.auto_above is None
    assert not promise.may_decide(SURE).any()
    assert [label.auto_above for label in promise.labels] == [None] * 3


def test_too_few_texts_earn_no_threshold_however_good():
    assert fewest(0.97, 0.9) == 76
    assert _promised(_rows([0.99] * 75, [True] * 75)).auto_above is None
    assert _promised(_rows([0.99] * 76, [True] * 76)).auto_above == 0.99


def test_no_texts_promise_nothing():
    promise = promise_from(np.zeros((0, 3)), np.zeros(0, dtype=int), NAMES[:3], **DEFAULTS)
    assert (promise.auto_above, promise.auto_share, promise.held_out) == (None, 0, 0)
    assert not promise.may_decide(SURE).any()
    assert [len(chosen) for chosen in promise.label_sets(SURE)] == [1, 1, 1]


def test_the_shares_decided_alone_are_the_shares_above_the_thresholds():
    probabilities, codes = _world(np.random.default_rng(5), 4000)
    promise = _promised((probabilities, codes))
    alone = promise.may_decide(probabilities)
    answers = probabilities.argmax(axis=1)
    assert promise.auto_above is not None
    assert promise.auto_share == alone.mean()
    for code, label in enumerate(promise.labels):
        mine = answers == code
        assert (label.label, label.share) == (NAMES[code], alone[mine].mean())
        assert label.precision_found == (codes[mine & alone] == code).mean()


# --- against other computations ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_the_threshold_is_the_one_that_testing_one_after_the_other_gives(seed):
    chance = np.random.default_rng(seed)
    probabilities, codes = _world(chance, int(chance.integers(50, 2000)), hardness=float(chance.uniform(0.3, 1)))
    sure, right = certainty(probabilities).round(2), probabilities.argmax(axis=1) == codes
    falling, first = sorted(sure, reverse=True), max(76, len(sure) // 5)
    expected = None
    for count in np.linspace(first, len(sure), 60).astype(int) if first <= len(sure) else []:
        hits = right[sure >= falling[count - 1]]
        if binomtest(int(hits.sum()), len(hits), 0.97, alternative="greater").pvalue > 1 - 0.9:
            break
        expected = falling[count - 1]
    assert loosest_threshold(sure, right, 0.97, 0.9) == expected


class _Given(ClassifierMixin, BaseEstimator):
    """A classifier for MAPIE whose rows are their own probabilities."""

    def __init__(self, labels: int = 6) -> None:
        self.labels = labels
        self.classes_ = np.arange(labels)
        self.is_fitted_ = True

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return X

    def predict(self, X):
        return X.argmax(axis=1)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.98])
@pytest.mark.parametrize("count", [60, 500])
def test_sets_are_those_of_mapies_split_conformal_classifier(coverage, count):
    chance = np.random.default_rng(count)
    held, fresh = _world(chance, count), _world(chance, 500)[0]
    theirs = SplitConformalClassifier(_Given(), confidence_level=coverage, conformity_score="lac", prefit=True)
    sets = theirs.conformalize(*held).predict_set(fresh)[1][:, :, 0]
    assert np.array_equal(fresh >= _promised(held, coverage=coverage).set_above, sets)


# --- on fresh texts ----------------------------------------------------------------------------------------

WORLDS = 300


@cache
def _fresh(hardness: float):
    """Certainties, answers and chances to be right of very many fresh texts, if no label were praised."""
    probabilities, _ = _world(np.random.default_rng(10**6), 100_000, hardness=hardness)
    return certainty(probabilities), probabilities.argmax(axis=1), probabilities.max(axis=1)


def _praised(chance: np.random.Generator, count: int, hardness: float, praised: float):
    """A world whose answers for the first label are right less often than they say, by this factor."""
    probabilities, codes = _world(chance, count, hardness=hardness)
    spoilt = (probabilities.argmax(axis=1) == 0) & (codes == 0) & (chance.uniform(size=count) > praised)
    return probabilities, np.where(spoilt, 1, codes)


def _kept(hardness: float, praised: float, **wanted_of: float) -> tuple[list[bool], list[bool]]:
    """For each world with a threshold whether its promise holds on fresh texts; the same for the first label's own."""
    sure, answers, chances = _fresh(hardness)
    chances = np.where(answers == 0, chances * praised, chances)
    for_all, own = [], []
    for seed in range(WORLDS):
        probabilities, codes = _praised(np.random.default_rng(seed), 1500, hardness, praised)
        promise = _promised((probabilities, codes), **wanted_of)
        if promise.auto_above is not None:
            limits = np.array([np.inf if label.auto_above is None else label.auto_above for label in promise.labels])
            alone = chances[sure >= limits[answers]]  # the labels' own thresholds leave fewer than the one for all
            kept = [
                part.mean() >= promise.precision for part in (chances[sure >= promise.auto_above], alone) if len(part)
            ]
            for_all.append(all(kept))
            limit = promise.labels[0].auto_above
            if limit is not None:
                own.append(chances[(answers == 0) & (sure >= limit)].mean() >= promise.label_precision)
    return for_all, own


def _assert_kept_at(level: float, kept: list[bool]) -> None:
    assert len(kept) >= 40, "the simulation must say something"
    assert binomtest(sum(kept), len(kept), level, alternative="less").pvalue > 0.01


@pytest.mark.parametrize(("hardness", "praised"), [(0.3, 1.0), (0.5, 1.0), (1.0, 1.0), (0.5, 0.97)])
def test_the_promised_precision_is_broken_no_more_often_than_the_level_says(hardness, praised):
    _assert_kept_at(LEVEL, _kept(hardness, praised)[0])


def test_a_labels_own_promise_follows_the_promise_for_all_unless_it_is_given():
    rows = _rows([0.9] * 20, [True] * 20)
    assert promise_from(*rows, "甲乙丙", precision=0.9).label_precision == pytest.approx(0.87)
    assert promise_from(*rows, "甲乙丙", precision=0.9, label_precision=0.5).label_precision == 0.5


@pytest.mark.parametrize("praised", [0.93, 0.98])
def test_a_labels_own_promise_is_broken_no_more_often_than_the_level_says(praised):
    kept = _kept(0.3, praised, precision=0.85, label_precision=0.9)[1]
    # A world in which the label never decides alone breaks nothing.
    _assert_kept_at(LEVEL, kept + [True] * (WORLDS - len(kept)))
    assert len(kept) >= 40, "the simulation must say something"


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.98])
@pytest.mark.parametrize("count", [60, 500])
def test_on_fresh_texts_sets_hold_the_right_label_at_the_promised_rate(coverage, count):
    held = []
    for seed in range(150):
        chance = np.random.default_rng(seed)
        promise = _promised(_world(chance, count), coverage=coverage)
        probabilities, codes = _world(chance, 400)
        sets = promise.label_sets(probabilities)
        held.append(np.mean([code in chosen for code, chosen in zip(codes, sets, strict=True)]))
    error = np.std(held) / np.sqrt(len(held))
    assert np.mean(held) >= coverage - 3 * error
    assert np.mean(held) <= coverage + 1 / count + 0.01 + 3 * error, (
        "larger sets than promised say less than they could"
    )


# --- deciding ----------------------------------------------------------------------------------------------

rows_of_chances = arrays.arrays(np.float64, st.integers(2, 8), elements=st.floats(0.001, 1)).map(
    lambda row: row / row.sum()
)


@given(rows_of_chances, st.floats(0, 1))
def test_a_set_is_never_empty_and_stands_best_first(row, set_above):
    promise = Promise(0.97, 0.94, LEVEL, 0.98, None, 0.0, set_above, 0)
    [chosen] = promise.label_sets(row[None, :])
    assert 1 <= len(chosen) == promise.set_sizes(row[None, :])[0]
    assert row[chosen[0]] == row.max()
    assert list(row[chosen]) == sorted(row[chosen], reverse=True)
    assert set(np.flatnonzero(row >= set_above)) <= set(chosen.tolist())


@given(rows_of_chances, st.lists(st.none() | st.floats(0.5, 1), min_size=8, max_size=8))
def test_a_model_decides_alone_exactly_from_the_threshold_of_its_answer_on(row, limits):
    labels = tuple(LabelPromise(str(place), limit, 0.5, 1.0) for place, limit in enumerate(limits))
    best, second = sorted(row, reverse=True)[:2]
    limit = limits[int(row.argmax())]
    expected = limit is not None and best / (best + second) >= limit
    assert Promise(0.97, 0.94, LEVEL, 0.98, 0.5, 0.5, 0.1, 100, labels).may_decide(row[None, :]) == [expected]


@given(rows_of_chances)
def test_certainty_lies_between_torn_and_sure_and_does_not_see_the_third_label(row):
    [sure] = certainty(row[None, :])
    assert 0.5 <= sure <= 1
    best, second = sorted(row, reverse=True)[:2]
    assert sure == pytest.approx(best / (best + second))
    assert certainty(np.array([[best, second]]))[0] == pytest.approx(sure)
