"""What every estimator keeps to, whatever it estimates."""

from __future__ import annotations

import io
import random
from itertools import pairwise

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.domain.errors import BadInput
from triage.language.segment import Segmenter

_WORDS = {
    "油烟": "饭店 油烟 熏人 排烟管 烧烤 呛人 不敢开窗 后厨",
    "路灯": "路灯 不亮 漆黑 灯杆 夜里 照明 摔跤 灯泡",
    "停车": "停车 乱停 车位 堵住 车库 挪车 消防通道 占位",
    "噪声": "音响 半夜 太吵 睡不着 低音炮 震动 酒吧 扰民",
}
_FILLER = "小区 门口 希望 处理 物业 反映 多次 没人管 请 附近".split()
ODD = {
    "empty": "",
    "blanks": " \n\t　",
    "foreign": "The streetlight is broken. Уличный фонарь не горит. 街灯が消えています İI ẞ ﬁ",
    "control characters": "路灯\x00\x07\x1b[31m不亮\x7f\x85",
    "lone surrogates": "路灯\ud800不亮\udfff",
    "zero width": "路\u200b灯\u200d不\ufeff亮\u2060",
    "emoji": "路灯不亮😡👨‍👩‍👧‍👦🇨🇳",
    "astral characters": "𠮷野家油烟𪚥",
    "the mark between title and text": "路灯\x1e不亮\x1e\x1e",
    "one character": "灯",
    "digits": "13800000000 " * 20,
    "100,000 characters": "饭店油烟太大，" * 14_286,
    "100,000 times one character": "灯" * 100_000,
}


def _written(count: int, seed: int = 7) -> tuple[list[str], list[str]]:
    chance = random.Random(seed)
    labels = [chance.choice(list(_WORDS)) for _ in range(count)]
    texts = []
    for label in labels:
        words = chance.sample(_WORDS[label].split(), 3) + chance.sample(_FILLER, 3)
        chance.shuffle(words)
        texts.append(as_read(words[0] if chance.random() < 0.3 else "", "".join(words)))
    return texts, labels


TEXTS, LABELS = _written(160)
FRESH, _ = _written(40, seed=8)


class _OfFeatures:
    """TextFeatures as the suite sees it."""

    make = staticmethod(lambda: TextFeatures(min_df=1, max_features=3000))
    fit = staticmethod(lambda estimator: estimator.fit(TEXTS, LABELS))
    given = staticmethod(lambda texts: list(texts))

    @staticmethod
    def answer(estimator, given):
        return estimator.transform(given).toarray()


class _OfHead:
    """LinearHead as the suite sees it: on rows of features."""

    features = TextFeatures(min_df=1).fit(TEXTS)
    make = staticmethod(lambda: LinearHead(C=0.5, balanced=True, folds=2))
    fit = staticmethod(lambda estimator: estimator.fit(_OfHead.given(TEXTS), LABELS))
    given = staticmethod(lambda texts: _OfHead.features.transform(list(texts)))

    @staticmethod
    def answer(estimator, given):
        return estimator.predict_proba(given)


