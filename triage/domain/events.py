"""What happened to an order. An event is never rewritten; a later one may correct it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from triage.domain.vocabulary import EventKind

NO_FIELDS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, what, and the fields the contract lists for its kind."""

    at: datetime
    kind: EventKind
    fields: Mapping[str, Any] = field(default_factory=lambda: NO_FIELDS)
    id: str | None = None

    def get(self, name: str) -> Any:
        """A field's value, or None where the event does not carry it."""
        return self.fields.get(name)


def seen_at(events: Iterable[Event], as_of: datetime) -> tuple[Event, ...]:
    """The events up to and including `as_of`, oldest first; those of one instant keep their order."""
    return tuple(sorted((event for event in events if event.at <= as_of), key=lambda event: event.at))
