"""How many orders and callers an issue has at a moment: the facts that the rules ask (rulebook, section 0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.similar.callers.tokens import CallerToken

WEEK = timedelta(days=7)
MOST_CALLERS_ASKED = 5_000
"""Of an issue with more orders in a week the callers of the latest so many are told apart: a number that every rule's
threshold is far below, and a cost that a flood of copies cannot raise."""


@dataclass(frozen=True, slots=True)
class Counts:
    """An issue at a moment, the order itself included: orders and callers ever, orders that day and in seven days,
    callers in seven days."""

    orders: int
    callers: int
    today: int
    week: int
    callers_week: int


def start_of_week(moment: datetime) -> datetime:
    """Seven times 24 hours before a moment."""
    return moment - WEEK


def distinct(callers: Sequence[CallerToken | None]) -> int:
    """How many callers are proven: different tokens, or one where all are unknown (see docs/callers.md).

    >>> one = CallerToken("c1-a", "phone")
    >>> distinct([one, one, None]), distinct([None, None]), distinct([])
    (1, 1, 0)
    """
    latest = callers[-MOST_CALLERS_ASKED:]
    known = {caller.value for caller in latest if caller is not None}
    return len(known) or min(len(latest), 1)
