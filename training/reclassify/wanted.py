"""Which columns of a file are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.apply import TEXT_COLUMNS
from triage.domain.errors import BadInput, Problem


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns of the text, the one with ids where a file has it, and, if one is named, that of the label.

    Without `text` a file is read by those of title and text that it has.
    """

    text: Sequence[str] | None = None
    label: str | None = None
    id: str = "id"


def chosen(wanted: Wanted, columns: Sequence[str]) -> list[str]:
    """The columns of the text, of those there are; BadInput names every one that is missing or stands twice."""
    text = list(wanted.text or [name for name in TEXT_COLUMNS if name in columns] or TEXT_COLUMNS[-1:])
    needed = text if wanted.label is None else [*text, wanted.label]
    shown = ", ".join(name[:80] for name in columns[:50])
    problems = [Problem((), f"has no column {name!r}; it has {shown}") for name in needed if name not in columns]
    twice = sorted(name for name in {*needed, wanted.id} if list(columns).count(name) > 1)
    problems += [Problem((), f"column {name!r} stands twice") for name in twice]
    if problems:
        raise BadInput("columns", problems)
    return text
