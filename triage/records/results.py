"""Results as the database keeps them: what changed, what was handed over, what the district has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from triage.domain.vocabulary import EventKind
from triage.records.ledger import Turn
from triage.records.result_tables import (
    RECEIPTS,
    RESULT_BATCHES,
    RESULT_CHANGES,
    RESULT_HEADS,
    RESULT_ITEMS,
    RESULTS_SENT,
)
from triage.records.tables import ENTRIES, HEAD, ORDERS

_PART = 500
_STEP = 20_000
"""So many places of the ledger are looked at in one go."""

_CHANGING = tuple(kind.value for kind in EventKind if kind not in (EventKind.RECEIVED, EventKind.NOTE))
_ENTRIES_HEAD = 1


@dataclass(frozen=True, slots=True)
class Change:
    """An order of which something happened that the district has not acknowledged: the last place in the ledger, and
    the latest moment of it; `handed_over` where it is in a batch as it stands."""

    order_id: str
    seq: int
    at: datetime
    handed_over: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What was handed over at once: its number, over all policies, and the digest of its content."""

    number: int
    policy: str
    made_at: datetime
    made_by: str
    digest: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One order of a batch, as it was after everything up to `seq`; `receipt` and what follows are the district's
    answer, None as long as there is none."""

    order_id: str
    seq: int
    digest: str
    content: Mapping[str, Any]
    receipt: str | None = None
    accepted: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt as it is kept; the same again has the same digest."""

    batch: int
    number: str
    at: datetime
    digest: str
    recorded_at: datetime
    recorder: str


def is_followed(connection: Connection, policy: str) -> bool:
    """Whether all changes of a policy's orders were looked for, up to the end of the ledger."""
    return _head(connection, policy) >= _last(connection)


def follow_changes(connection: Connection, policy: str) -> bool:
    """Note the orders of which something happened since, one step further; whether that was the last step."""
    last = _last(connection)
    after = _head(connection, policy)
    until = min(last, after + _STEP)
    if until > after:
        _note(connection, policy, _changed(connection, policy, after, until))
        _put_head(connection, policy, until)
    return until == last


def changes_of(
    connection: Connection,
    policy: str,
    statuses: Collection[str],
    *,
    since: datetime | None = None,
    after: int = 0,
    limit: int,
    new_first: bool = False,
) -> list[Change]:
    """Changed orders in one of these stages, by place; with `new_first` those that are in no batch yet come first."""
    query = (
        select(RESULT_CHANGES)
        .join(ORDERS, ORDERS.c.id == RESULT_CHANGES.c.order_id)
        .where(
            RESULT_CHANGES.c.policy == policy, RESULT_CHANGES.c.seq > after, ORDERS.c.status.in_(sorted(set(statuses)))
        )
    )
    if since is not None:
        query = query.where(RESULT_CHANGES.c.at >= since)
    order = [RESULT_CHANGES.c.handed_over] if new_first else []
    rows = connection.execute(query.order_by(*order, RESULT_CHANGES.c.seq).limit(limit))
    return [Change(row.order_id, row.seq, row.at, row.handed_over) for row in rows]


def drop_changes(connection: Connection, done: Collection[tuple[str, int]]) -> None:
    """These orders are as the district knows them, unless something happened after that place of the ledger."""
    query = delete(RESULT_CHANGES).where(RESULT_CHANGES.c.order_id == bindparam("which"), _NOT_LATER)
    _each(connection, query, done)


def hand_changes(connection: Connection, items: Sequence[tuple[str, int]], *, handed_over: bool) -> None:
    """These orders are in a batch as they stand, or have to go into the next one."""
    query = update(RESULT_CHANGES).where(RESULT_CHANGES.c.order_id == bindparam("which"), _NOT_LATER)
    _each(connection, query.values(handed_over=handed_over), items)


def add_batch(turn: Turn, policy: str, made_by: str, digest: str, items: Sequence[Item]) -> Batch:
    """Keep what is handed over under the next number."""
    number = int(turn.connection.execute(select(func.coalesce(func.max(RESULT_BATCHES.c.number), 0))).scalar_one()) + 1
    batch = Batch(number, policy, turn.now, made_by, digest, answered=False)
    turn.connection.execute(insert(RESULT_BATCHES), asdict(batch))
    rows = [{**asdict(item), "batch": number, "place": place} for place, item in enumerate(items)]
    turn.connection.execute(insert(RESULT_ITEMS), rows)
    return batch


def get_batch(connection: Connection, number: int) -> Batch | None:
    """A batch, or None."""
    row = connection.execute(select(RESULT_BATCHES).where(RESULT_BATCHES.c.number == number)).one_or_none()
    return None if row is None else _batch(row)


def open_batch(connection: Connection, policy: str, digest: str) -> Batch | None:
    """A batch with this content that the district has said nothing of, or None."""
    query = select(RESULT_BATCHES).where(
        RESULT_BATCHES.c.policy == policy, RESULT_BATCHES.c.digest == digest, RESULT_BATCHES.c.answered.is_(False)
    )
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _batch(row)


