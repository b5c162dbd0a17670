"""The tables of results: what changed since the district last heard of it, what was handed over, what it said."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from triage.records.columns import Moment, Structure
from triage.records.tables import METADATA

RESULT_HEADS = Table(
    "result_heads",
    METADATA,
    Column("policy", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    comment="Up to which place of the ledger changes of results were looked for.",
)

RESULT_CHANGES = Table(
    "result_changes",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("policy", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("handed_over", Boolean, nullable=False),
    Index("result_changes_by_place", "policy", "seq"),
    comment="Orders of which something happened that the district has not acknowledged: the last place and moment, and "
    "whether they are in a batch as they stand.",
)

RESULT_BATCHES = Table(
    "result_batches",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("answered", Boolean, nullable=False),
    Index("result_batches_by_digest", "policy", "digest"),
    comment="What was handed over at once; answered where the district has said something of it.",
)

RESULT_ITEMS = Table(
    "result_items",
    METADATA,
    Column("batch", Integer, ForeignKey("result_batches.number"), primary_key=True, autoincrement=False),
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("content", Structure, nullable=False),
    Column("receipt", Text),
    Column("accepted", Boolean),
    Column("reason", Text),
    comment="One order of a batch as it was handed over, after everything up to `seq`, and what the district said.",
)

RESULTS_SENT = Table(
    "results_sent",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("receipt", Text, nullable=False),
    comment="What the district has of an order: the latest content that it accepted.",
)

RECEIPTS = Table(
    "result_receipts",
    METADATA,
    Column("batch", Integer, ForeignKey("result_batches.number"), primary_key=True, autoincrement=False),
    Column("number", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("digest", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("recorder", Text, nullable=False),
    comment="What the district acknowledged of a batch; the same again is known by its digest.",
)
