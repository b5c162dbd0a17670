"""Hand results over to the district: what is ready, and batches of it that can be fetched again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.orders.projection import events_of
from triage.desk.results.result import READY, Result, digest_of, result_of
from triage.domain.errors import NotFound, Problem
from triage.domain.people import Actor
from triage.records.ledger import Turn, entries_of_all
from triage.records.orders import orders_by_id
from triage.records.results import (
    Batch,
    Change,
    Item,
    add_batch,
    changes_of,
    drop_changes,
    follow_changes,
    get_batch,
    hand_changes,
    is_followed,
    items_of,
    open_batch,
    sent_digests,
)

MOST = 2_000
"""So many orders are in one batch; the rest is for the next one."""


@dataclass(frozen=True, slots=True)
class ReadyResult:
    """A result that the district has not acknowledged: since when it is as it is, and whether it is in a batch."""

    result: Result
    seq: int
    changed_at: datetime
    handed_over: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """A batch with what is in it; None where nothing is ready. `is_new` is false where the district has said nothing of
    the same batch yet; `more` where not everything that is ready went in."""

    batch: Batch | None
    items: Sequence[Item]
    is_new: bool
    more: bool


def ready_results(
    policy: str, books: Books, *, since: datetime | None = None, after: int = 0, limit: int = 100
) -> tuple[list[ReadyResult], int | None]:
    """One page of what is ready to be sent, by its place in the ledger, and the place where the next page begins.

    UnknownPolicy where no pack has the policy. What is as the district has it already is left out.
    """
    _follow(policy, books)
    with books.ledger.database.reading() as connection:
        changes = changes_of(connection, policy, READY, since=since, after=after, limit=limit)
        results = _results(connection, changes)
        sent = sent_digests(connection, results)
    found = [
        ReadyResult(results[one.order_id], one.seq, one.at, one.handed_over)
        for one in changes
        if not _is_sent(results[one.order_id], sent)
    ]
    return found, changes[-1].seq if len(changes) == limit else None


def export_results(
    policy: str, books: Books, by: Actor, *, since: datetime | None = None, most: int = MOST
) -> Exported:
    """Make a batch of what is ready: each order as it stands, what was not acknowledged or was rejected once more.

    The same again, before the district has said anything, is the same batch: who did not get the answer asks again.
    """
    _follow(policy, books)
    with books.ledger.turn() as turn:
        while not follow_changes(turn.connection, policy):
            pass
        changes = changes_of(turn.connection, policy, READY, since=since, limit=most + 1, new_first=True)
        more, changes = len(changes) > most, changes[:most]
        items = _items(turn, changes)
        if not items:
            return Exported(None, (), is_new=False, more=more)
        digest = digest_of([item.content for item in items])
        known = open_batch(turn.connection, policy, digest)
        if known is not None:
            return Exported(known, items, is_new=False, more=more)
        batch = add_batch(turn, policy, by.id, digest, items)
        hand_changes(turn.connection, [(item.order_id, item.seq) for item in items], handed_over=True)
        turn.audit(by.id, by.role, "export results", str(batch.number))
    return Exported(batch, items, is_new=True, more=more)


def show_batch(number: int, books: Books, by: Actor) -> tuple[Batch, list[Item]]:
    """A batch as it was handed over, put into the audit log; NotFound where it is none of this actor's."""
    with books.ledger.turn() as turn:
        batch = batch_or_raise(turn.connection, number, by)
        turn.audit(by.id, by.role, "read results", str(number))
        return batch, items_of(turn.connection, number)


def batch_or_raise(connection: Connection, number: int, by: Actor) -> Batch:
    """A batch; NotFound where there is none, and just the same where it is of a policy that is not this actor's."""
    batch = get_batch(connection, number)
    if batch is None or not by.is_of(batch.policy):
        raise NotFound("results", [Problem(("number",), "there is no such batch")])
    return batch


def _follow(policy: str, books: Books) -> None:
    """Take in what happened since, a step and a turn at a time, so that others are not kept waiting."""
    books.town(policy)
    with books.ledger.database.reading() as connection:
        done = is_followed(connection, policy)
    while not done:
        with books.ledger.turn() as turn:
            done = follow_changes(turn.connection, policy)


def _items(turn: Turn, changes: Sequence[Change]) -> list[Item]:
    """What goes into a batch, by place; an order that is as the district has it already is done with."""
    results = _results(turn.connection, changes)
    sent = sent_digests(turn.connection, results)
    done = [(one.order_id, one.seq) for one in changes if _is_sent(results[one.order_id], sent)]
    drop_changes(turn.connection, done)
    left = sorted((one for one in changes if (one.order_id, one.seq) not in set(done)), key=lambda one: one.seq)
    return [Item(one.order_id, one.seq, results[one.order_id].digest, results[one.order_id].content) for one in left]


def _results(connection: Connection, changes: Sequence[Change]) -> dict[str, Result]:
    wanted = [change.order_id for change in changes]
    orders, entries = orders_by_id(connection, wanted), entries_of_all(connection, wanted)
    return {order_id: result_of(orders[order_id], events_of(entries[order_id])) for order_id in wanted}


def _is_sent(result: Result, sent: Mapping[str, tuple[int, str]]) -> bool:
    return result.order_id in sent and sent[result.order_id][1] == result.digest
