"""The encoders: what the town's orders change, what stays the same, what is kept, and what hostile input may do."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from triage.domain.errors import ModelFault
from triage.language.word_table import WordTable
from triage.similar.encoding.centre import REACH, Centre
from triage.similar.encoding.choice import encoder_from
from triage.similar.encoding.encoder import unit
from triage.similar.encoding.shards import LARGEST, Shards
from triage.similar.encoding.town import DICTIONARY_TOTAL, TownEncoder
from triage.similar.encoding.vector_cache import WAITING, VectorCache
from triage.similar.encoding.word_counts import BUCKETS, FORGET_AT, PRIOR, WordCounts, bucket

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "default" / "words"
WORDS = ["路灯", "坏", "了", "小区", "油烟", "扰民", "投诉", "噪音", *"路灯小区油烟扰民投诉噪音花园新城里"]
WORDS = list(dict.fromkeys(WORDS))
VECTORS = np.random.default_rng(5).normal(size=(len(WORDS), 64)).astype(np.float16)
TEXTS = ["路灯坏了", "嘂里花园油烟", "K11投诉", "", "，。", "小区噪音扰民", "路灯坏了", "58嘂新城"]
TABLE = WordTable({word: row for row, word in enumerate(WORDS)}, VECTORS)

orders = st.lists(st.sampled_from(TEXTS) | st.text("路灯坏油烟嘂K1，a ", max_size=12), max_size=12)


@pytest.fixture
def town():
    return TownEncoder(TABLE)


# --- the town's own encoder --------------------------------------------------------------------------------


@given(orders)
def test_a_batch_gives_what_one_by_one_gives_to_the_last_bit(texts):
    batch, alone = TownEncoder(TABLE), TownEncoder(TABLE)
    together = batch.encode_and_learn(texts)
    rows = [alone.encode_and_learn([text])[0] for text in texts]
    assert np.array_equal(together, np.array(rows, dtype=np.float32).reshape(-1, 64))
    kept, other = batch.state(), alone.state()
    assert all(np.array_equal(kept[name], other[name]) for name in kept)


@given(orders)
def test_every_row_has_length_one_or_is_zeros_where_nothing_is_known(texts):
    encoder = TownEncoder(TABLE)
    lengths = np.linalg.norm(encoder.encode_and_learn(texts), axis=1)
    known = np.array([any(mark.isalnum() for mark in text) for text in texts], dtype=bool)
    assert lengths == pytest.approx(known.astype(float), abs=1e-5)


def test_encoding_alone_learns_nothing(town):
    before = town.digest
    first = town.encode(TEXTS)
    assert town.digest == before
    assert np.array_equal(town.encode(TEXTS), first)
    assert town.words_learnt == 0


def test_an_order_is_encoded_before_it_is_learnt_from(town):
    expected = town.encode(["路灯坏了"])
    assert np.array_equal(town.encode_and_learn(["路灯坏了"]), expected)
    assert not np.array_equal(town.encode(["路灯坏了"]), expected)


def test_no_texts_give_no_vectors(town):
    assert town.encode([]).shape == town.encode_and_learn([]).shape == (0, town.width) == (0, 64)


def test_a_word_that_all_of_the_town_uses_weighs_less(town):
    complaint, same = town.encode(["投诉油烟", "油烟"])
    for number in range(400):
        town.encode_and_learn([f"投诉嘂{number}"])
    later, same_later = town.encode(["投诉油烟", "油烟"])
    assert later @ same_later > complaint @ same + 0.1


def test_a_name_without_a_row_is_near_what_its_pieces_mean_and_two_such_names_stay_two(town):
    first, second, pieces, other = town.encode(["嘂里花园", "嚻里花园", "里花园", "油烟"])
    assert 0.2 < first @ second < 0.99
    assert first @ pieces > 0.3 > abs(first @ other)


def test_numbers_and_letters_have_directions_of_their_own_whatever_their_case(town):
    vectors = town.encode(["K11", "k11", "K12"])
    assert np.array_equal(vectors[0], vectors[1])
    assert abs(vectors[0] @ vectors[2]) < 0.5


def test_a_word_counts_once_however_often_it_is_repeated(town):
    once, often = town.encode(["路灯坏", "坏，路灯，坏" + "，路灯" * 500])
    assert once @ often == pytest.approx(1)
    town.encode_and_learn(["坏" + "，路灯" * 500])
    assert town.words_learnt == 2


def test_the_model_stays_while_the_digest_moves_with_what_is_learnt(town):
    model, digest = town.model, town.digest
    town.encode_and_learn(["路灯坏了"])
    assert town.model == model
    assert town.digest != digest


def test_another_table_is_another_model(town):
    changed = VECTORS.copy()
    changed[3, 3] += 1
    other = TownEncoder(WordTable({word: row for row, word in enumerate(WORDS)}, changed))
    assert other.model != town.model


def test_a_word_falls_into_the_same_bucket_in_every_process():
    assert [bucket("路灯"), bucket("K11")] == [796655, 393212]


def test_the_dictionary_has_as_many_words_as_is_said():
    spec = find_spec("jieba")
    if spec is None:
        pytest.skip("jieba is not installed")
    lines = Path(spec.origin).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    assert sum(int(line.split(" ")[1]) for line in lines) == DICTIONARY_TOTAL


# --- what was learnt, kept ---------------------------------------------------------------------------------


def test_what_was_learnt_goes_through_a_file_and_nothing_is_different(town):
    town.encode_and_learn(TEXTS)
    other = TownEncoder(TABLE)
    other.restore(load(save(dict(town.state()))))
    assert other.digest == town.digest
    assert np.array_equal(other.encode_and_learn(TEXTS), town.encode_and_learn(TEXTS))


def test_a_town_without_orders_can_be_kept_too(town):
    other = TownEncoder(TABLE)
    other.encode_and_learn(TEXTS)
    other.restore(town.state())
    assert other.digest == town.digest


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"counts": None}, "must hold buckets and counts"),
        ({"more": np.zeros(1)}, "must hold buckets and counts"),
        ({"centre": None}, "must hold centre"),
        ({"centre": np.zeros(3)}, "must be 65 finite numbers"),
        ({"centre": np.full(65, np.nan)}, "must be 65 finite numbers"),
        ({"centre": np.append(np.ones(64), 5)}, "its length must be at most 1"),
        ({"centre": np.append(np.zeros(64), REACH + 1)}, f"its texts 0 to {REACH}"),
        ({"counts": np.array([1], dtype=np.int64)}, "must be as many counts"),
        ({"buckets": np.array([1, 2], dtype=np.uint32)}, "must be as many counts"),
        ({"buckets": np.array([BUCKETS], dtype=np.uint32)}, f"must be below {BUCKETS}"),
        ({"counts": np.array([0], dtype=np.int32)}, "counts 1 or more"),
        ({"counts": np.array([FORGET_AT], dtype=np.int32)}, "more than"),
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(town, changed, said):
    town.encode_and_learn(TEXTS)
    before = town.digest
    state = {
        "buckets": np.array([7], dtype=np.uint32),
        "counts": np.array([1], dtype=np.int32),
        "centre": np.zeros(65),
        **changed,
    }
    with pytest.raises(ModelFault, match=said):
        town.restore({name: array for name, array in state.items() if array is not None})
    assert town.digest == before


def test_what_was_counted_long_ago_counts_for_less_and_less():
    counts = WordCounts()
    held = {"buckets": np.array([1, 2], dtype=np.uint32), "counts": np.array([FORGET_AT - 11, 10], dtype=np.int32)}
    counts.restore(held)
    counts.learn([3])
    assert counts.of([1, 2, 3]).tolist() == [(FORGET_AT - 11) // 2, 5, 0]
    assert counts.total == (FORGET_AT - 11) // 2 + 5


@given(st.integers(0, 2_000_000), st.integers(0, 10_000), st.floats(0, 1))
def test_a_share_lies_between_the_dictionarys_and_the_towns_and_the_dictionary_keeps_half_a_say(rest, count, share):
    counts = WordCounts()
    buckets = np.array([1, 2], dtype=np.uint32)[: 1 + (rest > 0)]
    counts.restore({"buckets": buckets, "counts": np.array([count + 1, rest], dtype=np.int32)[: len(buckets)]})
    found = counts.shares([1], np.array([share]))[0]
    own = (count + 1) / counts.total
    assert min(share, own) - 1e-12 <= found <= max(share, own) + 1e-12
    assert abs(found - share) <= abs(found - own) + 1e-12
    assert PRIOR > 0


# --- hostile input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["一", "\ud800路灯", "9" * 100_000, "嘂" * 100_000, "".join(map(chr, range(0x4E00, 0x9FA5))) * 5, "路灯 " * 50_000],
    ids=["one", "half a pair", "digits", "one character", "all characters", "words"],
)
def test_a_hostile_text_is_encoded_like_any_other(town, text):
    vector = town.encode_and_learn([text])[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert town.words_learnt <= 2_000


def test_a_flood_of_one_text_takes_neither_its_direction_nor_that_of_the_others(town):
    before = town.encode(["路灯坏了", "油烟扰民"])
    town.encode_and_learn(["路灯坏了"] * 3_000)
    after = town.encode(["路灯坏了", "油烟扰民"])
    assert ((before * after).sum(axis=1) > 0.6).all()
    assert after[0] @ after[1] < 0.5


def test_the_centre_is_never_longer_than_half():
    centre = Centre(2)
    for _ in range(1_000):
        centre.learn(np.array([0, 1], dtype=np.float32))
    assert centre.vector == pytest.approx([0, 0.5])


# --- heavier encoders --------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named_before_anything_is_loaded():
    with pytest.raises(ModelFault, match="encoder ./nowhere: there is no such folder"):
        encoder_from("./nowhere")


def test_a_folder_of_a_table_is_a_towns_encoder_with_that_table():
    encoder = encoder_from(str(SHIPPED))
    assert isinstance(encoder, TownEncoder)
    assert TownEncoder(WordTable.read(SHIPPED)).model == encoder.model


def test_the_default_imports_nothing_heavy():
    script = (
        "import sys; from pathlib import Path\nfrom triage.similar.encoding.choice import encoder_from\n"
        f"encoder_from({str(SHIPPED)!r}).encode(['路灯坏了'])\n"
        "assert not {'torch', 'sentence_transformers', 'sklearn', 'jieba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


# --- remembered vectors ------------------------------------------------------------------------------------


class Lengths:
    """Encodes a text as its length, and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_a_text_is_encoded_once_and_its_row_stands_where_it_stood():
    cache, encode = VectorCache(10), Lengths()
    assert cache.through(["aa", "b", "aa"], encode)[:, 0].tolist() == [2, 1, 2]
    assert cache.through(["b", "ccc"], encode)[:, 0].tolist() == [1, 3]
    assert sorted(encode.asked) == ["aa", "b", "ccc"]


