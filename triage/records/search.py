"""Full-text search over redacted text.

Kept by each database in its own way: FTS5 in SQLite, a text vector with a GIN index in PostgreSQL.
"""

from __future__ import annotations

import re
from itertools import pairwise

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, column, false, select, table, text

from triage.records.tables import ORDERS

_HAN_OR_WORD = re.compile(r"[㐀-鿿]+|[0-9A-Za-z]+")
_LONGEST = 10_000
_MOST_ASKED = 30


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


def places_of(connection: Connection, asked: str) -> Select[int]:
    """The places in the ledger (`seq`) of the orders with all the words asked for; without any word none."""
    words = search_words(asked)[:_MOST_ASKED]
    if not words:
        return select(ORDERS.c.seq).where(false())
    if connection.dialect.name == "sqlite":
        found, matches = table("order_words", column("rowid", BigInteger)), "order_words MATCH :words"
        return _matching(found.c.rowid, matches, " AND ".join(f'"{word}"' for word in words))
    found, matches = table("order_words", column("seq", BigInteger)), "words @@ CAST(:words AS tsquery)"
    return _matching(found.c.seq, matches, " & ".join(f"'{word}'" for word in words))


def _matching(place: ColumnElement[int], matches: str, words: str) -> Select[int]:
    return select(place.label("seq")).where(text(matches).bindparams(words=words))