def items_of(connection: Connection, number: int) -> list[Item]:
    """What is in a batch, in its order."""
    query = select(RESULT_ITEMS).where(RESULT_ITEMS.c.batch == number).order_by(RESULT_ITEMS.c.place)
    names = [field.name for field in fields(Item)]
    return [Item(**{name: getattr(row, name) for name in names}) for row in connection.execute(query)]


def get_receipt(connection: Connection, batch: int, number: str) -> ReceiptRow | None:
    """A receipt of a batch, or None."""
    query = select(RECEIPTS).where(RECEIPTS.c.batch == batch, RECEIPTS.c.number == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else ReceiptRow(**row._mapping)


def put_receipt(connection: Connection, receipt: ReceiptRow, items: Sequence[Item]) -> None:
    """Keep a receipt with what it says of each item."""
    connection.execute(insert(RECEIPTS), asdict(receipt))
    answered = update(RESULT_BATCHES).where(RESULT_BATCHES.c.number == receipt.batch).values(answered=True)
    connection.execute(answered)
    said = update(RESULT_ITEMS).where(
        RESULT_ITEMS.c.batch == receipt.batch, RESULT_ITEMS.c.order_id == bindparam("which")
    )
    said = said.values(receipt=receipt.number, accepted=bindparam("taken"), reason=bindparam("why"))
    if items:
        connection.execute(said, [{"which": one.order_id, "taken": one.accepted, "why": one.reason} for one in items])


def sent_digests(connection: Connection, order_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """What the district has of these orders: up to which place of the ledger, and the content's digest."""
    found: dict[str, tuple[int, str]] = {}
    for part in _parts(order_ids):
        for row in connection.execute(select(RESULTS_SENT).where(RESULTS_SENT.c.order_id.in_(part))):
            found[row.order_id] = row.seq, row.digest
    return found


def put_sent(connection: Connection, batch: int, receipt: str, items: Sequence[Item]) -> None:
    """The district has these; an older content does not take the place of a newer one."""
    known = sent_digests(connection, [item.order_id for item in items])
    newer = [item for item in items if item.order_id not in known or known[item.order_id][0] <= item.seq]
    for part in _parts(item.order_id for item in newer):
        connection.execute(delete(RESULTS_SENT).where(RESULTS_SENT.c.order_id.in_(part)))
    rows = [
        {"order_id": i.order_id, "seq": i.seq, "digest": i.digest, "batch": batch, "receipt": receipt} for i in newer
    ]
    if rows:
        connection.execute(insert(RESULTS_SENT), rows)


def count_entry(connection: Connection, order_ids: Collection[str]) -> None:
    """One more entry was put down about each of these orders that changes nothing in how it stands."""
    for part in _parts(order_ids):
        connection.execute(update(ORDERS).where(ORDERS.c.id.in_(part)).values(version=ORDERS.c.version + 1))


_NOT_LATER = RESULT_CHANGES.c.seq <= bindparam("place")


def _each(connection: Connection, query: Any, items: Collection[tuple[str, int]]) -> None:
    if items:
        connection.execute(query, [{"which": order_id, "place": seq} for order_id, seq in items])


def _changed(connection: Connection, policy: str, after: int, until: int) -> list[Change]:
    query: Select[Any] = (
        select(ENTRIES.c.order_id, func.max(ENTRIES.c.seq).label("seq"), func.max(ENTRIES.c.at).label("at"))
        .where(
            ENTRIES.c.seq > after,
            ENTRIES.c.seq <= until,
            ENTRIES.c.policy == policy,
            ENTRIES.c.order_id.is_not(None),
            ENTRIES.c.kind.in_(_CHANGING),
        )
        .group_by(ENTRIES.c.order_id)
    )
    return [Change(row.order_id, row.seq, row.at, handed_over=False) for row in connection.execute(query)]


def _note(connection: Connection, policy: str, changes: Sequence[Change]) -> None:
    for part in _parts(change.order_id for change in changes):
        connection.execute(delete(RESULT_CHANGES).where(RESULT_CHANGES.c.order_id.in_(part)))
    if changes:
        connection.execute(insert(RESULT_CHANGES), [{**asdict(change), "policy": policy} for change in changes])


def _head(connection: Connection, policy: str) -> int:
    found = connection.execute(select(RESULT_HEADS.c.seq).where(RESULT_HEADS.c.policy == policy)).scalar()
    return 0 if found is None else int(found)


def _put_head(connection: Connection, policy: str, seq: int) -> None:
    done = connection.execute(update(RESULT_HEADS).where(RESULT_HEADS.c.policy == policy).values(seq=seq))
    if not done.rowcount:
        connection.execute(insert(RESULT_HEADS), {"policy": policy, "seq": seq})


def _last(connection: Connection) -> int:
    return int(connection.execute(select(HEAD.c.seq).where(HEAD.c.id == _ENTRIES_HEAD)).scalar_one())


def _parts(order_ids: Collection[str] | Iterator[str]) -> Iterator[list[str]]:
    wanted = sorted(set(order_ids))
    for start in range(0, len(wanted), _PART):
        yield wanted[start : start + _PART]


def _batch(row: Row[Any]) -> Batch:
    return Batch(**row._mapping)