@pytest.fixture(scope="module", params=[_OfFeatures, _OfHead], ids=["TextFeatures", "LinearHead"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(kind):
    return kind.fit(kind.make())


def _state(estimator):
    return {name: value for name, value in vars(estimator).items() if name.endswith("_") and name[0] != "_"}


def _same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def test_fitting_gives_back_the_estimator_itself(kind):
    estimator = kind.make()
    assert kind.fit(estimator) is estimator


def test_parameters_are_stored_untouched_and_fitting_leaves_them_so(kind):
    estimator = kind.make()
    before = estimator.get_params()
    kind.fit(estimator)
    assert estimator.get_params(deep=False) == before == kind.make().get_params()


def test_parameters_can_be_set_and_read_again(kind):
    estimator = kind.make()
    changed = {
        name: not value if isinstance(value, bool) else value + 1 for name, value in estimator.get_params().items()
    }
    assert estimator.set_params(**changed) is estimator
    assert estimator.get_params() == changed


def test_an_unknown_parameter_is_refused_by_name(kind):
    with pytest.raises(ValueError, match="has no parameter 'colour'"):
        kind.make().set_params(colour=1)


def test_a_clone_has_the_parameters_and_nothing_fitted(kind, fitted):
    copy = clone(fitted)
    assert type(copy) is type(fitted)
    assert copy.get_params() == fitted.get_params()
    assert _state(fitted) and not _state(copy)


def test_a_stored_estimator_answers_exactly_like_the_fitted_one(kind, fitted):
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    loaded = joblib.load(file)
    assert np.array_equal(kind.answer(loaded, kind.given(FRESH)), kind.answer(fitted, kind.given(FRESH)))
    assert all(_same(value, getattr(loaded, name)) for name, value in _state(fitted).items())


def test_storing_twice_gives_the_same_bytes(kind, fitted):
    files = [io.BytesIO(), io.BytesIO()]
    kind.answer(fitted, kind.given(FRESH))
    for file in files:
        joblib.dump(fitted, file)
    assert files[0].getvalue() == files[1].getvalue()


def test_fitting_again_on_the_same_gives_the_same(kind, fitted):
    again = kind.fit(kind.make())
    assert all(_same(value, getattr(again, name)) for name, value in _state(fitted).items())


def test_fitting_again_on_other_texts_forgets_the_first(kind, fitted):
    estimator = kind.fit(kind.make())
    if kind is _OfFeatures:
        estimator.fit(FRESH)
    else:
        estimator.fit(kind.given(FRESH), ["甲", "乙"] * 20)
    kind.fit(estimator)
    assert np.array_equal(kind.answer(estimator, kind.given(FRESH)), kind.answer(fitted, kind.given(FRESH)))


def test_what_is_handed_in_is_not_changed(kind, fitted):
    given = kind.given(FRESH)
    before = list(given) if isinstance(given, list) else given.copy()
    kind.answer(fitted, given)
    if isinstance(before, list):
        assert given == before
    else:
        assert (given != before).nnz == 0
        assert np.array_equal(given.data, before.data) and np.array_equal(given.indices, before.indices)


def test_labels_handed_in_are_not_changed():
    labels = list(LABELS)
    rows = _OfHead.given(TEXTS)
    before = rows.copy()
    _OfHead.make().fit(rows, labels)
    assert labels == LABELS
    assert np.array_equal(rows.data, before.data)


def test_many_at_once_are_answered_exactly_as_one_by_one(kind, fitted):
    together = kind.answer(fitted, kind.given(FRESH))
    alone = [kind.answer(fitted, kind.given([text]))[0] for text in FRESH]
    assert np.array_equal(together, np.array(alone))


def test_no_rows_are_answered_with_no_rows(kind, fitted):
    assert kind.answer(fitted, kind.given([])).shape[0] == 0


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_are_answered_with_finite_numbers(kind, fitted, text):
    answer = kind.answer(fitted, kind.given([text]))
    assert answer.shape[0] == 1
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_can_be_learnt_from(kind, text):
    texts, labels = [*TEXTS[:40], text, text, text], [*LABELS[:40], "路灯", "路灯", "路灯"]
    if kind is _OfFeatures:
        assert np.isfinite(kind.make().fit(texts).transform(texts).data).all()
    else:
        assert np.isfinite(kind.make().fit(kind.given(texts), labels).predict_proba(kind.given(texts))).all()


# --- TextFeatures ------------------------------------------------------------------------------------------


def test_rows_have_length_one_or_nothing_at_all():
    rows = TextFeatures().fit(TEXTS).transform([*FRESH, "", "zzz"])
    lengths = np.sqrt((rows.toarray() ** 2).sum(axis=1))
    assert np.allclose(lengths[:-2], 1, atol=1e-6)
    assert list(lengths[-2:]) == [0, 0]


def _analyse(text: str) -> list[str]:
    """The features of a text, written as plainly as can be."""
    plain = "".join("0" if mark in "123456789" else mark for mark in text)
    plain = plain.lower() if len(plain.lower()) == len(plain) else plain
    title, _, body = plain.rpartition("\x1e")
    names = []
    for piece in [title, title, title, body]:
        words = [word for word in Segmenter().words(piece) if word not in " \n\r\t"]
        names += [f"word {word}" for word in words]
        names += [f"pair {first}\t{second}" for first, second in pairwise(words)]
        runs = [piece[at : at + size] for size in (1, 2, 3) for at in range(len(piece) - size + 1)]
        names += [f"run {run}" for run in runs if "\0" not in run]
    return names


@pytest.mark.parametrize("min_df", [1, 2, 5])
def test_features_equal_those_of_scikit_learn_with_the_same_analyzer(min_df):
    texts = [*TEXTS, *ODD.values()]
    ours = TextFeatures(min_df=min_df).fit(texts).transform([*FRESH, *texts]).astype(np.float64)
    vectorizer = TfidfVectorizer(analyzer=_analyse, sublinear_tf=True, min_df=min_df, dtype=np.float64)
    theirs = vectorizer.fit(texts).transform([*FRESH, *texts])
    # The columns stand in another order; all products of rows with rows do not depend on it.
    assert ours.shape == theirs.shape
    assert (np.diff(ours.indptr) == np.diff(theirs.indptr)).all()
    assert np.allclose((ours @ ours.T).toarray(), (theirs @ theirs.T).toarray(), atol=1e-6)


def test_the_most_frequent_features_are_kept_where_there_are_too_many():
    few = TextFeatures(min_df=1, max_features=50).fit(TEXTS)
    every = TextFeatures(min_df=1).fit(TEXTS)
    assert len(few.idf_) == 50
    assert sorted(few.idf_) == sorted(every.idf_)[:50]


def test_reading_one_text_gives_the_row_that_transforming_gives():
    features = TextFeatures().fit(TEXTS)
    for text in [*FRESH, *ODD.values()]:
        assert (features.read(text)[1] != features.transform([text])).nnz == 0


@pytest.mark.parametrize("text", [*FRESH[:5], *ODD.values()], ids=[*"12345", *ODD])
def test_every_feature_stands_where_it_says(text):
    features = TextFeatures(min_df=1).fit([*TEXTS, *ODD.values()])
    reading, row = features.read(text)
    assert len(reading.ids) == len(reading.starts) == len(reading.ends)
    places = [*zip(reading.starts, reading.ends, strict=True), *reading.words]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert set(reading.ids.tolist()) == set(row.indices.tolist())


def test_no_number_enters_the_vocabulary():
    texts = ["电话13812345678，住12号楼", "电话00000000000，住00号楼"]
    features = TextFeatures(min_df=1).fit(texts)
    assert not any(digit in name for name in features.words_ for digit in "123456789")
    first, second = features.transform(texts).toarray()
    assert np.array_equal(first, second)


def test_a_title_counts_more_than_the_same_words_in_the_text():
    features = TextFeatures(min_df=1).fit(TEXTS)
    in_title, in_text, alone = features.transform(
        [as_read("路灯", "饭店油烟太大"), as_read("饭店油烟太大", "路灯"), as_read("", "路灯")]
    ).toarray()
    assert in_title @ alone > in_text @ alone > 0


# --- LinearHead --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def head():
    return _OfHead.fit(_OfHead.make())


def test_probabilities_sum_to_one_and_follow_the_margins(head):
    rows = _OfHead.given([*FRESH, *ODD.values()])
    chances = head.predict_proba(rows)
    assert chances.shape == (rows.shape[0], len(head.classes_))
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-12)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (chances.argmax(axis=1) == head.decision_function(rows).argmax(axis=1)).all()


def test_the_label_predicted_is_the_most_probable_one(head):
    rows = _OfHead.given(FRESH)
    assert list(head.predict(rows)) == list(head.classes_[head.predict_proba(rows).argmax(axis=1)])


def test_a_head_learns_what_is_plain(head):
    assert np.mean(head.predict(_OfHead.given(TEXTS)) == np.array(LABELS)) > 0.97


@pytest.mark.parametrize("count", [2, 3])
def test_two_classes_work_like_three(count):
    names = list(_WORDS)[:count]
    kept = [index for index, label in enumerate(LABELS) if label in names]
    rows, labels = _OfHead.given([TEXTS[i] for i in kept]), [LABELS[i] for i in kept]
    head = LinearHead().fit(rows, labels)
    assert head.decision_function(rows).shape == (len(kept), count)
    assert np.mean(head.predict(rows) == np.array(labels)) > 0.97


@pytest.mark.parametrize("labels", [["油烟"] * 4, [""] * 4])
def test_a_single_label_is_nothing_to_learn_from(labels):
    with pytest.raises(BadInput, match="at least two different labels"):
        LinearHead().fit(_OfHead.given(TEXTS[:4]), labels)


def test_no_rows_are_nothing_to_learn_from():
    with pytest.raises(BadInput, match="at least two different labels"):
        LinearHead().fit(_OfHead.given([]), [])


def test_labels_that_are_numbers_are_taken_as_texts():
    head = LinearHead(folds=2).fit(_OfHead.given(TEXTS), [list(_WORDS).index(label) for label in LABELS])
    assert list(head.classes_) == ["0", "1", "2", "3"]


def test_a_label_seen_once_is_learnt_without_a_promise():
    head = LinearHead().fit(_OfHead.given(TEXTS), [*LABELS[:-1], "独一份"])
    assert head.promise_.auto_above is None
    assert "独一份" in head.classes_


def test_near_copies_stay_on_one_side_of_a_fold():
    copies = [text for text in TEXTS[:30] for _ in range(4)]
    chance = random.Random(3)
    labels = [label for label in (chance.choice("甲乙") for _ in TEXTS[:30]) for _ in range(4)]
    groups = [index for index in range(30) for _ in range(4)]
    rows = _OfHead.given(copies)
    honest = LinearHead(C=10, folds=3).fit(rows, labels, groups=groups)
    fooled = LinearHead(C=10, folds=3).fit(rows, labels)
    assert honest.temperature_ > fooled.temperature_, "labels at random cannot be known on texts never seen"


def test_a_row_without_any_known_feature_gets_the_prior_and_no_fault(head):
    empty = csr_matrix((1, _OfHead.given([""]).shape[1]), dtype=np.float32)
    assert np.array_equal(head.decision_function(empty)[0], head.bias_.astype(np.float64))
