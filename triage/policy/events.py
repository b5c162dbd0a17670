"""From JSON or YAML to events: every fault of a list at once, by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from triage.domain.errors import BadInput, Problem
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind
from triage.policy.calendar.workdays import parse_time
from triage.policy.vocabulary import FACTS, check_facts

KINDS: Mapping[Any, EventKind] = {kind.value: kind for kind in EventKind}
_LISTS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.DISPATCHED: ("assist",),
    EventKind.REPLIED: ("elements", "attachments"),
    EventKind.REVIEW_FAILED: ("reasons",),
    EventKind.REVIEW_PASSED: ("reasons",),
}
"""The lists that an event of a kind has; left out they are empty."""

_OF_TEXTS = frozenset({"assist", "elements", "attachments", "reasons"})
_TYPES: Mapping[str, tuple[type, str]] = {
    **dict.fromkeys(
        ("unit", "by", "proposed_unit", "next_unit", "outcome", "fact", "satisfaction", "event"), (str, "a text")
    ),
    **dict.fromkeys(("reached", "contacted", "answered", "solved"), (bool, "true or false")),
}

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
    for name in _LISTS.get(KINDS[kind], ()):
        fields[name] = [] if fields.get(name) is None else fields[name]
    if kind == EventKind.REPLIED:
        # YAML reads a bare `true` as a boolean; the contract's word is the text.
        fields["fact"] = "true" if fields.get("fact") in (None, True) else fields["fact"]
    _check_types(fields)
    if kind == EventKind.NOTE:
        fields["facts"] = _noted(fields.get("facts"))
    if kind == EventKind.CORRECTED and fields.get("replacement") is not None:
        fields["replacement"] = _parse_event(fields["replacement"])
    return Event(parse_time(at), KINDS[kind], fields, None if event_id is None else str(event_id))


def _check_types(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if value is None:
            continue
        if name in _OF_TEXTS and not (isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)):
            raise ValueError(f"{name} must be a list of texts, not {value!r}")
        if name in _TYPES and not isinstance(value, _TYPES[name][0]):
            raise ValueError(f"{name} must be {_TYPES[name][1]}, not {value!r}")


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
