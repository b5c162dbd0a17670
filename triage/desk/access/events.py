"""Who may record which event: a unit what it did itself, a leader in their own name, the desk for all of them."""

from __future__ import annotations

from collections.abc import Iterator

from triage.desk.access.rights import OF_ONE_UNIT
from triage.domain.errors import BadInput, Forbidden, Problem
from triage.domain.events import Event
from triage.domain.people import Actor
from triage.domain.vocabulary import EventKind, Role
from triage.policy.pack.pack import Pack

OF_UNITS = frozenset(
    {
        EventKind.CONTACT_ATTEMPT,
        EventKind.SIGNED,
        EventKind.ACCEPTED,
        EventKind.SITE_VISITED,
        EventKind.RETURN_REQUESTED,
        EventKind.EXTENSION_REQUESTED,
        EventKind.PROGRESS_REPORTED,
        EventKind.REPLIED,
        EventKind.UNTRUE_SIGNED,
        EventKind.BULLETIN_ANSWERED,
        EventKind.NOTE,
    }
)
"""What a unit does."""

FOR_OTHERS = frozenset({Role.DISPATCHER, Role.CENTRE, Role.CENTRE_LEADER})
"""The desk records what leaders and units told it; the ledger keeps who recorded it."""


def refuse_foreign(pack: Pack, event: Event, by: Actor, index: int) -> None:
    """Forbidden where the event is not this actor's to record; BadInput where it names a unit not in the pack."""
    fault = next(_faults(event, by), None)
    if fault is not None:
        raise Forbidden("this event is not yours to record", [Problem(("events", index), fault)])
    named = [("unit", event.get("unit")), ("next_unit", event.get("next_unit"))]
    named += [("assist", unit) for unit in event.get("assist") or ()]
    strangers = [
        Problem(("events", index, name), f"no unit {str(unit)[:80]!r} in pack {pack.id}")
        for name, unit in named
        if unit is not None and unit not in pack.units
    ]
    if strangers:
        raise BadInput("events", strangers)


def _faults(event: Event, by: Actor) -> Iterator[str]:
    said_by = event.get("by")
    if by.role in OF_ONE_UNIT:
        if event.kind not in OF_UNITS:
            yield f"{event.kind} is not recorded by a unit"
        if event.get("unit") not in (None, by.unit):
            yield "unit must be your own"
        if said_by not in (None, Role.UNIT, by.role):
            yield f"by must be {by.role}"
    elif by.role not in FOR_OTHERS and said_by not in (None, by.role):
        yield f"by must be {by.role}"
