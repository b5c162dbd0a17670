"""What happened so far, found by kind: every clock looks for a few kinds of event only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.domain.events import Event
from triage.domain.vocabulary import EventKind
from triage.policy.pack.rules import EventPattern


class Timeline:
    """Events in the order in which they happened; a place is an event's position among them, from 0."""

    __slots__ = ("_places", "events")

    def __init__(self, events: tuple[Event, ...]) -> None:
        self.events = events
        self._places: dict[EventKind, list[int]] = {}
        for place, event in enumerate(events):
            self._places.setdefault(event.kind, []).append(place)

    def latest(self, patterns: Iterable[EventPattern]) -> int:
        """The place of the latest event that one of the patterns fits, or -1."""
        found = -1
        for pattern in patterns:
            for place in reversed(self._places.get(pattern.kind, ())):
                if place <= found:
                    break
                if pattern.matches(self.events[place]):
                    found = place
                    break
        return found

    def after(self, place: int, patterns: Iterable[EventPattern]) -> Event | None:
        """The first event after a place that one of the patterns fits."""
        found = len(self.events)
        for pattern in patterns:
            for later in self._places.get(pattern.kind, ()):
                if later >= found:
                    break
                if later > place and pattern.matches(self.events[later]):
                    found = later
                    break
        return self.events[found] if found < len(self.events) else None

    def all_after(self, place: int, kind: EventKind) -> Iterator[Event]:
        """Every event of a kind after a place."""
        return (self.events[later] for later in self._places.get(kind, ()) if later > place)
