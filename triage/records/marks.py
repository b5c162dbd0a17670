"""By what a place in the ledger is known again: its entry's hash, which covers everything before it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from triage.records.tables import ENTRIES

_AT = select(ENTRIES.c.hash, ENTRIES.c.order_id).where(
    ENTRIES.c.seq == bindparam("place"), ENTRIES.c.policy == bindparam("of")
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the ledger, with the hash of its entry and the order that it is about, if it is about one."""

    seq: int
    hash: str
    order_id: str | None


def mark_at(connection: Connection, policy: str, seq: int) -> Mark | None:
    """The mark of a policy's entry at this place; None where there is none, or another policy's."""
    row = connection.execute(_AT, {"place": seq, "of": policy}).one_or_none()
    return None if row is None else Mark(seq, row.hash, row.order_id)
