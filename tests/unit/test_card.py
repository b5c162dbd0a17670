"""The card of a trained model says what it was made from."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save

from training.card import train_card
from training.fit import Examples, fit_model
from triage.classify.features import TextFeatures, as_read
from triage.language.word_table import WordTable

FACTS = {"rows": 6, "text_columns": ["text"], "data_sha256": "ab12", "doubtful": None}
WORDS = {"油": 0, "烟": 1, "路": 2, "灯": 3}
TABLE = WordTable.from_bytes(
    save({"embedding.weight": np.eye(4, dtype=np.float16)}),
    json.dumps({"model": {"type": "WordPiece", "continuing_subword_prefix": "", "vocab": WORDS}}).encode(),
)


def _card(features: TextFeatures) -> str:
    texts = [as_read("", text) for text in ("油烟熏人", "饭店油烟", "路灯不亮", "路灯坏了")]
    return train_card(
        fit_model("probe", {"matter": Examples(texts, ["甲", "甲", "乙", "乙"])}, "matter", features=features), FACTS
    )


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (TextFeatures(), "Words 1-2 and characters 1-3.\n"),
        (TextFeatures(ends=True), "Words 1-2 and characters 1-3, opening and closing once more.\n"),
        (TextFeatures(table=TABLE), "Words 1-2 and characters 1-3 with the static word table beside them.\n"),
    ],
)
def test_the_card_names_the_features_the_model_has_and_no_others(features, said):
    assert said in _card(features)


def test_a_model_that_may_not_decide_alone_says_so():
    assert "never decides alone" in _card(TextFeatures())
