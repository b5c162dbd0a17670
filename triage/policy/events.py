"""From JSON or YAML to events: every fault of a list at once, by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from triage.domain.errors import BadInput, Problem
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind
from triage.policy.vocabulary import FACTS, check_facts
from triage.policy.workdays import parse_time

KINDS: Mapping[Any, EventKind] = {kind.value: kind for kind in EventKind}
_LISTS = ("assist", "elements", "attachments", "reasons")

FIELDS = frozenset(
    "unit assist by reached reason proposed_unit signed_by_head next_unit days until outcome elements attachments fact "
    "reasons contacted answered solved satisfaction ground level facts event replacement".split()
)
"""The fields that events have, of whatever kind."""


def parse_events(raw: Sequence[Any], loc: tuple[str | int, ...] = ("events",)) -> tuple[Event, ...]:
    """Events from plain data; only `at` and `kind` are required, lists default to empty and `fact` to "true".

    >>> parse_events([{"at": "2026-03-02T09:30", "kind": "dispatched", "unit": "u1"}])[0].get("unit")
    'u1'
    """
    problems: list[Problem] = []
    events: list[Event] = []
    for index, item in enumerate(raw):
        try:
            events.append(_parse_event(item))
        except ValueError as error:
            problems.append(Problem((*loc, index), str(error)))
    if problems:
        raise BadInput("events", problems)
    return tuple(events)


def _parse_event(item: Any) -> Event:
    if not isinstance(item, Mapping):
        raise ValueError(f"an event is a mapping with at and kind, not {item!r}")
    fields = {str(name): value for name, value in item.items()}
    at, kind, event_id = fields.pop("at", None), fields.pop("kind", None), fields.pop("id", None)
    if at is None:
        raise ValueError("at is missing")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not one of {', '.join(EventKind)}")
    if "until" in fields:
        fields["until"] = _until(fields["until"])
    for name in _LISTS:
        fields.setdefault(name, [])
    if kind == EventKind.REPLIED:
        # YAML reads a bare `true` as a boolean; the contract's word is the text.
        fields["fact"] = "true" if fields.get("fact") in (None, True) else fields["fact"]
    if kind == EventKind.NOTE:
        fields["facts"] = _noted(fields.get("facts"))
    if kind == EventKind.CORRECTED and fields.get("replacement") is not None:
        fields["replacement"] = _parse_event(fields["replacement"])
    return Event(parse_time(at), KINDS[kind], fields, None if event_id is None else str(event_id))


def _noted(stated: Any) -> dict[str, Any]:
    """A note's facts: those that rules may ask are checked, others are the person's own words and kept."""
    if not isinstance(stated or {}, Mapping):
        raise ValueError(f"facts of a note are a mapping of name to value, not {stated!r}")
    noted = dict(stated or {})
    try:
        return noted | check_facts({name: value for name, value in noted.items() if name in FACTS})
    except BadInput as error:
        raise ValueError("; ".join(map(str, error.problems))) from None


def _until(value: Any) -> Any:
    """A date stays a date (it ends at the close of business), a time becomes one."""
    if isinstance(value, str) and len(value) <= 10:
        return date.fromisoformat(value)
    if isinstance(value, date) and not hasattr(value, "hour"):
        return value
    return parse_time(value)
