"""One order of an issue as its citizen told it, and a sample of them that is the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One order: title and text cleaned (`triage.language.clean`), caller a token that tells callers apart, or None."""

    order_id: str
    received_at: datetime
    title: str
    text: str
    caller: str | None = None


def in_time(told: Sequence[Told]) -> list[Told]:
    """The orders by time of receipt; every field settles a tie, so that no list order shows through.

    >>> early, late = (Told(str(day), datetime(2026, 3, day), "", "") for day in (1, 2))
    >>> [order.order_id for order in in_time([late, early])]
    ['1', '2']
    """
    return sorted(told, key=lambda order: (instant(order), order.order_id, order.title, order.text, order.caller or ""))


def sample(told: Sequence[Told], limit: int) -> list[Told]:
    """At most `limit` orders, spread evenly over the issue's time, the first and the last among them.

    >>> [order.order_id for order in sample([Told(str(day), datetime(2026, 3, day), "", "") for day in range(1, 8)], 3)]
    ['1', '4', '7']
    """
    ordered = in_time(told)
    if len(ordered) <= limit:
        return ordered
    return [ordered[index * (len(ordered) - 1) // (limit - 1)] for index in range(limit)]


def instant(order: Told) -> datetime:
    """When the order came in; a time without an offset counts as UTC, so that a mixture can still be sorted."""
    return order.received_at.replace(tzinfo=order.received_at.tzinfo or UTC)
