"""The card of a model that was retrained: what it was made from, and how it did beside the one that answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.classify.model import Model
from triage.desk.learning.verdict import Verdict


def retrained_card(model: Model, facts: Mapping[str, Any], verdict: Verdict) -> str:
    """The card, in Markdown."""
    promise = model.heads[model.primary].promise_
    alone = "never decides alone" if promise.auto_above is None else f"decides {promise.auto_share:.1%} of orders alone"
    tasks = "\n".join(
        f"| {task} | {figures['rows']} | {_pair(figures['accuracy'])} | {_pair(figures['macro_f1'])} |"
        for task, figures in verdict.measured["tasks"].items()
    )
    against = "\n".join(f"- {reason.id}: {reason.because}." for reason in verdict.reasons) or "- Nothing."
    learnt = ", ".join(f"{task} {count}" for task, count in facts["learnt"].items())
    return f"""# {model.name}

Version {model.version}, a challenger of {verdict.against["name"]} {verdict.against["version"]}.

- Learnt from {facts["source"]}: {learnt}; beside them the written examples of the default model.
- SHA-256 of what was learnt from: {facts["learnt_sha256"]}; of what it was judged by: {facts["held_back_sha256"]}.
- The newest orders were held back, near copies and orders of one issue on one side.
- Promise: precision {promise.precision:.0%} at confidence {promise.level:.0%}, from {promise.held_out} of the town's
  orders that were held out while fitting; it {alone}.
- Personal data was redacted before fitting; no text of an order is in the folder.

| task | orders held back | accuracy, before and now | macro-F1, before and now |
|---|---|---|---|
{tasks}

What speaks against it at the gate:

{against}
"""


def _pair(both: Mapping[str, float]) -> str:
    return f"{both['champion']:.3f}, {both['challenger']:.3f}"
