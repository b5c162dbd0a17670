"""Answers that went out alone, and whether what became of the orders bears them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from triage.desk.learning.lessons import Lesson, lessons_of
from triage.desk.learning.outcomes import outcome_of
from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.domain.moments import SHANGHAI
from triage.policy.judging.history import known_at
from triage.policy.pack.pack import Pack
from triage.records.entries import RECEIVED, Kept
from triage.records.ledger import entries_of_all
from triage.records.orders import OrderRow, orders_received

TASK = "category"
"""The task whose answers go out alone."""

TRUSTED = 0.5
"""A label that outcomes make at least so sure is taken as right: a unit with the duty dealt with the order."""

AGE = timedelta(days=14)
"""Younger orders are not looked at: what is handed back comes back sooner than what is solved."""

_AT_ONCE = 500
_BEGINNING = datetime(1900, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an order's first entry says of the model's answer: who gave it, how certain it was (None where the category
    was stated), and whether it went out alone."""

    name: str
    version: str
    certainty: float | None
    auto: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer that went out alone, and whether the order's outcome bears it out."""

    order_id: str
    at: datetime
    label: str
    certainty: float
    right: bool


def answer_of(received: Mapping[str, Any]) -> Answer | None:
    """The answer that an order's first entry tells of; None in a ledger from before that was put down."""
    told = received.get("answered")
    return None if told is None else Answer(told["name"], told["version"], told["certainty"], told["auto"])


def checked_answers(
    books: Books, policy: str, name: str, version: str, *, since: datetime | None = None, until: datetime
) -> Iterator[Checked]:
    """The answers of one model that went out alone on a policy's orders received from `since` on, by time, where
    outcomes say by `until` whether they were right.

    An order that was handed back and went elsewhere was answered wrongly, whatever would have been right.
    """
    with books.ledger.database.reading() as connection:
        rows = orders_received(connection, policy, since or _BEGINNING, until - AGE)
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        with books.ledger.database.reading() as connection:
            entries = entries_of_all(connection, [row.id for row in part])
        for row in part:
            told = answer_of(_received(entries[row.id]))
            if told is None or not told.auto or told.certainty is None or (told.name, told.version) != (name, version):
                continue
            found = _checked(row, told.certainty, entries[row.id], books.town(policy, row.received_at).pack, until)
            if found is not None:
                yield found


def _checked(row: OrderRow, certainty: float, entries: Sequence[Kept], pack: Pack, until: datetime) -> Checked | None:
    label = _received(entries).get("category")
    lesson = next((one for one in lessons_of(row, entries, pack, until) if one.task == TASK), None)
    if label is None:
        return None
    right = lesson.label == label if _is_trusted(lesson) and lesson is not None else None
    if right is None and _went_elsewhere(row, entries, until):
        right = False
    return None if right is None else Checked(row.id, row.received_at, str(label), certainty, right)


def _is_trusted(lesson: Lesson | None) -> bool:
    return lesson is not None and lesson.weight >= TRUSTED


def _went_elsewhere(row: OrderRow, entries: Sequence[Kept], until: datetime) -> bool:
    outcome = outcome_of(known_at(row.received_at, tuple(events_of(entries)), until))
    return outcome.is_settled and "returned" in outcome.moved


def _received(entries: Sequence[Kept]) -> Mapping[str, Any]:
    return next(kept.entry.fields for kept in entries if kept.entry.kind == RECEIVED)
