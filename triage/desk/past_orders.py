"""Orders with their events, as a file hands them in: `{id, policy, order, facts, events, as_of}` as JSON."""

from __future__ import annotations

import json
from typing import Any

from triage.policy.scenarios.cases import ReadCase, read_case

KEYS = {"id", "policy", "order", "facts", "events", "as_of"}
PERSONAL = frozenset({"id", "title", "text", "caller", "address"})
"""Keys of an order that are allowed and not looked at: rules ask no text and no caller."""


def read_past_order(text: bytes | str, line: int, policy: str, as_of: str | None = None) -> tuple[str, ReadCase]:
    """The order's id (or its line) and its case; ValueError or BadInput says what cannot be used.

    `as_of`, where given, stands for the order's own.
    """
    item = _mapping(text)
    unknown = sorted(set(item) - KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]}; known are {', '.join(sorted(KEYS))}")
    if item.get("policy", policy) != policy:
        raise ValueError(f"policy is {item['policy']!r}, not {policy!r}")
    order = item.get("order") or {}
    told = item.get("id") or (order.get("id") if isinstance(order, dict) else None)
    read = read_case(item if as_of is None else {**item, "as_of": as_of}, ignored=PERSONAL)
    return str(told or f"line {line}"), read


def _mapping(text: bytes | str) -> dict[str, Any]:
    try:
        item = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("not valid JSON") from None
    if not isinstance(item, dict):
        raise ValueError(f"an order is a mapping, not {type(item).__name__}")
    return item
