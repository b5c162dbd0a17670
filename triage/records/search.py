"""Full-text search over redacted text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    literal_column,
    text,
)

from triage.records.tables import ORDERS

_HAN_OR_WORD = re.compile(r"[㐀-鿿]+|[0-9A-Za-z]+")
_LONGEST = 10_000
_MOST_ASKED = 30

WORDS = Table("order_words", MetaData(), Column("seq", Integer), Column("words", Text))
"""Kept by each database in its own way: FTS5 in SQLite, a text vector with a GIN index in PostgreSQL."""


def search_words(written: str) -> list[str]:
    """By what a text is found: each two characters that stand side by side, and words and numbers as they are.

    Pairs need no dictionary, so that whatever is asked for is found wherever it stands.

    >>> search_words("路灯不亮，ABC123")
    ['路灯', '灯不', '不亮', 'abc123']
    """
    found: list[str] = []
    for run in _HAN_OR_WORD.findall(written[:_LONGEST]):
        found += [run.lower()] if run.isascii() or len(run) == 1 else map("".join, pairwise(run))
    return list(dict.fromkeys(found))


def put_words(connection: Connection, seq: int, written: str) -> None:
    """Make an order findable by the words of its redacted text."""
    words = " ".join(search_words(written))
    if connection.dialect.name == "sqlite":
        statement = "INSERT INTO order_words (rowid, words) VALUES (:seq, :words)"
    else:
        statement = (
            "INSERT INTO order_words (seq, words) VALUES (:seq, array_to_tsvector(string_to_array(:words, ' ')))"
        )
    connection.execute(text(statement), {"seq": seq, "words": words})


def matching(connection: Connection, asked: str) -> ColumnElement[Any]:
    """A condition on orders: all words asked for occur. Without any word nothing matches."""
    words = search_words(asked)[:_MOST_ASKED]
    if not words:
        return literal_column("1 = 0")
    if connection.dialect.name == "sqlite":
        query = " AND ".join(f'"{word}"' for word in words)
        found = text("SELECT rowid FROM order_words WHERE order_words MATCH :query").bindparams(
            bindparam("query", query)
        )
    else:
        query = " & ".join(f"'{word}'" for word in words)
        found = text("SELECT seq FROM order_words WHERE words @@ CAST(:query AS tsquery)").bindparams(
            bindparam("query", query)
        )
    return ORDERS.c.seq.in_(found.columns(WORDS.c.seq))
