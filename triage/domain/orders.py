"""Orders (工单) and their callers, as they come down from the district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triage.domain.vocabulary import Complexity, RequestType, Urgency


@dataclass(frozen=True, slots=True, repr=False)
class Caller:
    """Who called. Never printed: a stray log line must not carry a name or a number."""

    name: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return "Caller(…)"


@dataclass(frozen=True, slots=True)
class Order:
    """One request of one caller. What the district already stated beats what is worked out here."""

    received_at: datetime
    text: str = ""
    title: str = ""
    id: str | None = None
    address: str = ""
    caller: Caller = Caller()
    request_type: RequestType | None = None
    urgency: Urgency | None = None
    complexity: Complexity | None = None
    category: str | None = None
    units: tuple[str, ...] | None = None
