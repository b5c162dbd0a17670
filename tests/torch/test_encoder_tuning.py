"""Tuning a word table, and heavier encoders, with sentence-transformers itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from training.encoder import tune
from training.word_table import tokenizer
from triage.domain.errors import BadInput, ModelFault
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable
from triage.similar.encoding.choice import encoder_from
from triage.similar.encoding.sentences import SentenceEncoder
from triage.similar.encoding.town import TownEncoder

pytestmark = pytest.mark.torch

# Citizens and officials name one thing in two ways: what tuning can learn, and the table cannot know.
SAYINGS = [("吵闹", "噪音"), ("油味", "油烟"), ("黑灯", "路灯"), ("臭水", "污水"), ("脏乱", "垃圾"), ("断水", "停水")]
PLACES = ["东街", "西街", "南街", "北街", "前巷", "后巷", "河边", "桥头", "广场", "公园", "车站", "菜场"]
WORDS = sorted({word for pair in SAYINGS for word in pair} | set(PLACES))
WORDS += sorted(set("".join(WORDS)) - set(WORDS))

Write = Callable[[str, str | bytes], Path]


def _no_say(line: str) -> None:
    pass


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A small table in which no word has to do with any other."""
    folder = tmp_path / "base"
    folder.mkdir()
    vectors = np.random.default_rng(1).normal(0, 0.07, (len(WORDS), 32)).astype(np.float16)
    (folder / "model.safetensors").write_bytes(save({"embedding.weight": vectors}))
    (folder / "tokenizer.json").write_text(tokenizer(WORDS).to_str(pretty=False), encoding="utf-8")
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    config = {"prompts": {}, "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture
def data(written: Write) -> Path:
    """A row for each saying between two places."""
    between = [(first, second) for first in PLACES for second in PLACES if first != second]
    rows = [
        f"{number},{first}{second}{said},{first}{second}{meant}"
        for number, ((first, second), (said, meant)) in enumerate(product(between, SAYINGS))
    ]
    return written("orders.csv", "\n".join(["id,title,text", *rows]) + "\n")


def test_what_a_town_puts_together_comes_together_and_the_gain_is_shown(base: Path, data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    answer = tune(data, ["title", "text"], tmp_path / "out", said.append, base=base)
    assert answer["gain"] and answer["after"]["mrr"] > answer["before"]["mrr"]
    assert answer["moved"]["rows"] > 0
    assert answer == json.loads(json.dumps(answer))
    assert any("epoch 1 of at most" in line for line in said)
    before, after = WordTable.read(base), TownEncoder(WordTable.read(tmp_path / "out"))
    assert after.encode(["噪音"])[0] @ after.encode(["吵闹"])[0] > 0.2
    assert after.width == before.width
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert f"| mrr | {answer['before']['mrr']:.4f} | {answer['after']['mrr']:.4f} |" in card


def test_the_tuned_table_is_an_ordinary_one_of_sentence_transformers(base: Path, data: Path, tmp_path: Path) -> None:
    tune(data, ["title", "text"], tmp_path / "out", _no_say, base=base)
    assert {path.name for path in base.iterdir()} < {path.name for path in (tmp_path / "out").iterdir()}
    theirs = SentenceEncoder(tmp_path / "out").encode(["东街 噪音"])
    ours = WordTable.read(tmp_path / "out").encode(["东街 噪音"])
    np.testing.assert_allclose(theirs, ours / np.linalg.norm(ours), atol=2e-3)


def test_the_same_file_and_seed_give_the_same_table(base: Path, data: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        tune(data, ["title", "text"], tmp_path / name, _no_say, base=base, seed=4)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_issues_are_learnt_from_and_reported_on(base: Path, data: Path, written: Write, tmp_path: Path) -> None:
    issues = written("issues.csv", "\n".join(["id,issue_id", *(f"{at},{at // 2}" for at in range(792))]))
    answer = tune(data, ["title", "text"], tmp_path / "out", _no_say, issues=issues, base=base)
    assert "issue_pairs_average_precision" in answer["before"]


def test_where_nothing_is_gained_it_says_so_and_the_rows_stay(base: Path, written: Write, tmp_path: Path) -> None:
    texts = [f"{first}{second}{said}" for first in PLACES for second in PLACES for said, _ in SAYINGS[:1]]
    data = written("same.csv", "\n".join(["title,text", *(f"{text},{text}" for text in texts)]))
    answer = tune(data, ["title", "text"], tmp_path / "out", _no_say, base=base)
    assert answer["gain"] is False and answer["moved"]["rows"] == 0
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (base / "model.safetensors").read_bytes()
    assert "Nothing was gained" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_whoever_stops_it_finds_nothing_half_written(base: Path, data: Path, tmp_path: Path) -> None:
    def stop(line: str) -> None:
        if "epoch" in line:
            raise KeyboardInterrupt

    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        tune(data, ["title", "text"], tmp_path / "out", stop, base=base)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_only_a_folder_of_its_own_is_written_over(base: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tune(data, ["title", "text"], out, _no_say, base=base)
    tune(data, ["title", "text"], out, _no_say, base=base, seed=1)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    for folder, said in ((out, "notes.txt"), (base, "holds other files"), (data, "is a file")):
        with pytest.raises(ModelFault, match=said):
            tune(data, ["title", "text"], folder, _no_say, base=base)


def test_too_few_rows_are_refused(base: Path, written: Write, tmp_path: Path) -> None:
    for content in ("title,text\n东街,噪音\n", "title,text\nab,cd\n"):
        with pytest.raises(BadInput, match="different rows with words in title and body; tuning needs 50"):
            tune(written("few.csv", content), ["title", "text"], tmp_path / "out", _no_say, base=base)


# --- heavier encoders --------------------------------------------------------------------------------------


class _Counting(SentenceEncoder):
    """Counts the texts that reach the model."""

    reached = 0

    def _encoded(self, texts: Any) -> Any:
        self.reached += len(texts)
        return super()._encoded(texts)


def test_a_model_from_a_folder_encodes_and_remembers_in_memory_and_in_a_folder(base: Path, tmp_path: Path) -> None:
    texts = ["东街 噪音", " ", "西街 油烟", "东街 噪音"]
    first = _Counting(base, cache=tmp_path / "cache")
    vectors = first.encode(texts)
    assert vectors.shape == (4, first.width) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1, 1], abs=1e-3)
    assert np.array_equal(vectors, np.concatenate([first.encode([text]) for text in texts]))
    assert first.reached == 3
    first.flush()
    second = _Counting(base, cache=tmp_path / "cache")
    assert np.array_equal(second.encode_and_learn(texts), vectors)
    assert second.reached == 0 and second.digest == first.digest


def test_it_learns_nothing_and_takes_up_nothing(base: Path) -> None:
    encoder = SentenceEncoder(base)
    assert encoder.state() == {}
    encoder.restore({})
    with pytest.raises(ModelFault, match="never learns"):
        encoder.restore({"counts": np.zeros(1)})
    assert encoder.encode([]).shape == (0, 32)


def test_a_name_that_is_not_on_this_machine_is_refused_when_it_is_used() -> None:
    with pytest.raises(ModelFault, match="nobody/nothing: cannot be loaded from this machine's cache"):
        SentenceEncoder("nobody/nothing").encode(["东街"])


def test_a_folder_that_holds_no_model_is_refused_when_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="cannot be loaded from the folder"):
        encoder_from(str(tmp_path)).encode(["东街"])


def test_a_model_is_known_by_its_files_and_its_prompt_and_a_name_by_its_revision(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"1")
    first = SentenceEncoder(tmp_path).model
    assert SentenceEncoder(tmp_path, prompt="query: ").model != first
    (tmp_path / "README.md").write_bytes(b"says nothing of the vectors")
    assert SentenceEncoder(tmp_path).model == first
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert SentenceEncoder(tmp_path).model != first
    assert SentenceEncoder("a/b").model != SentenceEncoder("a/b", revision="1").model


def test_the_words_of_a_text_stand_together_for_a_table_that_is_read_as_a_model(base: Path) -> None:
    text = " ".join(Segmenter().words("东街噪音"))
    assert SentenceEncoder(base).encode([text])[0] @ SentenceEncoder(base).encode(["东街 噪音"])[0] > 0.999
