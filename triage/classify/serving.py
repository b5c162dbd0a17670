"""What a model must be able to answer before it may serve decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from triage.domain.vocabulary import SIGNALS


def unfit_to_serve(labels: Mapping[str, Collection[str]]) -> list[str]:
    """Why a model with these labels by task cannot serve decisions, every reason at once; nothing where it can.

    It may know fewer labels of a signal than there are, never others.

    >>> unfit_to_serve({"category": ["noise"]})[0]
    'it has no head for request_type, urgency, complexity, emergency'
    """
    missing = [task for task in ("category", *SIGNALS) if task not in labels]
    reasons = [f"it has no head for {', '.join(missing)}"] if missing else []
    for task, known in SIGNALS.items():
        strangers = sorted(set(map(str, labels.get(task, ()))) - set(known))
        if strangers:
            reasons.append(f"its {task} knows {', '.join(strangers)}, allowed are {', '.join(sorted(known))}")
    if "emergency" in labels and "none" not in labels["emergency"]:
        reasons.append("its emergency does not know none")
    return reasons
