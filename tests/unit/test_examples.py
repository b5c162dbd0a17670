"""Examples and words are shown as reasons only where they are reasons: without them the model is less sure."""

from __future__ import annotations

import json
from functools import cache, partial

import numpy as np
import pytest
from safetensors.numpy import save

from training.apply import train
from training.default_model import shown_examples
from training.fit import Examples as Rows
from training.fit import fit_model
from training.taxonomy import Example, WrittenCategory, WrittenTaxonomy
from triage.classify.evidence import pull
from triage.classify.examples import NONE, TEXTS, VECTORS, Examples, example_files
from triage.classify.features import TextFeatures, as_read
from triage.classify.head import LinearHead
from triage.classify.model import Model
from triage.classify.store import load_model, save_model
from triage.classify.taxonomy import Category
from triage.desk.examples import near_examples
from triage.domain.decisions import CategoryGuess
from triage.domain.errors import ModelFault
from triage.language.word_table import WordTable

WRITTEN = {
    "light": [
        ("", "小区门口的路灯坏了，晚上很黑"),
        ("路灯不亮", "巷子里一片漆黑，老人不敢出门"),
        ("", "公园里的路灯白天亮着，晚上反倒不亮"),
        ("", "路灯杆被车撞歪了，线露在外面"),
        ("", "新修的大桥上没有装灯"),
    ],
    "fumes": [
        ("", "楼下饭店的油烟熏得睡不着"),
        ("油烟扰民", "烧烤摊每天半夜冒烟，窗户不敢开"),
        ("", "面馆的排烟管正对我家阳台"),
        ("", "食堂的油烟机坏了，整栋楼都是味道"),
        ("", "隔壁火锅店的气味很重"),
    ],
    "noise": [
        ("", "工地半夜还在打桩，太吵了"),
        ("噪声扰民", "广场舞的音响晚上十点还不关"),
        ("", "楼上装修从早吵到晚"),
        ("", "酒吧的低音震得床都在抖"),
        ("", "学校的喇叭一早就响"),
    ],
}
ROWS = [(as_read(title, text), name) for name, rows in WRITTEN.items() for title, text in rows]
ASKED = [
    ("小区的路灯坏了，晚上走路看不见", "light"),
    ("饭店油烟很大，窗户不敢开", "fumes"),
    ("工地晚上打桩太吵，睡不着", "noise"),
]
each_asked = pytest.mark.parametrize(("text", "label"), ASKED)


def _table_files():
    words = ["路灯", "油烟", "工地", "晚上", "饭店", *"路灯油烟工地晚上饭店半夜坏了不亮"]
    rows = {word: row for row, word in enumerate(dict.fromkeys(words))}
    vectors = np.random.default_rng(0).normal(size=(len(rows), 8)).astype(np.float16)
    tokenizer = {"model": {"type": "WordPiece", "continuing_subword_prefix": "", "vocab": rows}}
    return {
        "words/model.safetensors": save({"embedding.weight": vectors}),
        "words/tokenizer.json": json.dumps(tokenizer).encode(),
    }


def _fitted(left_out=()):
    """Features that know every example, and a head that learnt from all but a few."""
    table = WordTable.from_bytes(*_table_files().values())
    features = TextFeatures(min_df=1, table=table).fit([text for text, _ in ROWS])
    kept = [row for row in ROWS if row[0] not in left_out]
    rows = features.transform([text for text, _ in kept])
    head = LinearHead(Cs=(0.3,), bayes=0, folds=2).fit(rows, [name for _, name in kept])
    return features, head


@pytest.fixture(scope="module")
def shelf():
    features = TextFeatures(min_df=1).fit([text for text, _ in ROWS])
    return Examples.from_bytes(*example_files(WRITTEN, features.transform([text for text, _ in ROWS])).values())


@pytest.fixture(scope="module")
def model(shelf):
    features, head = _fitted()
    return Model("small", "1", features, {"category": head}, "category", examples=lambda: shelf)


