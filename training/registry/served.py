"""A model folder as MLflow's pyfunc: what MLflow calls when it loads one. No pickle but the folder's own is read.

Input: a column `text` and, where there is one, `title`. Answers: `label`, `confidence`, `auto` and `set` (the labels
that together hold the right one at the promised rate, best first, joined by `|`), as `triage predict` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.classify.features import as_read
from triage.classify.model import Model
from triage.classify.store import load_model

if TYPE_CHECKING:
    import pandas as pd

DIGEST = "manifest_sha256"


class ServedModel:
    """Answers the primary task of a model, a row for each row, in order."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:
        """Answers with the index of what was asked; a missing text is an empty one."""
        import pandas as pd

        bodies = model_input["text"].fillna("")
        titles = model_input["title"].fillna("") if "title" in model_input else [""] * len(bodies)
        answers = self.model.predict([as_read(title, body) for title, body in zip(titles, bodies, strict=True)])
        columns = ("label", "confidence", "auto", "set")
        rows = [(one.label, float(one.confidence), bool(one.auto), "|".join(one.labels)) for one in answers]
        return pd.DataFrame(rows, columns=list(columns), index=model_input.index)


def _load_pyfunc(data_path: str, model_config: Mapping[str, Any]) -> ServedModel:
    """Load the folder that was logged; ModelFault where it is another one. MLflow looks for this very name."""
    return ServedModel(load_model(Path(data_path), model_config[DIGEST]))
