"""What became of an order, as far as it says something about its labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, Satisfaction
from triage.policy.judging.history import History
from triage.policy.scoring.work import units_of

_PLEASED = (Satisfaction.SATISFIED, Satisfaction.MOSTLY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an order went and how that ended.

    `unit` had it last; it has `taken` it once it accepted or replied, and `handled` it once it replied; `is_open` while
    it asks to hand it back or somebody has to dispatch it anew. `supports` and `weakens` are ids of reasons:
    what speaks for a category whose duty is this unit's, and against one.
    """

    unit: str | None
    taken: bool
    is_open: bool
    stored: bool
    supports: tuple[str, ...]
    moved: tuple[str, ...]
    weakens: tuple[str, ...]

    @property
    def is_settled(self) -> bool:
        """Whether a unit has it for good. An order put on file with the district was no unit's to settle."""
        return self.unit is not None and self.taken and not self.is_open and not self.stored


def outcome_of(seen: Sequence[Event]) -> Outcome:
    """What events come to that were corrected already, oldest first (`policy.judging.history.known_at`); pure."""
    events = tuple(seen)
    facts = History(events).facts()
    unit, _ = units_of(events)
    replied = bool(facts["replied"])
    return Outcome(
        unit=unit,
        taken=bool(facts["accepted"]) or replied,
        is_open=bool(facts["return_open"] or facts["to_dispatch"]),
        stored=bool(facts["stored"]),
        supports=tuple(_supports(events, replied)),
        moved=tuple(_moved(events, unit)),
        weakens=tuple(_weakens(events, bool(facts["return_rejections"]), bool(facts["untrue_signed"]))),
    )


def _supports(events: Sequence[Event], replied: bool) -> Iterator[str]:
    yield "handled" if replied else "taken"
    called_back = _last(events, EventKind.CALLED_BACK)
    if replied and called_back is not None and called_back.get("solved") is True:
        yield "solved"
        if called_back.get("satisfaction") in _PLEASED:
            yield "satisfied"


def _moved(events: Sequence[Event], unit: str | None) -> Iterator[str]:
    """How it came to its last unit, if not by being dispatched there in the first place."""
    if _last(events, EventKind.RETURN_APPROVED) is not None:
        yield "returned"
    designated = _last(events, EventKind.DESIGNATED)
    if designated is not None and designated.get("unit") == unit:
        yield "designated"


def _weakens(events: Sequence[Event], overruled: bool, untrue: bool) -> Iterator[str]:
    if overruled:
        yield "return_rejected"
    called_back = _last(events, EventKind.CALLED_BACK)
    if called_back is not None and called_back.get("satisfaction") == Satisfaction.UNSATISFIED:
        yield "unsatisfied"
    if untrue:
        yield "untrue_signed"


def _last(events: Sequence[Event], kind: EventKind) -> Event | None:
    return next((event for event in reversed(events) if event.kind is kind), None)