@pytest.fixture
def folder(model, tmp_path):
    features = model.features
    rows = features.transform([text for text, _ in ROWS])[:, : len(features.idf_)]
    save_model(model, tmp_path / "model", {**example_files(WRITTEN, rows), **_table_files()}, {})
    return tmp_path / "model"


@each_asked
@pytest.mark.parametrize("title", ["", "路灯油烟", "!!"])
def test_the_words_together_explain_the_margin(model, text, label, title):
    head = model.heads["category"]
    reading = model.read(as_read(title, text))
    found = pull(model.features, head, list(head.classes_).index(label), reading.reading, reading.row)
    margins = dict(zip(head.classes_, head.decision_function(reading.row)[0], strict=True))
    own = margins.pop(label)
    shared_out = sum(weight for _, _, weight in found.words) + found.elsewhere
    assert shared_out == pytest.approx(own - sum(margins.values()) / len(margins), abs=1e-3)


@pytest.mark.parametrize("text", ["", "龘", "!?"])
def test_where_no_word_is_known_all_of_the_margin_stands_elsewhere(model, text):
    head = model.heads["category"]
    reading = model.read(text)
    found = pull(model.features, head, 0, reading.reading, reading.row)
    own, *others = (head.decision_function(reading.row)[0]).tolist()
    assert found.elsewhere + sum(weight for _, _, weight in found.words) == pytest.approx(
        own - sum(others) / 2, abs=1e-3
    )


@each_asked
def test_a_word_that_only_the_table_knows_has_a_weight_too(model, text, label):
    features = TextFeatures(min_df=1, table=WordTable.from_bytes(*_table_files().values())).fit(["一", "二"])
    rows = features.transform([text for text, _ in ROWS])
    head = LinearHead(Cs=(1.0,), bayes=0, folds=2).fit(rows, [name for _, name in ROWS])
    reading, row = features.read(text)
    found = pull(features, head, list(head.classes_).index(label), reading, row)
    assert any(weight != 0 for _, _, weight in found.words)


@each_asked
def test_without_the_strongest_words_the_answer_is_less_sure(model, text, label):
    reading = model.read(text)
    assert next(iter(reading.probabilities("category"))) == label
    strongest = sorted(reading.evidence("category", label), key=lambda word: -word[2])[:3]
    rest = text
    for word in [text[start:end] for start, end, _ in strongest]:
        rest = rest.replace(word, "")
    assert model.read(rest).probabilities("category")[label] < reading.probabilities("category")[label]


@each_asked
def test_taught_without_the_examples_shown_the_model_is_less_sure(model, text, label):
    shown = [as_read(one.title, one.text) for one in model.read(text).examples(label, 2)]
    features, head = _fitted(left_out=shown)
    row = features.transform([text])
    before, after = (one.decision_function(row)[0] for one in (model.heads["category"], head))
    at = list(head.classes_).index(label)
    assert after[at] - np.delete(after, at).max() < before[at] - np.delete(before, at).max()


@each_asked
def test_examples_are_of_the_category_asked_for_nearest_first_and_no_more_than_asked(model, text, label):
    found = model.read(text).examples(label, 3)
    assert len(found) == 3
    assert all((one.title, one.text) in WRITTEN[label] and one.category == label for one in found)
    similarities = [one.similarity for one in found]
    assert similarities == sorted(similarities, reverse=True)
    assert 0 < similarities[0] <= 1


def test_an_example_stands_nearest_to_itself(model):
    for title, text in WRITTEN["light"]:
        nearest = model.read(as_read(title, text)).examples("light", 1)[0]
        assert (nearest.title, nearest.text) == (title, text)


def test_a_category_without_examples_shows_none_and_one_with_few_shows_these(model):
    assert model.read(ASKED[0][0]).examples("unheard-of", 3) == []
    assert len(model.read(ASKED[0][0]).examples("light", 99)) == len(WRITTEN["light"])


