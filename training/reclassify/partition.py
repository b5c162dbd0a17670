"""The one function that answers: rows in, predictions out. Every engine runs this one, wherever it runs."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from triage.classify.features import as_read
from triage.classify.model import Model
from triage.classify.store import load_model

COLUMNS = ("id", "label", "confidence", "auto")
DIGITS = 6
"""Processors add up in different orders: further digits would be theirs, not the model's."""


def answered(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows (id, title, text) into id, label, confidence to six digits, and whether the model may decide alone."""
    texts = [as_read(title, text) for title, text in zip(rows["title"], rows["text"], strict=True)]
    found = model.predict(texts) if texts else []
    return pd.DataFrame(
        {
            "id": rows["id"].to_numpy(dtype=object),
            "label": pd.Series([one.label for one in found], dtype=object),
            "confidence": pd.Series([round(one.confidence, DIGITS) for one in found], dtype="float64"),
            "auto": pd.Series([one.auto for one in found], dtype="bool"),
        }
    )


class Partition:
    """`answered` with the model of a folder, which is loaded once in a process and never sent to another one.

    `sealed` is the SHA-256 of its manifest: that very model answers, or ModelFault.
    """

    def __init__(self, folder: Path, sealed: str) -> None:
        self.folder = folder
        self.sealed = sealed

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Answer the rows."""
        return answered(self.model, rows)

    @cached_property
    def model(self) -> Model:
        """The model, with everything read that its first answer would have to wait for."""
        model = load_model(self.folder, self.sealed)
        model.predict([as_read("路灯", "小区门口路灯不亮")])
        return model

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "sealed": self.sealed}
