"""The tables of webhooks: who wants to be told of alerts, and every message with where it stands."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from triage.records.columns import Moment, Structure
from triage.records.tables import METADATA

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("policy", Text),
    Column("url", Text, nullable=False),
    Column("kinds", Structure),
    Column("secret", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("removed_at", Moment),
    Column("seen_seq", BigInteger, nullable=False),
    Column("seen_until", Moment, nullable=False),
    comment="Who is told of alerts. Up to `seen_seq` in the ledger and `seen_until` in time alerts were looked for.",
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("webhook", Text, ForeignKey("webhooks.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("alert", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment),
    Column("claimed_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("status", Integer),
    Column("fault", Text),
    Index("deliveries_once", "webhook", "alert", unique=True),
    Index("deliveries_due", "state", "due_at"),
    comment="Messages: waiting until delivered or, after too many tries, dead. A claimed one is on its way.",
)