def test_where_the_matter_is_torn_the_second_category_has_the_last_example(model):
    def shown(*in_set):
        listed = [
            CategoryGuess(name, f"名{name}", "", 0.5, one) for name, one in zip(("light", "fumes"), in_set, strict=True)
        ]
        found = near_examples(model.read("饭店门口的路灯坏了，油烟很大"), listed)
        return [(one.category.id, one.category.name) for one in found]

    assert shown(True, True) == [("light", "名light")] * 2 + [("fumes", "名fumes")]
    assert set(shown(True, False)) == {("light", "名light")}


@pytest.mark.parametrize("text", ["", "zzz", "龘靐"])
def test_where_nothing_is_understood_no_example_is_shown(model, text):
    guess = CategoryGuess("light", "路灯", "", 0.5, in_set=True)
    assert near_examples(model.read(text), [guess]) == ()
    assert near_examples(model.read("路灯"), []) == ()


def test_a_saved_model_shows_the_same_examples(model, folder):
    loaded = load_model(folder)
    for text, label in ASKED:
        assert loaded.read(text).examples(label, 3) == model.read(text).examples(label, 3)


def test_the_files_are_plain_data(folder):
    assert json.loads((folder / TEXTS).read_bytes()) == {
        name: [list(row) for row in of] for name, of in WRITTEN.items()
    }
    assert b"path" not in (folder / VECTORS).read_bytes()[:200] and (folder / VECTORS).suffix == ".safetensors"


@pytest.mark.parametrize("name", [TEXTS, VECTORS])
def test_files_are_read_only_when_asked_for_and_only_as_the_manifest_names_them(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes() + b" ")
    model = load_model(folder)
    with pytest.raises(ModelFault, match=f"{name} is not the file the manifest names"):
        model.read("路灯坏了").examples("light", 3)


@pytest.mark.parametrize(
    ("texts", "vectors"),
    [
        (b"{}", None),
        (b"[]", None),
        (b"{", None),
        (b'{"light": [["one"]]}', None),
        (b'{"light": [["", "one", "more"]]}', None),
        (None, b""),
        (None, b"\x00" * 20),
    ],
)
def test_files_that_do_not_fit_are_told(texts, vectors):
    rows = TextFeatures(min_df=1).fit(["路灯"]).transform(["路灯"])
    files = example_files({"light": [("", "路灯")]}, rows)
    with pytest.raises(ModelFault, match="examples"):
        Examples.from_bytes(texts or files[TEXTS], files[VECTORS] if vectors is None else vectors)


def test_a_model_from_citizens_messages_keeps_none_of_them(tmp_path):
    data = tmp_path / "orders.csv"
    data.write_text("text,matter\n" + "".join(f"{text},{name}\n" for text, name in ROWS), encoding="utf-8")
    train(data, ["text"], "matter", tmp_path / "model", say=lambda line: None)
    assert not {TEXTS, VECTORS} & {path.name for path in (tmp_path / "model").iterdir()}
    model = load_model(tmp_path / "model")
    assert model.examples() is NONE
    assert model.read(ASKED[0][0]).examples("light", 3) == []


def test_a_fitted_model_shows_nothing_unless_it_is_given_examples():
    model = fit_model(
        "plain",
        {"matter": Rows([text for text, _ in ROWS], [name for _, name in ROWS])},
        primary="matter",
        features=TextFeatures(min_df=1),
    )
    assert model.read("路灯坏了").examples("light", 3) == []


def test_the_default_model_shows_every_written_example_as_it_was_written(model):
    examples = tuple(
        WrittenCategory(
            Category(name, name, "城乡建设", ""), (), {}, {}, tuple(Example(*row, name, "", "", "") for row in rows)
        )
        for name, rows in WRITTEN.items()
    )
    files = shown_examples(WrittenTaxonomy(examples, {}), model.features)
    read = cache(partial(Examples.from_bytes, *files.values()))
    row = model.features.transform(["路灯坏了"])
    assert {(one.title, one.text) for name in WRITTEN for one in read().nearest(row, name, 99)} == {
        row for rows in WRITTEN.values() for row in rows
    }
