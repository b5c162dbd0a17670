"""A ledger put back to how it stood, in a fraction of the time that a new one takes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from triage.desk.orders.books import Books


def snapshot(books: Books) -> sqlite3.Connection:
    """The ledger as it stands; it is one on SQLite."""
    kept = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(_file(books))) as now:
        now.backup(kept)
    return kept


def begin_again(books: Books, policy: str, as_it_stood: sqlite3.Connection) -> None:
    """Put the ledger back; what this process remembers of a policy's orders is forgotten too."""
    with closing(sqlite3.connect(_file(books))) as now:
        as_it_stood.backup(now)
    books.linking(policy).forget()


def _file(books: Books) -> str:
    return str(books.ledger.database.url.database)
