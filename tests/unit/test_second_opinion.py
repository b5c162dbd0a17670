"""A second opinion: who is asked, how two opinions become one, when it is worth having, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.strong.opinion import cost, fit_pool, opinion_on, with_second_opinion
from triage.classify.features import TextFeatures
from triage.classify.head import HeldOut, LinearHead
from triage.classify.layout import TITLE_END
from triage.classify.model import Model
from triage.classify.promise import LabelPromise, Promise
from triage.classify.second_opinion import OnnxEncoder, OpinionHead, SecondOpinion, pooled
from triage.domain.errors import ModelFault

ROOT = Path(__file__).resolve().parents[2]
ROWS, WIDTH = 600, 4
FIRST = Promise(0.97, 0.94, 0.9, 0.97, 0.9, 0.5, 0.05, 100, (LabelPromise("a", 0.9, 0.5, 1.0),) * 2)


class Recording(OnnxEncoder):
    """Stands for the graph: remembers what it was asked, and says where a text lies by its first character."""

    def __init__(self) -> None:
        super().__init__(b"graph", b"tokenizer")
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[1.0, 0.0] if text.startswith("灯") else [0.0, 1.0] for text in texts], dtype=np.float32)


def _opinion(encoder: OnnxEncoder) -> SecondOpinion:
    weights = np.array([[4.0, -4.0], [-4.0, 4.0]], dtype=np.float32)
    head = OpinionHead(np.zeros(2, np.float32), weights, np.zeros(2, np.float32), (0.5, 1.0), np.zeros(2), FIRST)
    return SecondOpinion(encoder, {"category": head})


def test_only_what_the_linear_model_is_unsure_of_is_asked_about():
    encoder = Recording()
    chances = np.array([[0.99, 0.01], [0.45, 0.55], [0.02, 0.98]])
    asked, revised = _opinion(encoder).asked("category", ["油一", "灯二", "灯三"], chances)
    assert encoder.asked == ["灯二"]
    assert asked.tolist() == [False, True, False]
    assert revised[[0, 2]].tolist() == chances[[0, 2]].tolist()
    assert revised[1].argmax() == 0
    assert revised[1].sum() == pytest.approx(1)


def test_a_task_without_an_opinion_of_its_own_is_left_as_it_is():
    encoder = Recording()
    chances = np.array([[0.5, 0.5]])
    assert _opinion(encoder).revise("urgency", ["灯"], chances) is chances
    assert not encoder.asked


def test_its_files_make_it_again():
    opinion = _opinion(OnnxEncoder(b"graph", b"tokenizer"))
    again = SecondOpinion.from_files(opinion.files().__getitem__)
    vectors, chances = np.eye(2, dtype=np.float32), np.full((2, 2), 0.5)
    ours, theirs = (one.heads["category"] for one in (opinion, again))
    assert theirs.first == FIRST
    assert (ours.pooled(chances, ours.chances(vectors)) == theirs.pooled(chances, theirs.chances(vectors))).all()
    assert again.encoder.graph == b"graph"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.floats(-2, 3), st.floats(-2, 3))
def test_a_pool_of_any_two_opinions_is_chances(values, first, second):
    linear = np.array([values]) / max(sum(values), 1e-9)
    ours = linear[:, ::-1]
    found = pooled(linear, ours, (first, second), np.zeros(len(values)))
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1)


def test_without_its_libraries_it_says_which_extra_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelFault, match=r"onnxruntime: pip install 'hotline-triage\[strong\]'"):
        OnnxEncoder(b"", b"").encode(["路灯不亮"])


def test_bytes_that_are_no_model_are_refused():
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tokenizers")
    with pytest.raises(ModelFault, match="cannot be read"):
        OnnxEncoder(b"not a graph", b"{}").encode(["路灯不亮"])


def _world(telling: float) -> tuple[LinearHead, np.ndarray, list[str]]:
    """A head whose held-out answers are right for three in four and never sure, and vectors that tell so much."""
    chance = np.random.default_rng(0)
    codes = np.arange(ROWS) % 2
    right = np.where(chance.uniform(size=ROWS) < 0.75, codes, 1 - codes)
    linear = np.full((ROWS, 2), 0.3)
    linear[np.arange(ROWS), right] = 0.7
    head = LinearHead()
    head.classes_ = np.array(["油烟", "路灯"], dtype=object)
    head.held_out_ = HeldOut(np.arange(ROWS), linear)
    head.promise_ = Promise(0.97, 0.94, 0.9, 0.97, None, 0.0, 0.05, ROWS)
    vectors = chance.normal(size=(ROWS, WIDTH)).astype(np.float32)
    vectors[:, 0] += telling * (2 * codes - 1)
    return head, vectors, head.classes_[codes].tolist()


def test_vectors_that_tell_something_are_taken_and_the_promise_is_made_anew():
    head, vectors, labels = _world(telling=2.0)
    opinion, promising = opinion_on(head, vectors, labels, np.arange(ROWS), np.ones(ROWS))
    assert opinion is not None
    assert opinion.first == head.promise_
    assert head.promise_.auto_share == 0
    assert promising.promise_.auto_share > 0.5
    codes = np.searchsorted(head.classes_.astype(str), labels)
    linear = head.held_out_.probabilities
    both = opinion.pooled(linear, opinion.chances(vectors))
    assert (both.argmax(axis=1) == codes).mean() > 0.95
    assert cost(both, codes) < 0.5 * cost(linear, codes)


def test_vectors_that_tell_nothing_are_left_out():
    head, vectors, labels = _world(telling=0.0)
    assert opinion_on(head, vectors, labels, np.arange(ROWS), np.ones(ROWS)) == (None, head)


def test_labels_of_little_weight_bear_no_witness():
    head, vectors, labels = _world(telling=2.0)
    weights = np.where(np.arange(ROWS) < 100, 1.0, 0.2)
    _, promising = opinion_on(head, vectors, labels, np.arange(ROWS), weights)
    assert promising.promise_.held_out == 100


def test_a_pool_gives_nothing_to_noise():
    chance = np.random.default_rng(1)
    codes = chance.integers(3, size=900)
    linear = np.full((900, 3), 0.1)
    linear[np.arange(900), codes] = 0.8
    noise = chance.dirichlet(np.ones(3), size=900)
    (first, second), _ = fit_pool(linear, noise, codes)
    assert first > 1
    assert abs(second) < 0.2


TEXTS = [
    f"{what}{where}{TITLE_END}{when}{said}"
    for what in "灯油"
    for where in ("东街", "西街", "南街")
    for when in ("早上", "夜里", "今天", "昨天", "这周")
    for said in ("没有人管", "麻烦看看", "一直这样", "请处理")
]


def test_a_model_asks_for_its_second_opinion_and_the_same_text_gets_the_same_answer_in_any_company():
    labels = ["路灯" if text.startswith("灯") else "油烟" for text in TEXTS]
    features = TextFeatures().fit(TEXTS)
    head = LinearHead(folds=2).fit(features.transform(TEXTS), labels)
    encoder = Recording()
    weights = np.array([[-9.0, 9.0], [9.0, -9.0]], dtype=np.float32)
    never = Promise(0.97, 0.94, 0.9, 0.97, None, 0.0, 0.05, 0)
    own = OpinionHead(np.zeros(2, np.float32), weights, np.zeros(2, np.float32), (0.0, 1.0), np.zeros(2), never)
    model = Model("m", "1", features, {"category": head}, "category", second=SecondOpinion(encoder, {"category": own}))
    asked = ["灯灯灯", "油味"]
    assert [answer.label for answer in model.predict(asked)] == ["路灯", "油烟"]
    assert encoder.asked == asked
    alone = [model.read(text).probabilities("category") for text in asked]
    assert [answer.confidence for answer in model.predict(asked)] == [max(one.values()) for one in alone]


def test_a_model_sure_of_everything_is_left_without_one(capsys):
    from training.fit import Examples

    labels = ["路灯" if text.startswith("灯") else "油烟" for text in TEXTS]
    features = TextFeatures().fit(TEXTS)
    head = LinearHead(folds=2).fit(features.transform(TEXTS), labels)
    model = Model("m", "1", features, {"category": head}, "category")
    said: list[str] = []
    kept = with_second_opinion(model, {"category": Examples(TEXTS, labels)}, Recording(), said.append)
    assert kept.second is None
    assert said == ["second opinion on category: not worth its time, left out"]


def test_importing_a_model_imports_neither_torch_nor_onnxruntime():
    script = (
        "import sys\nimport triage.classify.store\n"
        "print(sorted({'torch', 'onnxruntime', 'tokenizers', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
