"""The database behind the ledger: SQLite embedded, or PostgreSQL; one writer at a time, many readers."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from triage.domain.errors import BadInput, Problem, TriageError
from triage.records.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT = 30.0  # seconds that a writer waits for another
_KINDS = "sqlite:///PATH or postgresql://USER@HOST/NAME"


class LedgerFault(TriageError):
    """The database cannot be used just now: gone, full, locked; nothing of what was being written is kept."""


class Database:
    """Connections to one database; `url` names no password in messages.

    SQLite writes ahead (WAL) with full sync: what was acknowledged survives a power cut. BadInput where the address is
    none of an allowed kind.
    """

    def __init__(self, url: str) -> None:
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()
        self._writer = self.engine.execution_options(writes=True)

    @property
    def snapshots(self) -> Path | None:
        """The folder beside an SQLite file, of its name; None where there is no such file."""
        return self._beside(".snapshots")

    @property
    def lock(self) -> Path | None:
        """The file beside an SQLite file that writers lock; None where there is no such file."""
        return self._beside(".lock")

    def _beside(self, ending: str) -> Path | None:
        name = self.url.database or ""
        if not self.is_sqlite or name.startswith((":", "file:")):
            return None
        return Path(f"{name}{ending}")

    def migrate(self) -> None:
        """Bring the tables to what this version needs; what is there is kept. Nothing to do is nothing done."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with told_faults(), self._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of things; LedgerFault where there is none to be had."""
        with told_faults(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees one state of things through all of its queries, whatever is written meanwhile."""
        level = "SERIALIZABLE" if self.is_sqlite else "REPEATABLE READ"
        with told_faults(), self.engine.execution_options(isolation_level=level).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer until the block ends; then all of it is kept, or, after an error, nothing."""
        with self._queue(), told_faults(), self._writer.begin() as connection:
            if not self.is_sqlite:  # SQLite took its lock with BEGIN IMMEDIATE
                connection.execute(select(HEAD.c.id).with_for_update())
            yield connection

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """Where processes wait for each other: SQLite's own lock would be asked for again and again, after ever longer
        pauses. Whoever dies leaves it; where there can be no such file SQLite's lock must do."""
        with ExitStack() as held:
            if self.lock is not None:
                with suppress(OSError):
                    lock = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
                    held.callback(os.close, lock)
                    flock(lock, LOCK_EX)
            yield

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_pre_ping=True, pool_size=10, max_overflow=30)
        engine = create_engine(self.url, connect_args={"timeout": _WAIT, "check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine


@contextmanager
def told_faults() -> Iterator[None]:
    """What a driver raises, as a LedgerFault whose text holds no statement and no value."""
    try:
        yield
    except DBAPIError as error:
        cause = type(error.orig).__name__ if error.orig is not None else type(error).__name__
        raise LedgerFault(f"the database could not be used ({cause}); nothing was kept of this request") from error


def _read_url(url: str) -> URL:
    try:
        read = make_url(url)
        backend = read.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise BadInput("database", [Problem((), f"is no address of the form {_KINDS}")]) from None
    if backend not in ("sqlite", "postgresql"):
        raise BadInput("database", [Problem((), f"{backend[:40]!r} is not supported: {_KINDS}")])
    if backend == "sqlite" and not read.database:
        raise BadInput("database", [Problem((), "names no file: sqlite:///PATH")])
    return read if backend == "sqlite" else read.set(drivername="postgresql+psycopg")


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself; `_begin_sqlite` does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
