"""The word table: words and pieces to rows, texts to means of rows, and what is said of a broken folder."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save

from training.word_table import WIDTH, most_frequent, weighted
from triage.domain.errors import ModelFault
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable

WORDS = ["路灯", "楼道", "坏", "路", "灯", "楼", "道", "噪音", "噪", "音", "街道", "街"]
TEXTS = ["路灯坏了", "楼道路灯坏，坏", "", "噪音", "K11 ，。", "南码头路街道", "街道路灯噪音"]
VECTORS = np.random.default_rng(7).normal(size=(len(WORDS), 5)).astype(np.float16)


def _tokenizer(**changed):
    model = {"type": "WordPiece", "continuing_subword_prefix": "", "vocab": {word: i for i, word in enumerate(WORDS)}}
    return json.dumps({"model": {**model, **changed}}).encode()


@pytest.fixture
def table():
    return WordTable.from_bytes(save({"embedding.weight": VECTORS}), _tokenizer())


def _rows(*words):
    return [WORDS.index(word) for word in words]


def test_the_words_of_a_text_are_looked_up_in_order(table):
    ids = table.ids(["路灯", "坏", "，", "楼道", "坏"])
    assert ids == [(0,), (2,), (), (1,), (2,)]


def test_a_word_without_a_row_counts_as_its_longest_pieces_from_the_left(table):
    assert table.ids(["楼道路灯"]) == [tuple(_rows("楼道", "路灯"))]
    assert table.ids(["路道路灯街"]) == [tuple(_rows("路", "道", "路灯", "街"))]


def test_a_character_without_a_row_counts_as_nothing_and_no_piece_reaches_across_it(table):
    assert table.ids(["路嘂灯街道嘂"]) == [tuple(_rows("路", "灯", "街道"))]
    assert table.ids(["嘂"]) == [()]


@pytest.mark.parametrize("text", ["", " \r\n", "，。！", "K11 12345 wifi", "嘂嘂", "😀"])
def test_a_text_without_any_known_word_gives_zeros(table, text):
    assert not any(table.ids(Segmenter().words(text)))
    assert np.array_equal(table.encode([text]), np.zeros((1, 5), np.float32))


def test_a_vector_is_the_mean_of_the_words_rows(table):
    expected = VECTORS[_rows("楼道", "路灯", "坏", "坏")].astype(np.float32).mean(axis=0)
    assert table.encode(["楼道，路灯，坏，坏 OK"])[0] == pytest.approx(expected, abs=1e-6)


def test_what_has_no_row_does_not_weigh_on_the_mean(table):
    bare, crowded = table.encode(["路灯坏", "！！路灯 12 坏 OK 嘂……"])
    assert np.array_equal(bare, crowded)


def test_a_batch_gives_what_each_text_gives_alone_to_the_last_bit(table):
    together = table.encode(TEXTS)
    assert together.dtype == np.float32
    assert np.array_equal(together, np.concatenate([table.encode([text]) for text in TEXTS]))
    assert np.array_equal(together[::-1], table.encode(TEXTS[::-1]))


def test_no_texts_give_no_vectors(table):
    assert table.encode([]).shape == (0, table.width) == (0, 5)


def test_encoding_changes_neither_the_texts_nor_the_table(table):
    texts = list(TEXTS)
    first = table.encode(texts)
    kept = first.copy()
    first += 1
    assert texts == TEXTS
    assert np.array_equal(table.encode(texts), kept)
    assert np.array_equal(table._vectors, VECTORS)


def test_a_folder_is_read_like_the_bytes_of_its_files(table, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(save({"embedding.weight": VECTORS}))
    (tmp_path / "tokenizer.json").write_bytes(_tokenizer())
    assert np.array_equal(WordTable.read(tmp_path).encode(TEXTS), table.encode(TEXTS))


# --- broken tables -----------------------------------------------------------------------------------------


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFault, match="cannot read .*model.safetensors: No such file"):
        WordTable.read(tmp_path)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (b"", "model.safetensors cannot be read"),
        (b"\x08\0\0\0\0\0\0\0notjson!", "model.safetensors cannot be read"),
        (save({"embedding.weight": VECTORS})[:-1], "model.safetensors cannot be read"),
        (save({"other": VECTORS}), r"must hold embedding.weight, .* it holds \{'other': 'float16 \(12, 5\)'\}"),
        (save({"embedding.weight": VECTORS.astype(np.float32)}), "must hold embedding.weight, float16"),
        (save({"embedding.weight": VECTORS[0]}), "must hold embedding.weight, float16"),
        (save({"embedding.weight": VECTORS[:-1]}), "does not name the 11 rows"),
    ],
)
def test_broken_weights_are_refused(weights, said):
    with pytest.raises(ModelFault, match=said):
        WordTable.from_bytes(weights, _tokenizer())


@pytest.mark.parametrize(
    ("tokenizer", "said"),
    [
        (b"", "tokenizer.json cannot be read: JSONDecodeError"),
        (b"\xff\xfe\x00", "tokenizer.json cannot be read"),
        (b"[]", "tokenizer.json cannot be read: TypeError"),
        (b"{}", "tokenizer.json cannot be read: KeyError 'model'"),
        (_tokenizer(type="BPE"), "must hold a WordPiece model without prefix, not BPE"),
        (_tokenizer(continuing_subword_prefix="##"), "not WordPiece '##'"),
        (_tokenizer(vocab=WORDS), "must hold a WordPiece model"),
        (_tokenizer(vocab=dict.fromkeys(WORDS, 0)), "does not name the 12 rows"),
        (_tokenizer(vocab={word: str(i) for i, word in enumerate(WORDS)}), "does not name the 12 rows"),
    ],
)
def test_a_broken_tokenizer_is_refused(tokenizer, said):
    with pytest.raises(ModelFault, match=said):
        WordTable.from_bytes(save({"embedding.weight": VECTORS}), tokenizer)


# --- making one --------------------------------------------------------------------------------------------


def test_the_most_frequent_words_come_first_and_equal_ones_by_their_characters():
    vocabulary = most_frequent("路 5 n\n灯 9 n\n亮 5 a\nOK 99 x\n坏 1 a", 3)
    assert vocabulary.words == ["灯", "亮", "路"]
    assert vocabulary.shares == pytest.approx([9 / 119, 5 / 119, 5 / 119])


def test_every_character_of_a_word_has_a_row_even_one_that_was_never_counted():
    vocabulary = most_frequent("尴尬 7 a\n尬 3 g", 1)
    assert vocabulary.words == ["尴尬", "尬", "尴"]
    assert vocabulary.shares == pytest.approx([0.7, 0.3, 0])


def test_a_frequent_word_has_a_small_vector_and_one_never_counted_keeps_its_length():
    vectors = np.random.default_rng(3).normal(size=(300, 384)).astype(np.float32)
    shares = np.zeros(300)
    shares[0] = 0.009
    plain, table = (weighted(vectors, given).astype(np.float32) for given in (np.zeros(300), shares))
    assert table.shape == (300, WIDTH)
    assert table[0] == pytest.approx(plain[0] / 10, rel=2e-3, abs=1e-5)
    assert np.array_equal(table[1:], plain[1:])
