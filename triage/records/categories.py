"""What a person's word changes in the row of an order."""

from __future__ import annotations

from sqlalchemy import Connection, update

from triage.records.tables import ORDERS


def put_category(connection: Connection, order_id: str, category: str) -> None:
    """An order is of this category from now on, as lists show it; what was suggested stays in the ledger."""
    connection.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(category=category))
