"""The tables of attachments: what an order has, and its content in sealed parts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from triage.records.tables import METADATA

ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("seq", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("element", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("bound_to", Text, nullable=False),
    Column("key_id", Integer, ForeignKey("personal_keys.id"), nullable=False),
    Index("attachments_of_order", "order_id", "number", unique=True),
    Index("attachments_once", "order_id", "digest", unique=True),
    comment="Files of orders, numbered from 1 in each; the name is in `originals`. `digest` is keyed, of the content.",
)

ATTACHMENT_PARTS = Table(
    "attachment_parts",
    METADATA,
    Column("seq", BigInteger, ForeignKey("attachments.seq"), primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    comment="The content in parts of 256 KiB, each sealed under the caller's key.",
)
