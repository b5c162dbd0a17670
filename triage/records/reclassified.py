"""Categories that a model gave orders anew: what the ledger keeps of it, and the orders to ask about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from triage.records.entries import FEEDBACK
from triage.records.orders import CLOSED
from triage.records.tables import ENTRIES, ORDERS

_PUT = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("wanted"))
    .values(category=bindparam("put"), version=ORDERS.c.version + 1)
)


@dataclass(frozen=True, slots=True)
class OrderWords:
    """An order in its redacted words, and the category it has."""

    id: str
    seq: int
    title: str
    text: str
    category: str | None
    is_closed: bool


def words_after(connection: Connection, policy: str, seq: int, until: int, limit: int) -> list[OrderWords]:
    """The first orders of a policy with a higher place, up to and including `until`, in the order of the ledger."""
    names = (ORDERS.c.id, ORDERS.c.seq, ORDERS.c.title, ORDERS.c.text, ORDERS.c.category, ORDERS.c.status)
    wanted = (
        select(*names)
        .where(ORDERS.c.policy == policy, ORDERS.c.seq > seq, ORDERS.c.seq <= until)
        .order_by(ORDERS.c.seq)
        .limit(limit)
    )
    return [OrderWords(*row[:-1], row.status == CLOSED) for row in connection.execute(wanted)]


def settled(connection: Connection, order_ids: Collection[str]) -> set[str]:
    """Those of some orders whose category a person chose or accepted: no model overrules them."""
    wanted = select(ENTRIES.c.order_id, ENTRIES.c.fields).where(
        ENTRIES.c.kind == FEEDBACK, ENTRIES.c.order_id.in_(sorted(order_ids))
    )
    return {row.order_id for row in connection.execute(wanted) if is_settling(row.fields)}


def is_settling(feedback: Mapping[str, object]) -> bool:
    """Whether feedback is a word on the category."""
    return feedback.get("category") is not None or bool(feedback.get("accepted"))


def hash_at(connection: Connection, seq: int) -> str | None:
    """The chain's hash at a place: it stands for everything up to there."""
    return connection.execute(select(ENTRIES.c.hash).where(ENTRIES.c.seq == seq)).scalar()


def put_categories(connection: Connection, categories: Mapping[str, str | None]) -> None:
    """Orders are of these categories from now on, each one entry further."""
    if categories:
        connection.execute(_PUT, [{"wanted": name, "put": category} for name, category in categories.items()])
