"""The tables. `entries` is the ledger itself and is only ever added to; all others can be drawn up from it again,
but for what is kept apart on purpose: sealed originals and the keys that open them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from triage.records.columns import Moment, Structure

METADATA = MetaData()

HEAD = Table(
    "head",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    comment="The last link of the chain; whoever writes holds this row.",
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("order_id", Text),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("event_id", Text),
    Column("fields", Structure, nullable=False),
    Column("seal", Text),
    Column("recorded_at", Moment, nullable=False),
    Column("recorder", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("entries_of_order", "order_id", "seq"),
    Index("entries_once", "order_id", "event_id", unique=True),
    Index("entries_by_kind", "policy", "kind", "seq"),
    Index("entries_by_time", "policy", "at"),
    comment="What happened, chained by hash; never changed. Free text is redacted; `seal` is the hash of the original.",
)

KEYS = Table(
    "personal_keys",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("caller", Text),
    Column("month", Text, nullable=False),
    Column("wrapped", LargeBinary),
    Column("destroyed_at", Moment),
    Index("personal_keys_of_caller", "caller", "month", unique=True),
    comment="One key a caller and month, wrapped by the key outside the database; destroyed, what it sealed is lost.",
)

ORIGINALS = Table(
    "originals",
    METADATA,
    Column("seq", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("key_id", Integer, ForeignKey("personal_keys.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    comment="What was said as it was said (orders with their decision, free text of events): sealed.",
)

ORDERS = Table(
    "orders",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("policy", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("digest", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("request_type", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("category", Text),
    Column("caller", Text),
    Column("issue", Text),
    Column("derived", Structure, nullable=False),
    Column("stated", Structure, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("unit", Text),
    Column("overdue_after", Moment),
    Column("due_next", Moment),
    Column("satisfaction", Text),
    Index("orders_by_seq", "seq", unique=True),
    Index("orders_by_policy", "policy", "seq"),
    Index("orders_by_status", "policy", "status", "seq"),
    Index("orders_open", "policy", "is_open", "seq"),
    Index("orders_by_unit", "unit", "seq"),
    Index("orders_by_issue", "issue", "seq"),
    Index("orders_by_caller", "caller", "seq"),
    Index("orders_by_time", "policy", "received_at"),
    Index("orders_overdue", "policy", "overdue_after"),
    comment="Where each order stands after its latest event. Open and unfinished, it is overdue after `overdue_after`; "
    "`due_next` is when the next thing owed falls due.",
)

HOLDERS = Table(
    "holders",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("leads", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index("holders_by_unit", "unit", "seq"),
    Index("holders_of_open", "unit", "is_open", "seq"),
    comment="The units that have an order now: the one that leads, and those that assist.",
)

ALERTS = Table(
    "alerts",
    METADATA,
    Column("order_id", Text, ForeignKey("orders.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("level", Text),
    Column("notify", Structure, nullable=False),
    Column("because", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("lifted_at", Moment),
    Index("alerts_by_time", "policy", "raised_at"),
    Index("alerts_lifted", "policy", "lifted_at"),
    comment="Every alert of every order from when to when, those included that time alone will raise.",
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("hash", Text, nullable=False),
    comment="Who read personal data and who changed what, chained by hash.",
)
