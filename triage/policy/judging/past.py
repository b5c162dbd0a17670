"""Past orders: what was known of an order and everything that happened to it, as a ledger or a file hands it in."""

from __future__ import annotations

from dataclasses import dataclass

from triage.policy.judging.facts import Case


@dataclass(frozen=True)
class PastOrder:
    """One order of a backlog: its id, its category where one is known, and the case the judge looks at."""

    id: str
    case: Case
    category: str | None = None
