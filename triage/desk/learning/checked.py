"""Answers that went out alone, and whether what became of the orders bears them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from triage.classify.head import TRUSTED
from triage.desk.learning.lessons import Lesson, lessons_of
from triage.desk.learning.outcomes import outcome_of
from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.policy.judging.history import known_at
from triage.policy.pack.pack import Pack
from triage.records.activity import orders_with_their_entries
from triage.records.entries import Kept, received_fields
from triage.records.orders import OrderRow

TASK = "category"
"""The task whose answers go out alone."""

AGE = timedelta(days=14)
"""Younger orders are not looked at: what is handed back comes back sooner than what is solved."""


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
    for row, entries in orders_with_their_entries(books.ledger.database, policy, since, until - AGE):
        told = answer_of(received_fields(entries))
        if told is None or not told.auto or told.certainty is None or (told.name, told.version) != (name, version):
            continue
        found = _checked(row, told.certainty, entries, books.town(policy, row.received_at).pack, until)
        if found is not None:
            yield found


def _checked(row: OrderRow, certainty: float, entries: Sequence[Kept], pack: Pack, until: datetime) -> Checked | None:
    label = received_fields(entries).get("category")
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
