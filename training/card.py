"""The model card: what a model was made from and what may be expected of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.classify.model import Model

_SECOND = """
- Where these are not sure, a sentence encoder in ONNX gives a second opinion, and both are pooled; needs the extra
  `strong`. The promise is made for the answers after that."""


def train_card(model: Model, facts: Mapping[str, Any]) -> str:
    """The card of a model fitted by `triage train`."""
    promise = model.heads[model.primary].promise_
    labels = ", ".join(str(name) for name in model.heads[model.primary].classes_)
    alone = (
        f"decides alone at a certainty (best of the best two) of {promise.auto_above:.4f} and above "
        f"({promise.auto_share:.1%} of held-out texts)"
        if promise.auto_above is not None
        else "never decides alone: no threshold kept the promise on held-out texts"
    )
    doubtful = (
        "not looked for (cleanlab, of the extra `training`, is not installed)"
        if facts["doubtful"] is None
        else f"{facts['doubtful']} rows in `doubtful.csv`, learnt from all the same"
    )
    table = "" if model.features.table is None else " with the static word table beside them"
    ends = ", opening and closing once more" if model.features.ends else ""
    asked = "" if model.second is None else _SECOND
    return f"""# {model.name}

Version {model.version}. Answers `{model.primary}`: {labels}.

- Fitted on {facts["rows"]} rows, columns {", ".join(facts["text_columns"])}.
- SHA-256 of the file: {facts["data_sha256"]}.
- Words 1-2 and characters 1-3{ends}{table}.
- Linear support vectors with a naive-Bayes view, calibrated on held-out margins.{asked}
- Promise: precision {promise.precision:.0%} at confidence {promise.level:.0%}, and at least
  {promise.label_precision:.0%} for each label with the held-out answers to show it; it {alone}.
- Doubtful labels: {doubtful}.
- Label sets are meant to hold the right label for {promise.coverage:.0%} of texts.
- Held-out texts behind these figures: {promise.held_out}, near copies on one side.
- Telephone, identity and bank numbers, plates, door numbers and names were redacted before fitting.
"""
