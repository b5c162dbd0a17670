"""What kept orders say about labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from triage.desk.candidates import leads_of
from triage.desk.learning.outcomes import Outcome, outcome_of
from triage.desk.learning.reasons import weight_of
from triage.desk.learning.said import NOTED, Said, feedback_until, said_of
from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.desk.retention import RECORDER
from triage.policy.judging.history import known_at
from triage.policy.pack.pack import Pack
from triage.records.activity import entries_of_kind, orders_with_their_entries
from triage.records.entries import CALLER_ERASED, Kept, received_fields
from triage.records.orders import OrderRow

TASKS = ("category", *NOTED)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one kept order teaches one task: `text` and `title` are redacted, as the ledger's rows have them.

    `task` is category, request_type or urgency; `weight` says how sure the outcome makes the label (0 < weight <= 1),
    `why` what it rests on, by the ids of `reasons.REASONS`; `unit` had the order in the end, as far as it went.
    """

    order_id: str
    policy: str
    issue: str | None
    at: datetime
    title: str
    text: str
    task: str
    label: str
    weight: float
    why: tuple[str, ...]
    unit: str | None = None


def lessons(books: Books, policy: str, *, since: datetime | None = None, until: datetime) -> Iterator[Lesson]:
    """What a policy's orders received from `since` on teach, as things stood at `until`, in the order of time.

    Events and feedback up to and including `until` count; an order received then is not among them. Orders of callers
    who were erased because they asked teach nothing. UnknownPolicy where no pack has the policy.
    """
    books.town(policy)
    database = books.ledger.database
    with database.reading() as connection:
        left_out = _erased(connection, policy)
    for row, entries in orders_with_their_entries(database, policy, since, until, left_out):
        yield from lessons_of(row, entries, books.town(policy, row.received_at).pack, until)


def lessons_of(row: OrderRow, entries: Sequence[Kept], pack: Pack, until: datetime) -> Iterator[Lesson]:
    """What one order teaches, by the pack in force when it came: at most one lesson a task; pure."""
    received = received_fields(entries)
    seen = known_at(row.received_at, tuple(events_of(entries)), until)
    feedback = feedback_until(entries, until)
    outcome = outcome_of(seen)
    for task in TASKS:
        said = said_of(task, received, seen, feedback)
        found = _of_category(said, received, outcome, pack) if task == "category" else _plain(said)
        if found is not None:
            label, why = found
            yield Lesson(
                order_id=row.id,
                policy=row.policy,
                issue=row.issue,
                at=row.received_at,
                title=row.title,
                text=row.text,
                task=task,
                label=label,
                weight=weight_of(why),
                why=why,
                unit=outcome.unit,
            )


Found = tuple[str, tuple[str, ...]]
"""A label, and the ids of what it rests on."""


def _plain(said: Said | None) -> Found | None:
    """What becomes of an order says nothing about its request type and its urgency; only persons do."""
    return None if said is None else (said[1], (said[0],))


def _of_category(said: Said | None, received: Mapping[str, Any], outcome: Outcome, pack: Pack) -> Found | None:
    """A person's word, borne out or not by where the order went; without one, where it went."""
    if said is None:
        return _by_outcome(received, outcome, pack)
    reason, label = said
    leads = leads_of(pack, label)
    if not outcome.is_settled or not leads:
        return label, (reason,)
    if outcome.unit in leads:
        return label, (reason, *outcome.supports)
    if not outcome.moved:
        return label, (reason,)
    # Handed on to a unit whose duty it is not. A correction is doubted then, an agreement is refuted.
    return (label, (reason, *outcome.moved)) if reason == "corrected" else _by_outcome(received, outcome, pack)


def _by_outcome(received: Mapping[str, Any], outcome: Outcome, pack: Pack) -> Found | None:
    """The suggested category where the unit with its duty dealt with the order; else the one likely category of the
    unit that did, if there is one alone."""
    if not outcome.is_settled:
        return None
    suggested = received.get("category")
    if suggested is not None and outcome.unit in leads_of(pack, suggested):
        returned = tuple(name for name in outcome.moved if name == "returned")
        return suggested, (*outcome.supports, *returned, *outcome.weakens)
    own = [name for name, _ in received.get("likely") or () if outcome.unit in leads_of(pack, name)]
    return (own[0], ("only_likely", *outcome.moved, *outcome.weakens)) if len(own) == 1 else None


def _erased(connection: Connection, policy: str) -> set[str]:
    """The orders of callers who were erased because they asked for it.

    After an erasure by time alone the texts, redacted, are nobody's any more and may be learnt from.
    """
    asked = [kept for kept in entries_of_kind(connection, policy, CALLER_ERASED) if kept.entry.recorder != RECORDER]
    return {order_id for kept in asked for order_id in kept.entry.fields["orders"]}
