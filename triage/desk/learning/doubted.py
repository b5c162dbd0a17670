"""Labels that were probably slips: a short list that training puts down and the desk looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.domain.people import Actor
from triage.records.activity import entries_of_kind
from triage.records.entries import FEEDBACK, LABELS_DOUBTED, Entry
from triage.records.orders import orders_by_id

SHORT = 50
"""So many a person looks through; the most doubtful come first, and the next list follows."""


@dataclass(frozen=True, slots=True)
class DoubtedLabel:
    """An order whose label is doubtful: the one it has, a likelier one, and how probable a model that had not seen the
    order found each."""

    order_id: str
    task: str
    given: str
    chance: float
    likelier: str
    likelier_chance: float


@dataclass(frozen=True, slots=True)
class DoubtedList:
    """The latest list, put down `at`, without what was answered since; None where there never was one."""

    at: datetime | None
    labels: tuple[DoubtedLabel, ...]


def put_doubts(books: Books, policy: str, found: Sequence[DoubtedLabel], by: Actor) -> int:
    """Put a list down in place of the one before; how many are on it. It holds ids, labels and figures, no text."""
    listed = [asdict(one) for one in found[:SHORT]]
    with books.ledger.turn() as turn:
        turn.add(Entry(policy=policy, kind=LABELS_DOUBTED, at=turn.now, fields={"labels": listed}, recorder=by.id))
        turn.audit(by.id, by.role, "list doubtful labels", policy)
    return len(listed)


def doubts(books: Books, policy: str, most: int = SHORT) -> DoubtedList:
    """What the desk still has to look at, the most doubtful first."""
    books.town(policy)
    with books.ledger.database.reading() as connection:
        lists = entries_of_kind(connection, policy, LABELS_DOUBTED)
        if not lists:
            return DoubtedList(None, ())
        latest = lists[-1]
        labels = [DoubtedLabel(**one) for one in latest.entry.fields["labels"]]
        gone = _answered_since(connection, policy, latest.recorded_at, latest.seq)
        kept = orders_by_id(connection, [one.order_id for one in labels])
    left = [one for one in labels if one.order_id in kept and one.order_id not in gone]
    return DoubtedList(latest.entry.at, tuple(left[:most]))


def _answered_since(connection: Connection, policy: str, at: datetime, seq: int) -> set[str]:
    later = entries_of_kind(connection, policy, FEEDBACK, since=at)
    return {str(kept.entry.order_id) for kept in later if kept.seq > seq}
