"""What everything that is fitted keeps to, whatever it estimates."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import joblib
import numpy as np
import pytest
from safetensors.numpy import save
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer

from training.fit import Examples, fit_model
from triage.classify.calibration import calibrate
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.classify.store import load_model, save_model
from triage.domain.errors import BadInput
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable

_WORDS = {
    "油烟": "饭店 油烟 熏人 排烟管 烧烤 呛人 不敢开窗 后厨",
    "路灯": "路灯 不亮 漆黑 灯杆 夜里 照明 摔跤 灯泡",
    "停车": "停车 乱停 车位 堵住 车库 挪车 消防通道 占位",
    "噪声": "音响 半夜 太吵 睡不着 低音炮 震动 酒吧 扰民",
}
_FILLER = "小区 门口 希望 处理 物业 反映 多次 没人管 请 附近".split()
PARENTS = {"油烟": "环境", "噪声": "环境", "路灯": "城建", "停车": "城建"}
ODD = {
    "empty": "",
    "blanks": " \n\t　",
    "foreign": "The streetlight is broken. Уличный фонарь не горит. 街灯が消えています İI ẞ ﬁ",
    "nothing known": "龘靐齉爩 zzzz qqqq",
    "control characters": "路灯\x00\x07\x1b[31m不亮\x7f\x85",
    "lone surrogates": "路灯\ud800不亮\udfff",
    "zero width": "路\u200b灯\u200d不\ufeff亮\u2060",
    "emoji": "😡👨‍👩‍👧‍👦🇨🇳",
    "words and emoji": "路灯不亮😡👨‍👩‍👧‍👦🇨🇳",
    "astral characters": "𠮷野家油烟𪚥",
    "the mark between title and text": "路灯\x1e不亮\x1e\x1e",
    "one character": "灯",
    "digits": "13800000000 " * 20,
    "many times one character": "灯" * 2_000,
}
LONG = {"100,000 characters": "饭店油烟太大，" * 14_286, "100,000 times one character": "灯" * 100_000}


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

_TABLE_WORDS = "油烟 路灯 停车 太吵 半夜 灯泡 挪车 油 烟 路 灯 停 车 太 吵 半 夜 泡 挪 龘".split()
TABLE_FILES = {
    "words/model.safetensors": save(
        {"embedding.weight": np.random.default_rng(5).normal(size=(len(_TABLE_WORDS), 4)).astype(np.float16)}
    ),
    "words/tokenizer.json": json.dumps(
        {
            "model": {
                "type": "WordPiece",
                "continuing_subword_prefix": "",
                "vocab": {word: row for row, word in enumerate(_TABLE_WORDS)},
            }
        }
    ).encode(),
}
TABLE = WordTable.from_bytes(*TABLE_FILES.values())
PLAIN = TextFeatures(min_df=1).fit(TEXTS)
WITH_TABLE = TextFeatures(min_df=1, table=TABLE).fit(TEXTS)
WITH_EVERYTHING = TextFeatures(min_df=1, table=TABLE, ends=True).fit(TEXTS)


@dataclass(frozen=True)
class Kind:
    """One thing that is fitted, as the suite sees it."""

    make: Callable[[], Any]
    fit: Callable[[Any, Sequence[str], Sequence[str]], Any]
    given: Callable[[Sequence[str]], Any]
    answer: Callable[[Any, Any], np.ndarray]
    apart: float = 0.0
    """How far an answer alone may lie from the same answer among others: where nothing is said, not by a bit."""


def _of_features(**parameters: Any) -> Kind:
    return Kind(
        make=lambda: TextFeatures(min_df=1, max_features=3000, **parameters),
        fit=lambda estimator, texts, labels: estimator.fit(texts, labels),
        given=list,
        answer=lambda estimator, given: estimator.transform(given).toarray(),
    )


def _of_head(renamed: dict[str, str] | None = None, features: TextFeatures = PLAIN, **parameters: Any) -> Kind:
    names = renamed or {}
    return Kind(
        make=lambda: LinearHead(Cs=(0.5, 1.0), folds=2, **parameters),
        fit=lambda head, texts, labels: head.fit(features.transform(texts), [names.get(one, one) for one in labels]),
        given=lambda texts: features.transform(list(texts)),
        answer=lambda head, given: head.predict_proba(given),
        apart=1e-12,  # a row times a matrix may be summed up in another order than many rows
    )


def _of_calibration(head: LinearHead, off: float = 0.0) -> Kind:
    """Two labels give every number of a matrix the rows it needs, four do not: then it is one temperature.

    Margins that are `off` give a matrix something to mend."""
    places = {name: place for place, name in enumerate(head.classes_)}
    codes = {name: places.get(name, places.get(TWO.get(name))) for name in _WORDS}

    def margins(texts: Sequence[str]) -> np.ndarray:
        return head.decision_function(PLAIN.transform(list(texts))) + off * np.eye(len(places))[0]

    return Kind(
        make=lambda: None,
        fit=lambda _, texts, labels: calibrate(margins(texts), np.array([codes[name] for name in labels])).calibration,
        given=margins,
        answer=lambda calibration, given: calibration.probabilities(given),
        apart=1e-12,
    )


def _fit_model(_: object, texts: Sequence[str], labels: Sequence[str]) -> Any:
    tasks = {"matter": Examples(texts, labels), "domain": Examples(texts, [PARENTS.get(one, one) for one in labels])}
    heads = {"matter": LinearHead(folds=2, parents={**PARENTS, "甲": "甲", "乙": "乙"})}
    features = TextFeatures(min_df=1, table=TABLE, ends=True)
    return fit_model("probe", tasks, primary="matter", features=features, heads=heads)


def _answers(model: Any, texts: Sequence[str]) -> np.ndarray:
    rows = model.features.transform(texts)
    return np.hstack([model.heads[task].predict_proba(rows) / 2 for task in ("matter", "domain")])


TWO = {"油烟": "甲", "噪声": "甲", "路灯": "乙", "停车": "乙"}
HEADS = {
    "LinearHead": _of_head(),
    "LinearHead, balanced": _of_head(balanced=True),
    "LinearHead with parents": _of_head(parents={**PARENTS, "甲": "甲", "乙": "乙"}),
    "LinearHead without Bayes": _of_head(bayes=0),
    "LinearHead of two labels": _of_head(TWO),
    "LinearHead over a table": _of_head(features=WITH_TABLE),
    "LinearHead over a table and ends": _of_head(features=WITH_EVERYTHING),
}
ESTIMATORS = {
    "TextFeatures": _of_features(),
    "TextFeatures with a table": _of_features(table=TABLE),
    "TextFeatures with ends": _of_features(ends=True),
    "TextFeatures with a table and ends": _of_features(table=TABLE, ends=True),
    **HEADS,
}
DISTRIBUTIONS = {
    **HEADS,
    "Calibration by matrix": _of_calibration(
        LinearHead(folds=2).fit(PLAIN.transform(TEXTS), [TWO[x] for x in LABELS]), off=9.0
    ),
    "Calibration by temperature": _of_calibration(LinearHead(folds=2).fit(PLAIN.transform(TEXTS), LABELS)),
    "Model": Kind(lambda: None, _fit_model, list, _answers, apart=1e-12),
}
EVERYTHING = {**ESTIMATORS, **DISTRIBUTIONS}
_FITTED: dict[str, Any] = {}


def _once(name: str) -> Any:
    if name not in _FITTED:
        kind = EVERYTHING[name]
        _FITTED[name] = kind.fit(kind.make(), TEXTS, LABELS)
    return _FITTED[name]


every = pytest.mark.parametrize("name", EVERYTHING)
every_estimator = pytest.mark.parametrize("name", ESTIMATORS)
every_distribution = pytest.mark.parametrize("name", DISTRIBUTIONS)


def _stored(fitted: Any) -> bytes:
    """What joblib makes of it; of a model, of the parts that go into its folder."""
    file = io.BytesIO()
    joblib.dump((fitted.features, dict(fitted.heads)) if isinstance(fitted, Model) else fitted, file)
    return file.getvalue()


def _parts(given: Any) -> list[Any]:
    """What could be changed in what is handed in."""
    if isinstance(given, csr_matrix):
        return [part.tobytes() for part in (given.data, given.indices, given.indptr)]
    return [given.tobytes()] if isinstance(given, np.ndarray) else list(given)


# --- scikit-learn's conventions ----------------------------------------------------------------------------


@every_estimator
def test_fitting_gives_back_the_estimator_itself(name):
    estimator = ESTIMATORS[name].make()
    assert ESTIMATORS[name].fit(estimator, TEXTS, LABELS) is estimator


@every_estimator
def test_parameters_are_stored_untouched_and_fitting_leaves_them_so(name):
    estimator = ESTIMATORS[name].make()
    before = estimator.get_params()
    ESTIMATORS[name].fit(estimator, TEXTS, LABELS)
    after = estimator.get_params(deep=False)
    assert after == before == ESTIMATORS[name].make().get_params()
    assert all(after[parameter] is value for parameter, value in before.items())


@every_estimator
def test_parameters_can_be_set_and_read_again(name):
    estimator = ESTIMATORS[name].make()
    changed = {parameter: object() for parameter in estimator.get_params()}
    assert estimator.set_params(**changed) is estimator
    assert estimator.get_params() == changed


@every_estimator
def test_an_unknown_parameter_is_refused_by_name(name):
    with pytest.raises(ValueError, match="has no parameter 'colour'"):
        ESTIMATORS[name].make().set_params(colour=1)


@every_estimator
def test_a_clone_has_the_parameters_and_nothing_fitted_and_can_be_fitted(name):
    kind, fitted = ESTIMATORS[name], _once(name)
    copy = clone(fitted)
    assert type(copy) is type(fitted)
    assert copy.get_params() == fitted.get_params()
    assert any(attribute.endswith("_") for attribute in vars(fitted))
    assert not [attribute for attribute in vars(copy) if attribute.endswith("_")]
    kind.fit(copy, TEXTS, LABELS)
    assert np.array_equal(kind.answer(copy, kind.given(FRESH)), kind.answer(fitted, kind.given(FRESH)))


# --- fitting -----------------------------------------------------------------------------------------------


@every
def test_fitting_again_on_the_same_gives_the_same_bytes(name):
    kind = EVERYTHING[name]
    assert _stored(kind.fit(kind.make(), TEXTS, LABELS)) == _stored(_once(name))


@every_estimator
def test_fitting_again_on_other_texts_forgets_the_first(name):
    kind = ESTIMATORS[name]
    estimator = kind.fit(kind.make(), FRESH, ["甲", "乙"] * 20)
    kind.answer(estimator, kind.given(FRESH))
    kind.fit(estimator, TEXTS, LABELS)
    assert np.array_equal(kind.answer(estimator, kind.given(FRESH)), kind.answer(_once(name), kind.given(FRESH)))


@every
def test_fitting_changes_nothing_that_is_handed_in(name):
    texts, labels = list(TEXTS), list(LABELS)
    EVERYTHING[name].fit(EVERYTHING[name].make(), texts, labels)
    assert (texts, labels) == (TEXTS, LABELS)


@every
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_can_be_learnt_from(name, text):
    kind = EVERYTHING[name]
    texts, labels = [*TEXTS[:40], text, text, text], [*LABELS[:40], "路灯", "路灯", "路灯"]
    fitted = kind.fit(kind.make(), texts, labels)
    assert np.isfinite(kind.answer(fitted, kind.given(texts))).all()


# --- answering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name != "Model"])
def test_a_stored_one_answers_exactly_like_the_fitted_one(name):
    kind, fitted = EVERYTHING[name], _once(name)
    loaded = joblib.load(io.BytesIO(_stored(fitted)))
    if isinstance(loaded, TextFeatures) and fitted.table is not None:
        assert loaded.table is None, "the table is kept in a file of its own"
        loaded.table = TABLE
    assert np.array_equal(kind.answer(loaded, kind.given(FRESH)), kind.answer(fitted, kind.given(FRESH)))


def test_a_model_that_went_through_its_folder_answers_exactly_like_the_fitted_one(tmp_path):
    model = _once("Model")
    save_model(model, tmp_path / "model", TABLE_FILES, {})
    loaded = load_model(tmp_path / "model")
    texts = [*FRESH, *ODD.values()]
    assert np.array_equal(_answers(loaded, texts), _answers(model, texts))
    assert loaded.predict(texts) == model.predict(texts)
    assert [vars(loaded.heads[task])["promise_"] for task in model.heads] == [
        head.promise_ for head in model.heads.values()
    ]


@every
def test_storing_twice_gives_the_same_bytes_even_after_answering(name):
    kind, fitted = EVERYTHING[name], _once(name)
    before = _stored(fitted)
    kind.answer(fitted, kind.given(FRESH))
    assert _stored(fitted) == before


@every
def test_answering_changes_nothing_that_is_handed_in(name):
    kind = EVERYTHING[name]
    given = kind.given(FRESH)
    before = _parts(given)
    kind.answer(_once(name), given)
    assert _parts(given) == before


@every
def test_an_answer_is_the_same_alone_and_among_others(name):
    kind, fitted = EVERYTHING[name], _once(name)
    texts = [*FRESH, *ODD.values()]
    together = kind.answer(fitted, kind.given(texts))
    alone = np.concatenate([kind.answer(fitted, kind.given([text])) for text in texts])
    assert np.abs(together - alone).max() <= kind.apart


@every
def test_the_order_of_the_rows_does_not_matter(name):
    kind, fitted = EVERYTHING[name], _once(name)
    texts = [*FRESH, *ODD.values()]
    forwards, backwards = (kind.answer(fitted, kind.given(order)) for order in (texts, texts[::-1]))
    assert np.abs(forwards - backwards[::-1]).max() <= kind.apart


@every
def test_no_rows_are_answered_with_no_rows(name):
    kind = EVERYTHING[name]
    assert kind.answer(_once(name), kind.given([])).shape[0] == 0


@every
@pytest.mark.parametrize("text", [*ODD.values(), *LONG.values()], ids=[*ODD, *LONG])
def test_odd_and_long_texts_are_answered_with_finite_numbers(name, text):
    answer = EVERYTHING[name].answer(_once(name), EVERYTHING[name].given([text]))
    assert answer.shape[0] == 1
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts_are_read_and_learnt_from_like_others(text):
    features = TextFeatures(min_df=1, table=TABLE).fit([*TEXTS[:40], text])
    assert (features.read(text)[1] != features.transform([text])).nnz == 0
    assert (features.transform([text, "路灯"])[1:] != features.transform(["路灯"])).nnz == 0


@every_distribution
def test_probabilities_are_probabilities_whatever_was_written(name):
    kind = DISTRIBUTIONS[name]
    chances = kind.answer(_once(name), kind.given([*FRESH, *ODD.values(), *LONG.values()]))
    assert np.allclose(chances.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert ((chances >= 0) & (chances <= 1)).all()


@every_distribution
def test_what_is_plain_is_learnt(name):
    kind = DISTRIBUTIONS[name]
    chances = kind.answer(_once(name), kind.given(TEXTS))[:, :4]
    order = TWO if chances.shape[1] == 2 else {label: label for label in LABELS}
    names = sorted(set(order.values()))
    found = [names[column] for column in chances.argmax(axis=1)]
    assert np.mean([answer == order[label] for answer, label in zip(found, LABELS, strict=True)]) > 0.97


def test_the_two_ways_to_calibrate_are_both_here():
    matrix, temperature = (_once(f"Calibration by {way}").matrix for way in ("matrix", "temperature"))
    assert np.array_equal(temperature, np.eye(4) * temperature[0, 0])
    assert matrix.shape == (2, 2) and matrix[0, 1] != 0


# --- TextFeatures ------------------------------------------------------------------------------------------


def _lengths(rows: Any) -> np.ndarray:
    return np.sqrt((rows.toarray() ** 2).sum(axis=1))


def test_rows_have_length_one_or_nothing_at_all():
    lengths = _lengths(TextFeatures().fit(TEXTS).transform([*FRESH, "", "zzz"]))
    assert np.allclose(lengths[:-2], 1, atol=1e-6)
    assert list(lengths[-2:]) == [0, 0]


def test_the_table_stands_behind_the_other_columns_and_changes_none_of_them():
    texts = [*FRESH, *ODD.values()]
    known, every_column = PLAIN.transform(texts), WITH_TABLE.transform(texts)
    width = known.shape[1]
    assert every_column.shape == (len(texts), width + 2 * TABLE.width)
    assert (every_column[:, :width] != known).nnz == 0


@pytest.mark.parametrize(
    ("title", "text", "lengths"), [("", "路灯", [0, 0.4]), ("路灯", "zzz", [0.4, 0]), ("路灯", "油烟", [0.4, 0.4])]
)
def test_title_and_text_have_a_vector_each_as_long_as_the_tables_share(title, text, lengths):
    row = WITH_TABLE.transform([as_read(title, text)]).toarray()[0, -2 * TABLE.width :]
    found = [np.linalg.norm(row[: TABLE.width]), np.linalg.norm(row[TABLE.width :])]
    assert found == pytest.approx(lengths, abs=1e-6)


def test_a_word_that_only_the_table_knows_still_says_something():
    assert PLAIN.transform(["龘"]).nnz == 0
    assert _lengths(WITH_TABLE.transform(["龘"]))[0] == pytest.approx(0.4, abs=1e-6)
    assert _once("Model").read("龘").evidence("matter", "路灯") is not None


def _analyse(text: str) -> list[str]:
    """The features of a text, written as plainly as can be."""
    plain = "".join("0" if mark in "123456789" else mark for mark in text)
    plain = plain.lower() if len(plain.lower()) == len(plain) else plain
    title, _, body = plain.rpartition("\x1e")
    names = []
    for piece in [title, title, title, body]:
        words = [word for word in Segmenter().words(piece) if word not in " \n\r\t\0"]
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


def test_the_order_of_the_texts_learnt_from_does_not_matter():
    backwards = TextFeatures(min_df=1).fit(TEXTS[::-1])
    assert backwards.words_ == PLAIN.words_
    assert np.array_equal(backwards.grams_, PLAIN.grams_) and np.array_equal(backwards.idf_, PLAIN.idf_)


def test_the_most_frequent_features_are_kept_where_there_are_too_many():
    few = TextFeatures(min_df=1, max_features=50).fit(TEXTS)
    assert len(few.idf_) == 50
    assert sorted(few.idf_) == sorted(PLAIN.idf_)[:50]


@pytest.mark.parametrize("features", [PLAIN, WITH_TABLE, WITH_EVERYTHING], ids=["plain", "table", "table and ends"])
def test_reading_one_text_gives_the_row_that_transforming_gives(features):
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
    in_title, in_text, alone = PLAIN.transform(
        [as_read("路灯", "饭店油烟太大"), as_read("饭店油烟太大", "路灯"), as_read("", "路灯")]
    ).toarray()
    assert in_title @ alone > in_text @ alone > 0


# --- LinearHead --------------------------------------------------------------------------------------------

ROWS = PLAIN.transform(TEXTS)


@pytest.mark.parametrize("name", HEADS)
def test_the_label_predicted_is_the_most_probable_one(name):
    head, rows = _once(name), HEADS[name].given(FRESH)
    assert list(head.predict(rows)) == list(head.classes_[head.predict_proba(rows).argmax(axis=1)])


def test_rows_labels_groups_and_parameters_handed_in_are_not_changed():
    labels, groups, parents, strengths = list(LABELS), list(range(len(LABELS))), dict(PARENTS), [0.5, 1.0]
    rows = WITH_TABLE.transform(TEXTS)
    before = _parts(rows)
    LinearHead(Cs=strengths, parents=parents, folds=2).fit(rows, labels, groups=groups)
    assert _parts(rows) == before
    assert (labels, groups) == (LABELS, list(range(len(LABELS))))
    assert (parents, strengths) == (PARENTS, [0.5, 1.0])


@pytest.mark.parametrize("labels", [["油烟"] * 4, [""] * 4])
def test_a_single_label_is_nothing_to_learn_from(labels):
    with pytest.raises(BadInput, match="at least two different labels"):
        LinearHead().fit(ROWS[:4], labels)


def test_no_rows_are_nothing_to_learn_from():
    with pytest.raises(BadInput, match="at least two different labels"):
        LinearHead().fit(ROWS[:0], [])


def test_texts_that_share_nothing_are_nothing_to_learn_from():
    features = TextFeatures(min_df=2).fit(["油烟", "路灯"])
    with pytest.raises(BadInput, match="the texts share no word and no character"):
        LinearHead().fit(features.transform(["油烟", "路灯"]), ["甲", "乙"])


def test_labels_that_are_numbers_are_taken_as_texts():
    head = LinearHead(folds=2).fit(ROWS, [list(_WORDS).index(label) for label in LABELS])
    assert list(head.classes_) == ["0", "1", "2", "3"]


def _kept(head: LinearHead) -> tuple[int, bool]:
    return head.promise_.held_out, head.promise_.auto_above is not None


@pytest.mark.parametrize("rare", [1, 2, 4])
@pytest.mark.parametrize("name", ["LinearHead", "LinearHead, balanced", "LinearHead without Bayes"])
def test_labels_rarer_than_the_folds_are_learnt_and_do_not_cancel_the_promise(name, rare):
    parameters = {**HEADS[name].make().get_params(), "folds": 5}
    assert _kept(LinearHead(**parameters).fit(ROWS, LABELS)) == (160, True)
    labels = [*LABELS[:-rare], *["独一份"] * rare]
    head = LinearHead(**parameters).fit(ROWS, labels)
    assert "独一份" in head.classes_
    assert _kept(head) == (160 - rare, True), "rare rows are never held out, and the others still are"


def test_a_label_known_from_copies_of_one_text_only_is_rare():
    labels, groups = [*LABELS[:-6], *["独一份"] * 6], [*range(154), *[154] * 6]
    head = LinearHead(folds=5).fit(ROWS, labels, groups=groups)
    assert _kept(head) == (154, True), "where its copies were held out, nothing was left to learn it from"


def test_where_every_label_is_rare_nothing_is_held_out_and_nothing_promised():
    head = LinearHead().fit(ROWS[:4], ["甲", "乙", "丙", "丁"])
    assert _kept(head) == (0, False)
    assert head.Cs[0] == head.C_
    assert not head.promise_.may_decide(head.predict_proba(ROWS)).any()


@pytest.mark.parametrize(
    ("labels", "groups"),
    [
        ("甲乙", None),
        ("甲甲乙", None),
        ("甲甲乙乙", None),
        ("甲甲乙乙", [0, 0, 1, 1]),
        ("甲甲乙乙", [0, 0, 0, 0]),
        ("甲甲甲甲乙乙丙", None),
        ("甲甲甲甲甲乙乙乙乙乙", [0, 1, 2, 3, 4, 5, 5, 5, 5, 5]),
        ("甲甲甲甲甲乙乙乙乙乙", [7] * 10),
        ("甲甲甲甲甲乙乙乙乙乙丙丁戊己庚", [0] * 5 + [1] * 5 + [2, 3, 4, 5, 6]),
        ("甲乙丙丁" * 5, None),
    ],
)
@pytest.mark.parametrize("parents", [None, dict(zip("甲乙丙丁戊己庚", "天地地地天地天", strict=True))])
def test_tiny_data_is_fitted_without_a_warning(labels, groups, parents):
    head = LinearHead(parents=parents).fit(ROWS[: len(labels)], list(labels), groups=groups)  # a warning is an error
    assert np.isfinite(head.predict_proba(ROWS)).all()
    assert head.promise_.auto_above is None


def test_near_copies_stay_on_one_side_of_a_fold():
    copies = [text for text in TEXTS[:30] for _ in range(4)]
    chance = random.Random(3)
    labels = [label for label in (chance.choice("甲乙") for _ in TEXTS[:30]) for _ in range(4)]
    groups = [index for index in range(30) for _ in range(4)]
    rows = PLAIN.transform(copies)
    honest = LinearHead(Cs=(10,), folds=3).fit(rows, labels, groups=groups)
    fooled = LinearHead(Cs=(10,), folds=3).fit(rows, labels)
    assert (_kept(honest), _kept(fooled)) == ((120, False), (120, True)), "labels at random cannot be known"


def test_a_row_without_any_known_feature_gets_the_bias_and_no_fault():
    head = _once("LinearHead")
    empty = csr_matrix((1, ROWS.shape[1]), dtype=np.float32)
    assert np.array_equal(head.decision_function(empty)[0], head.bias_.astype(np.float64))
