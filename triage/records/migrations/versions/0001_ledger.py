"""The ledger, what is drawn up from it, and the heads of its two chains."""

from __future__ import annotations

from alembic import op

from triage.records.chain import START
from triage.records.schema import METADATA
from triage.records.tables import HEAD

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    METADATA.create_all(op.get_bind())
    op.bulk_insert(HEAD, [{"id": 1, "seq": 0, "hash": START}, {"id": 2, "seq": 0, "hash": START}])
    if op.get_bind().dialect.name == "sqlite":
        # FTS5 keeps a table of words by rowid, here the order's place in the ledger, and no second copy of the text.
        op.execute("CREATE VIRTUAL TABLE order_words USING fts5(words, content='', tokenize='unicode61')")
    else:
        op.execute("CREATE TABLE order_words (seq BIGINT PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX order_words_found ON order_words USING gin (words)")
