"""From plain data to a case: the order, the facts and the events of a scenario or of a past order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from triage.domain.errors import BadInput, Problem
from triage.policy.calendar.workdays import parse_time
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import FactValue, check_facts

ORDER_KEYS = {"received_at", "request_type", "urgency", "complexity", "units", "category"}
_STATED_BY_ORDER = ("request_type", "urgency", "complexity")
_SHAPES: Mapping[str, type] = {"order": dict, "facts": dict, "events": list, "expect": dict}
_SHAPE_WORDS: Mapping[type, str] = {dict: "mapping", list: "list"}


@dataclass(frozen=True)
class ReadCase:
    """A case with the category that was stated of it and the time at which it is to be judged."""

    case: Case
    category: str | None
    as_of: datetime

    def under(self, pack: Pack) -> Case:
        """Where only a category is stated, its candidates are the units that this pack gives the duty for it."""
        duty = pack.duties.get(self.category or "")
        if duty is None or "candidate_units" in self.case.derived:
            return self.case
        return replace(self.case, derived={**self.case.derived, "candidate_units": duty.lead})


def read_case(item: Mapping[str, Any], *, ignored: frozenset[str] = frozenset()) -> ReadCase:
    """A case from `order`, `facts`, `events` and `as_of`; BadInput or ValueError names what cannot be.

    `ignored` are further keys of `order` that are allowed and not looked at. Without `as_of` it is the time of the
    last thing that happened.

    >>> read_case({"order": {"received_at": "2026-03-02T09:00", "urgency": "urgent"}}).case.derived
    {'urgency': 'urgent'}
    """
    for key, shape in _SHAPES.items():
        if not isinstance(item.get(key) or shape(), shape):
            raise BadInput("case", [Problem((key,), f"must be a {_SHAPE_WORDS[shape]}, not {item[key]!r}")])
    order = {name: value for name, value in (item.get("order") or {}).items() if name not in ignored}
    refuse_unknown(order, ORDER_KEYS, "order.")
    received = None if order.get("received_at") is None else parse_time(order["received_at"])
    events = parse_events(item.get("events") or [])
    case = Case(received, _derived(order), events, check_facts(item.get("facts") or {}))
    category = None if order.get("category") is None else str(order["category"])
    return ReadCase(case, category, _as_of(item.get("as_of"), case))


def refuse_unknown(mapping: Mapping[str, Any], known: set[str], prefix: str) -> None:
    """ValueError with the first key that is not known."""
    unknown = sorted(str(key) for key in mapping if key not in known)
    if unknown:
        raise ValueError(f"unknown key {prefix}{unknown[0]}; known are {', '.join(sorted(known))}")


def _derived(order: Mapping[str, Any]) -> dict[str, FactValue]:
    told = {name: order[name] for name in _STATED_BY_ORDER if order.get(name) is not None}
    derived = check_facts(told, loc=("order",))
    if order.get("units") is not None:
        derived.update(check_facts({"candidate_units": order["units"]}, loc=("order",)))
    return derived


def _as_of(stated: Any, case: Case) -> datetime:
    times = [event.at for event in case.events] + ([case.received_at] if case.received_at else [])
    if stated is None and not times:
        raise ValueError("as_of is missing, and there is no received_at and no event to take it from")
    return max(times) if stated is None else parse_time(stated)
