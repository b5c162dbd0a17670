"""The result of one order: what came of it and when, in words of closed lists only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from triage.domain.events import Event
from triage.domain.vocabulary import REPLY_ELEMENTS, EventKind, Outcome, ReplyFact, Satisfaction
from triage.policy.judging.history import known_at
from triage.records.columns import canonical, stamp
from triage.records.orders import CLOSED, OrderRow

READY = ("replied", CLOSED)
"""The stages in which an order has a result."""

_BEGINS_AGAIN = (EventKind.DISPATCHED, EventKind.REOPENED)
_KNOWN: Mapping[str, frozenset[str]] = {
    "outcome": frozenset(Outcome),
    "fact": frozenset(ReplyFact),
    "satisfaction": frozenset(Satisfaction),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What the district gets of an order; None is what did not happen or was not said. No names, no free text.

    A reply and a call-back are those of the latest dispatch; `elements` are what the reply contains, attachments too.
    """

    order_id: str
    policy: str
    status: str
    unit: str | None
    request_type: str
    category: str | None
    outcome: str | None
    fact: str | None
    elements: tuple[str, ...]
    contacted: bool | None
    answered: bool | None
    solved: bool | None
    satisfaction: str | None
    received_at: datetime
    dispatched_at: datetime | None
    first_contact_at: datetime | None
    replied_at: datetime | None
    called_back_at: datetime | None
    closed_at: datetime | None

    @property
    def content(self) -> dict[str, Any]:
        """As it is kept and sent: plain values, times with their offset."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @property
    def digest(self) -> str:
        """SHA-256 of the content: another one where anything that the district gets has changed."""
        return digest_of(self.content)


def digest_of(content: Any) -> str:
    """SHA-256 of plain content in its one spelling.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    return sha256(canonical(content).encode()).hexdigest()


def result_of(order: OrderRow, events: Iterable[Event]) -> Result:
    """The result of an order after all its events, corrected ones as they were corrected; pure."""
    told = tuple(events)
    seen = known_at(order.received_at, told, max([order.received_at, *(event.at for event in told)]))
    start = max((place for place, event in enumerate(seen) if event.kind in _BEGINS_AGAIN), default=0)
    now = seen[start:]
    reply, callback = _last(now, EventKind.REPLIED), _last(now, EventKind.CALLED_BACK)
    contacts = [event for event in seen if event.kind is EventKind.CONTACT_ATTEMPT and event.get("reached") is True]
    return Result(
        order_id=order.id,
        policy=order.policy,
        status=order.status,
        unit=order.unit,
        request_type=order.request_type,
        category=order.category,
        outcome=_word(reply, "outcome"),
        fact=_word(reply, "fact"),
        elements=_elements(reply),
        contacted=_answer(callback, "contacted"),
        answered=_answer(callback, "answered"),
        solved=_answer(callback, "solved"),
        satisfaction=_word(callback, "satisfaction"),
        received_at=order.received_at,
        dispatched_at=_at(_last(seen, EventKind.DISPATCHED)),
        first_contact_at=contacts[0].at if contacts else None,
        replied_at=_at(reply),
        called_back_at=_at(callback),
        closed_at=_at(_last(now, EventKind.CLOSED)) if order.status == CLOSED else None,
    )


def _last(events: tuple[Event, ...], kind: EventKind) -> Event | None:
    return next((event for event in reversed(events) if event.kind is kind), None)


def _at(event: Event | None) -> datetime | None:
    return None if event is None else event.at


def _word(event: Event | None, name: str) -> str | None:
    """A word of the closed list; what somebody put there in words of their own is not sent on."""
    said = None if event is None else event.get(name)
    return said if isinstance(said, str) and said in _KNOWN[name] else None


def _answer(event: Event | None, name: str) -> bool | None:
    said = None if event is None else event.get(name)
    return said if isinstance(said, bool) else None


def _elements(reply: Event | None) -> tuple[str, ...]:
    if reply is None:
        return ()
    named = {*(reply.get("elements") or ()), *(reply.get("attachments") or ())}
    return tuple(element for element in REPLY_ELEMENTS if element in named)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return list(value) if isinstance(value, tuple) else value
