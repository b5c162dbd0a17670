"""Which orders something happened to in a span of time, and what people entered by hand for scores."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from triage.records.database import Database
from triage.records.entries import Kept, kept_from
from triage.records.issues import parts
from triage.records.ledger import entries_of_all
from triage.records.orders import OrderRow, orders_by_id, orders_received
from triage.records.tables import ENTRIES

_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def orders_with_entries(connection: Connection, policy: str, since: datetime, until: datetime) -> set[str]:
    """Ids of a policy's orders to which anything happened from `since` to `until`; their coming in is something too."""
    wanted = (
        select(ENTRIES.c.order_id)
        .where(ENTRIES.c.policy == policy, ENTRIES.c.at.between(since, until), ENTRIES.c.order_id.is_not(None))
        .distinct()
    )
    return set(connection.execute(wanted).scalars())


def orders_with_their_entries(
    database: Database, policy: str, since: datetime | None, until: datetime, without: Collection[str] = ()
) -> Iterator[tuple[OrderRow, list[Kept]]]:
    """A policy's orders received from `since` (None: ever) to before `until`, by time, each with all its entries; those
    `without` are left out. Part by part: nothing is held open while somebody looks at one."""
    with database.reading() as connection:
        rows = orders_received(connection, policy, since or _BEGINNING, until)
    for part in parts([row for row in rows if row.id not in without]):
        with database.reading() as connection:
            entries = entries_of_all(connection, [row.id for row in part])
        yield from ((row, entries[row.id]) for row in part)


def entries_of_kind(
    connection: Connection, policy: str, kind: str, *, before: datetime | None = None, since: datetime | None = None
) -> list[Kept]:
    """A policy's entries of one kind in order: with `before` what happened earlier, with `since` what was put down
    from then on."""
    wanted = select(ENTRIES).where(ENTRIES.c.policy == policy, ENTRIES.c.kind == kind)
    if before is not None:
        wanted = wanted.where(ENTRIES.c.at < before)
    if since is not None:
        wanted = wanted.where(ENTRIES.c.recorded_at >= since)
    return [kept_from(row) for row in connection.execute(wanted.order_by(ENTRIES.c.seq))]


def rows_of(connection: Connection, order_ids: Collection[str]) -> dict[str, OrderRow]:
    """Rows of many orders by id."""
    found: dict[str, OrderRow] = {}
    for part in parts(sorted(order_ids)):
        found |= orders_by_id(connection, part)
    return found
