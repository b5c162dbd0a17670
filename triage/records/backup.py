"""Back up a ledger into one file and restore it, into whichever kind of database.

The file holds what the database holds: redacted text, and originals that stay sealed. It is JSON by line, packed, its
last line a digest of all before it, so that half a backup is never taken for a whole one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, select

from triage.domain.errors import BadInput, Problem
from triage.records.attachment_tables import ATTACHMENT_PARTS
from triage.records.columns import canonical
from triage.records.database import Database
from triage.records.schema import METADATA
from triage.records.search import put_words
from triage.records.tables import ENTRIES, ORDERS

FORMAT = "hotline-triage ledger 1"
_AT_ONCE = 1_000


def back_up(database: Database, path: Path) -> int:
    """Write everything as it stands at one moment; how many rows. The file is there whole or not at all."""
    rows = 0
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with gzip.open(beside, "wb", compresslevel=6) as file, database.snapshot() as connection:
            digest = hashlib.sha256()
            for line in _lines(connection):
                data = line.encode() + b"\n"
                digest.update(data)
                file.write(data)
                rows += 1
            file.write(canonical({"end": digest.hexdigest()}).encode() + b"\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return rows - 1


def restore(database: Database, path: Path) -> int:
    """Put a backup into a database without orders; how many rows. BadInput where the file is not whole or the database
    is not empty; then nothing of it is kept."""
    _check_whole(path)
    database.migrate()
    with database.writing() as connection:
        if connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one():
            raise BadInput("restore", [Problem(("--database",), "holds orders already; restore into an empty one")])
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
        rows = sum(_restored(connection, path))
        _index(connection)
        if not database.is_sqlite:
            _count_on(connection)
    return rows


def _lines(connection: Connection) -> Iterator[str]:
    yield canonical({"format": FORMAT})
    for table in METADATA.sorted_tables:
        keys = list(inspect(table).primary_key)
        for row in connection.execute(select(table).order_by(*keys).execution_options(yield_per=_at_once(table))):
            yield canonical([table.name, [_plain(value) for value in _raw(table, row)]])


def _at_once(table: Table) -> int:
    """So many rows are held in memory: parts of attachments have 256 KiB each."""
    return 16 if table is ATTACHMENT_PARTS else _AT_ONCE


def _raw(table: Table, row: Any) -> Iterator[Any]:
    """A row's values as the database keeps them."""
    for column, value in zip(table.columns, row, strict=True):
        bind = getattr(column.type, "process_bind_param", None)
        yield value if bind is None else bind(value, None)


def _plain(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _check_whole(path: Path) -> None:
    digest, last = hashlib.sha256(), b""
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                digest.update(last)
                last = line
        told = json.loads(last or b"{}")
    except (OSError, EOFError, ValueError):
        told = {}
    if not isinstance(told, dict) or told.get("end") != digest.hexdigest():
        raise BadInput(str(path), [Problem((), "is no whole backup: it was cut off or changed")])


def _restored(connection: Connection, path: Path) -> Iterator[int]:
    waiting: list[dict[str, Any]] = []
    table: Table | None = None
    with gzip.open(path, "rb") as file:
        first = json.loads(next(file))
        if first != {"format": FORMAT}:
            raise BadInput(str(path), [Problem((), f"is a backup of another form; this version reads {FORMAT!r}")])
        for line in file:
            item = json.loads(line)
            if isinstance(item, dict):
                break
            name, values = item
            if table is None or name != table.name or len(waiting) == _at_once(table):
                yield _insert(connection, table, waiting)
                table, waiting = METADATA.tables[name], []
            waiting.append(dict(zip((column.name for column in table.columns), _read(table, values), strict=True)))
    yield _insert(connection, table, waiting)


def _read(table: Table, values: list[Any]) -> Iterator[Any]:
    for column, value in zip(table.columns, values, strict=True):
        value = base64.b64decode(value["bytes"]) if isinstance(value, dict) else value
        read = getattr(column.type, "process_result_value", None)
        yield value if read is None else read(value, None)


def _insert(connection: Connection, table: Table | None, rows: list[dict[str, Any]]) -> int:
    if table is not None and rows:
        connection.execute(insert(table), rows)
    return len(rows)


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers new rows by sequences, which know nothing of rows that came with their numbers."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            connection.execute(select(func.setval(sequence, func.coalesce(func.max(column), 1))))


def _index(connection: Connection) -> None:
    """Words are not backed up: they follow from the redacted text."""
    after = 0
    while True:
        page = connection.execute(
            select(ORDERS.c.seq, ORDERS.c.title, ORDERS.c.text)
            .where(ORDERS.c.seq > after)
            .order_by(ORDERS.c.seq)
            .limit(_AT_ONCE)
        ).all()
        if not page:
            return
        for row in page:
            put_words(connection, row.seq, f"{row.title}\n{row.text}")
        after = page[-1].seq
