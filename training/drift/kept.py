"""Drift of a policy's kept orders: recent ones against those before, as the ledger has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from training.drift.collective import Collective, collective
from training.drift.look import PER_YEAR, Look, look
from training.drift.seen import Seen, voices, words_of
from training.drift.wording import NAMES
from triage.desk.learning.checked import AGE, answer_of
from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.domain.errors import BadInput, Problem
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, Satisfaction
from triage.language.segment import Segmenter
from triage.policy.judging.history import known_at
from triage.records.activity import orders_with_their_entries
from triage.records.entries import FEEDBACK, Kept, received_fields
from triage.records.orders import OrderRow

RECENT, REFERENCE = timedelta(days=28), timedelta(days=364)
"""Four weeks against the year before them."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What is compared: orders received from `since` to `until` with those from `begin` to `reference_until`."""

    begin: datetime
    reference_until: datetime
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class KeptDrift:
    """What was found, when, and the orders of both sides before any matter was counted once."""

    spans: Spans
    look: Look
    collective: tuple[Collective, ...]
    recent: tuple[Seen, ...]
    reference: tuple[Seen, ...]


def spans_until(until: datetime, since: datetime | None = None, reference_until: datetime | None = None) -> Spans:
    """The recent four weeks and the year before them, unless told otherwise; BadInput where they overlap."""
    begin = until - RECENT if since is None else since
    end = begin if reference_until is None else reference_until
    problems = []
    if begin >= until:
        problems.append(Problem(("since",), f"{begin.isoformat()} is not before {until.isoformat()}"))
    if end > begin:
        problems.append(Problem(("reference_until",), f"{end.isoformat()} lies after {begin.isoformat()}, the start"))
    if problems:
        raise BadInput("drift", problems)
    return Spans(end - REFERENCE, end, begin, until)


def kept_drift(
    books: Books, policy: str, spans: Spans, *, per_year: float = PER_YEAR, categories: Mapping[str, str] | None = None
) -> KeptDrift:
    """One look at a policy's orders; UnknownPolicy where no pack has the policy, BadInput where a side has no order.

    `categories` are their names in Chinese by id.
    """
    books.town(policy)
    recent = tuple(seen_in(books, policy, spans.since, spans.until, spans.until))
    reference = tuple(seen_in(books, policy, spans.begin, spans.reference_until, spans.until))
    sides = (("since", recent, spans.since, spans.until), ("reference", reference, spans.begin, spans.reference_until))
    problems = [
        Problem((name,), f"no order of {policy} from {begin:%Y-%m-%d} to {end:%Y-%m-%d}")
        for name, orders, begin, end in sides
        if not orders
    ]
    if problems:
        raise BadInput("drift", problems)
    length = spans.until - spans.since
    names = {**NAMES, **(categories or {})}
    speaking = voices(recent, spans.until, length), voices(reference, spans.reference_until, length)
    found = look(*speaking, per_year=per_year, names=names)
    words = [one.what for one in found.findings if one.kind == "word"]
    return KeptDrift(spans, found, collective(recent, reference, words, per_year=per_year), recent, reference)


def seen_in(books: Books, policy: str, since: datetime, until: datetime, now: datetime) -> Iterator[Seen]:
    """A policy's orders received from `since` up to but not including `until`, with what became of them by `now`."""
    segmenter = Segmenter()
    for row, entries in orders_with_their_entries(books.ledger.database, policy, since, until):
        yield _seen(row, entries, now, segmenter)


def _seen(row: OrderRow, entries: Sequence[Kept], now: datetime, segmenter: Segmenter) -> Seen:
    received = received_fields(entries)
    answer = answer_of(received)
    return Seen(
        id=row.id,
        matter=row.issue or row.id,
        at=row.received_at,
        words=words_of(f"{row.title}\n{row.text}", segmenter),
        category=received.get("category"),  # as it was read: what a dispatcher made of it is an outcome
        confidence=_confidence(received),
        model=None if answer is None else f"{answer.name} {answer.version}",
        outcomes=_outcomes(row.received_at, entries) if row.received_at + AGE <= now else {},
    )


def _confidence(received: Mapping[str, Any]) -> float | None:
    """That of the model's own answer; a category that was stated is none."""
    answer, likely = answer_of(received), received.get("likely") or ()
    if not likely or (answer is not None and answer.certainty is None):
        return None
    return float(likely[0][1])


def _outcomes(received_at: datetime, entries: Sequence[Kept]) -> dict[str, bool]:
    """What came within `AGE`, of an order that is as old: a younger one had less time for it."""
    end = received_at + AGE
    events = known_at(received_at, tuple(events_of(entries)), end)
    chosen = [kept.entry.fields for kept in entries if kept.entry.kind == FEEDBACK and kept.entry.at <= end]
    found = {
        "returned": any(event.kind is EventKind.RETURN_REQUESTED for event in events),
        "corrected": any(_corrects(fields) for fields in chosen),
    }
    said = [event.get("satisfaction") for event in events if _called_back(event)]
    return found | ({"unsatisfied": said[-1] == Satisfaction.UNSATISFIED} if said else {})


def _called_back(event: Event) -> bool:
    return event.kind is EventKind.CALLED_BACK and event.get("satisfaction") is not None


def _corrects(fields: Mapping[str, Any]) -> bool:
    return fields.get("category") is not None and fields["category"] != fields["suggested"].get("category")