def test_what_was_used_longest_ago_is_forgotten_first():
    cache, encode = VectorCache(2), Lengths()
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        cache.through([text], encode)
    assert encode.asked == ["a", "bb", "ccc", "bb"]
    cache.through([str(number) for number in range(50)], encode)
    assert len(cache) == 2


def test_a_folder_remembers_for_the_next_process(tmp_path):
    first = VectorCache(1, Shards(tmp_path))
    first.through(["a", "bb", "ccc"], Lengths())
    first.flush()
    encode = Lengths()
    assert VectorCache(1, Shards(tmp_path)).through(["ccc", "bb", "a", "dddd"], encode)[:, 0].tolist() == [3, 2, 1, 4]
    assert encode.asked == ["dddd"]


def test_vectors_go_to_the_folder_before_too_many_wait(tmp_path):
    cache = VectorCache(10, Shards(tmp_path))
    cache.through([str(number) for number in range(WAITING)], Lengths())
    encode = Lengths()
    VectorCache(10, Shards(tmp_path)).through(["0", str(WAITING - 1)], encode)
    assert encode.asked == []


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0notjson!", save({"other": np.zeros(2)})])
def test_a_broken_file_holds_nothing_and_is_written_anew(tmp_path, content):
    shards, digest = Shards(tmp_path), bytes(16)
    (tmp_path / "00.safetensors").write_bytes(content)
    assert shards.find(digest) is None
    shards.add({digest: np.ones(3, dtype=np.float32)})
    assert Shards(tmp_path).find(digest).tolist() == [1, 1, 1]


def test_what_a_killed_process_left_beside_is_never_read(tmp_path):
    (tmp_path / ".00.safetensors.new-1").write_bytes(b"half a fi")
    shards = Shards(tmp_path)
    assert shards.find(bytes(16)) is None
    shards.add({bytes(16): np.ones(3, dtype=np.float32)})
    assert {path.name for path in tmp_path.iterdir()} == {".00.safetensors.new-1", "00.safetensors"}


def test_a_file_holds_so_many_texts_and_the_oldest_go(tmp_path):
    shards = Shards(tmp_path)
    digests = [b"\0" + number.to_bytes(15, "big") for number in range(LARGEST + 3)]
    shards.add({digest: np.zeros(1, dtype=np.float32) for digest in digests})
    assert [shards.find(digest) is None for digest in digests[:4]] == [True, True, True, False]


def test_rows_of_zeros_stay_zeros():
    assert unit(np.array([[0, 0], [0, 2]], dtype=np.float32)).tolist() == [[0, 0], [0, 1]]


def test_the_rows_of_a_table_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        TABLE.vectors[0] = 0
    assert TABLE.words[TABLE.row("路灯")] == "路灯" and TABLE.row("嘂里") is None
