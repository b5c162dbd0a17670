"""Taking a caller out of what is kept: the keys that open what was said, the pseudonym that joins the orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from triage.records.issues import parts
from triage.records.tables import ENTRIES, KEYS, ORDERS, ORIGINALS


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that opens something still: of a caller, or of one order whose caller is not known."""

    id: int
    caller: str | None


def orders_of_caller(connection: Connection, caller: str, before: datetime | None = None) -> list[tuple[str, str]]:
    """Ids and policies of a caller's orders, earliest first; with `before` those received earlier."""
    wanted = select(ORDERS.c.id, ORDERS.c.policy).where(ORDERS.c.caller == caller)
    if before is not None:
        wanted = wanted.where(ORDERS.c.received_at < before)
    return [(row.id, row.policy) for row in connection.execute(wanted.order_by(ORDERS.c.received_at, ORDERS.c.id))]


def put_pseudonym(connection: Connection, order_ids: Sequence[str], pseudonym: str) -> None:
    """These orders are of another caller, by name, from now on."""
    for part in parts(order_ids):
        connection.execute(update(ORDERS).where(ORDERS.c.id.in_(part)).values(caller=pseudonym))


def held_keys(connection: Connection, before: str, after: int, limit: int) -> list[HeldKey]:
    """The next keys of months before one (such as 2026-03) that are not destroyed, by id."""
    wanted = (
        select(KEYS.c.id, KEYS.c.caller)
        .where(KEYS.c.id > after, KEYS.c.month < before, KEYS.c.wrapped.is_not(None))
        .order_by(KEYS.c.id)
        .limit(limit)
    )
    return [HeldKey(row.id, row.caller) for row in connection.execute(wanted)]


def orders_sealed_by(connection: Connection, key_ids: Collection[int]) -> list[tuple[str, str]]:
    """Ids and policies of the orders that these keys open."""
    wanted = (
        select(ENTRIES.c.order_id, ENTRIES.c.policy)
        .join(ORIGINALS, ORIGINALS.c.seq == ENTRIES.c.seq)
        .where(ORIGINALS.c.key_id.in_(sorted(key_ids)))
        .distinct()
    )
    return sorted((str(row.order_id), str(row.policy)) for row in connection.execute(wanted))


def destroy_keys(connection: Connection, held: Sequence[HeldKey], before: str, now: datetime) -> int:
    """Destroy keys, and with a caller's all of that caller's months before one: what they sealed cannot be read by
    anyone from then on, and nothing says whose they were. How many there were."""
    gone = {"wrapped": None, "destroyed_at": now, "caller": None}
    callers = sorted({key.caller for key in held if key.caller is not None})
    theirs = KEYS.c.caller.in_(callers) & (KEYS.c.month < before) & KEYS.c.wrapped.is_not(None)
    done = connection.execute(update(KEYS).where(theirs).values(**gone)).rowcount
    nobodys = [key.id for key in held if key.caller is None]
    return done + connection.execute(update(KEYS).where(KEYS.c.id.in_(nobodys)).values(**gone)).rowcount
