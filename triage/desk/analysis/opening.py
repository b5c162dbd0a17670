"""Opening a ledger for analysis: what is sealed stays sealed, whatever secret the environment holds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from triage.desk.orders.books import Books, Towns
from triage.domain.errors import BadInput, Forbidden, Problem
from triage.records.database import Database
from triage.records.ledger import Ledger
from triage.records.tables import ENTRIES, ORDERS
from triage.records.vault import Vault


def open_for_analysis(url: str, town: Towns, random: Callable[[int], bytes] = secrets.token_bytes) -> Books:
    """Books of a ledger to read redacted rows, events and figures from.

    Their vault has a secret of its own, out of so many random bytes, so that nothing sealed opens; they decide and link
    nothing (Forbidden), and the tables are taken as they are. Their clock stands at the last thing that happened to any
    order: a ledger that ended in March is looked at as of March. BadInput where there is no such ledger or it holds no
    order.
    """
    database = Database(url)
    _refuse_missing(database)
    latest = _latest(database)

    def now() -> datetime:
        return latest

    return Books(
        ledger=Ledger(database, now),
        vault=Vault(random(32)),
        town=town,
        consider=_refused,
        new_linking=_refused,
        now=now,
    )


def _refuse_missing(database: Database) -> None:
    """SQLite makes a file that is not there; an analyst who mistyped its name shall be told."""
    name = database.url.database or ""
    if database.is_sqlite and not name.startswith((":", "file:")) and not Path(name).is_file():
        raise BadInput("database", [Problem((), f"no ledger at {name}")])


def _latest(database: Database) -> datetime:
    received = select(func.max(ORDERS.c.received_at))
    happened = select(func.max(ENTRIES.c.at)).where(ENTRIES.c.order_id.is_not(None))
    with database.reading() as connection:
        moments = [connection.execute(query).scalar() for query in (received, happened)]
    known: list[datetime] = [moment for moment in moments if moment is not None]
    if not known:
        raise BadInput("database", [Problem((), "the ledger holds no order yet")])
    return max(known)


def _refused(*_: Any) -> Any:
    raise Forbidden("not for an analyst", [Problem((), "books opened for analysis decide nothing and link nothing")])
