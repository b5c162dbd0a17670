"""What persons said about an order's labels themselves: feedback, notes, what the district stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from triage.domain.events import Event
from triage.domain.vocabulary import EventKind
from triage.records.entries import FEEDBACK, Kept

NOTED = ("request_type", "urgency")
"""What a note or the district states as a fact. No fact names a category."""

Said = tuple[str, str]
"""The id of a reason, and the label."""


def said_of(task: str, received: Mapping[str, Any], seen: Iterable[Event], feedback: Sequence[Kept]) -> Said | None:
    """The last word of a person on one task; a dispatcher's goes before what others stated. None where nobody said."""
    return _fed_back(task, feedback) or _noted(task, seen) or _stated(task, received)


def feedback_until(entries: Iterable[Kept], until: datetime) -> list[Kept]:
    """The feedback among an order's entries, up to and including `until`."""
    return [kept for kept in entries if kept.entry.kind == FEEDBACK and kept.entry.at <= until]


def _fed_back(task: str, feedback: Sequence[Kept]) -> Said | None:
    """What was said last of the task itself; what was only let stand yields to that."""
    found: Said | None = None
    for kept in feedback:
        fields = kept.entry.fields
        suggested = (fields.get("suggested") or {}).get(task)
        if fields.get(task) is not None:
            found = ("corrected", str(fields[task]))
        elif suggested is not None and fields.get("accepted"):
            found = ("accepted", str(suggested))
        elif suggested is not None and found is None and _is_about_labels(fields):
            found = ("let_stand", str(suggested))
    return found


def _is_about_labels(fields: Mapping[str, Any]) -> bool:
    """Whoever chose another unit, mode or issue may have had the category in mind, or not."""
    return any(fields.get(name) is not None for name in ("category", "request_type", "urgency"))


def _noted(task: str, seen: Iterable[Event]) -> Said | None:
    notes = [event.get("facts") or {} for event in seen if event.kind is EventKind.NOTE] if task in NOTED else []
    labels = [facts[task] for facts in notes if facts.get(task) is not None]
    return ("noted", str(labels[-1])) if labels else None


def _stated(task: str, received: Mapping[str, Any]) -> Said | None:
    label = (received.get("stated") or {}).get(task) if task in NOTED else None
    return None if label is None else ("stated", str(label))
