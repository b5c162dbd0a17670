"""The ledger, what is drawn up from it, and the heads of its two chains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from triage.records.chain import START
from triage.records.columns import Moment, Structure

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "access_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
        comment="Keys of programs; `used_at` is good to a day.",
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        comment="Who read personal data and who changed what, chained by hash.",
    )
    op.create_table(
        "entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("fields", Structure(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorder", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        comment="What happened, chained by hash; never changed. Free text is redacted; `seal` is the hash of the original.",
    )
    op.create_index("entries_by_kind", "entries", ["policy", "kind", "seq"], unique=False)
    op.create_index("entries_by_time", "entries", ["policy", "at"], unique=False)
    op.create_index("entries_of_order", "entries", ["order_id", "seq"], unique=False)
    op.create_index("entries_once", "entries", ["order_id", "event_id"], unique=True)
    head = op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="The last link of the chain; whoever writes holds this row.",
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("request_type", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("issue", sa.Text(), nullable=True),
        sa.Column("derived", Structure(), nullable=False),
        sa.Column("stated", Structure(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("overdue_after", Moment(), nullable=True),
        sa.Column("due_next", Moment(), nullable=True),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Where each order stands after its latest event. Open and unfinished, it is overdue after `overdue_after`; `due_next` is when the next thing owed falls due.",
    )
    op.create_index("orders_by_caller", "orders", ["caller", "seq"], unique=False)
    op.create_index("orders_by_issue", "orders", ["issue", "seq"], unique=False)
    op.create_index("orders_by_policy", "orders", ["policy", "seq"], unique=False)
    op.create_index("orders_by_seq", "orders", ["seq"], unique=True)
    op.create_index("orders_by_status", "orders", ["policy", "status", "seq"], unique=False)
    op.create_index("orders_by_time", "orders", ["policy", "received_at"], unique=False)
    op.create_index("orders_by_unit", "orders", ["unit", "seq"], unique=False)
    op.create_index("orders_open", "orders", ["policy", "is_open", "seq"], unique=False)
    op.create_index("orders_overdue", "orders", ["policy", "overdue_after"], unique=False)
    op.create_table(
        "personal_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="One key a caller and month, wrapped by the key outside the database; destroyed, what it sealed is lost.",
    )
    op.create_index("personal_keys_of_caller", "personal_keys", ["caller", "month"], unique=True)
    op.create_table(
        "result_batches",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        comment="What was handed over at once; answered where the district has said something of it.",
    )
    op.create_index("result_batches_by_digest", "result_batches", ["policy", "digest"], unique=False)
    op.create_table(
        "result_heads",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("policy"),
        comment="Up to which place of the ledger changes of results were looked for.",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        comment="Who logs in at the console; `password` is an argon2id hash with its parameters.",
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", Structure(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        comment="Who is told of alerts. Up to `seen_seq` in the ledger and `seen_until` in time alerts were looked for.",
    )
    op.create_table(
        "absences",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("stand_in", sa.Text(), nullable=True),
        sa.Column("known_from", Moment(), nullable=False),
        sa.Column("known_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["entries.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        comment="Who is away from when to when, and who stands in; never why.",
    )
    op.create_index("absences_known", "absences", ["policy", "known_from"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("notify", Structure(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("lifted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "number"),
        comment="Every alert of every order from when to when, those included that time alone will raise.",
    )
    op.create_index("alerts_by_time", "alerts", ["policy", "raised_at"], unique=False)
    op.create_index("alerts_lifted", "alerts", ["policy", "lifted_at"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("bound_to", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["personal_keys.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["entries.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        comment="Files of orders, numbered from 1 in each; the name is in `originals`. `digest` is keyed, of the content.",
    )
    op.create_index("attachments_of_order", "attachments", ["order_id", "number"], unique=True)
    op.create_index("attachments_once", "attachments", ["order_id", "digest"], unique=True)
    op.create_table(
        "deliveries",
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook"],
            ["webhooks.id"],
        ),
        sa.PrimaryKeyConstraint("webhook", "number"),
        comment="Messages: waiting until delivered or, after too many tries, dead. A claimed one is on its way.",
    )
    op.create_index("deliveries_due", "deliveries", ["state", "due_at"], unique=False)
    op.create_index("deliveries_once", "deliveries", ["webhook", "alert"], unique=True)
    op.create_table(
        "holders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id", "unit"),
        comment="The units that have an order now: the one that leads, and those that assist.",
    )
    op.create_index("holders_by_unit", "holders", ["unit", "seq"], unique=False)
    op.create_index("holders_of_open", "holders", ["unit", "is_open", "seq"], unique=False)
    op.create_table(
        "originals",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["personal_keys.id"],
        ),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["entries.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        comment="What was said as it was said (orders with their decision, free text of events): sealed.",
    )
    op.create_table(
        "persons",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("posts", Structure(), nullable=False),
        sa.Column("since", Moment(), nullable=True),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("known_from", Moment(), nullable=False),
        sa.Column("known_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["entries.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        comment="Who holds which post; a new version ends the one before. Names and numbers are sealed originals.",
    )
    op.create_index("persons_known", "persons", ["policy", "known_from"], unique=False)
    op.create_table(
        "result_changes",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("handed_over", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        comment="Orders of which something happened that the district has not acknowledged: the last place and moment, and whether they are in a batch as they stand.",
    )
    op.create_index("result_changes_by_place", "result_changes", ["policy", "seq"], unique=False)
    op.create_table(
        "result_items",
        sa.Column("batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", Structure(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["result_batches.number"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("batch", "order_id"),
        comment="One order of a batch as it was handed over, after everything up to `seq`, and what the district said.",
    )
    op.create_table(
        "result_receipts",
        sa.Column("batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorder", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["result_batches.number"],
        ),
        sa.PrimaryKeyConstraint("batch", "number"),
        comment="What the district acknowledged of a batch; the same again is known by its digest.",
    )
    op.create_table(
        "results_sent",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("order_id"),
        comment="What the district has of an order: the latest content that it accepted.",
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
        comment="Console sessions that have not ended; `seen_at` is good to some minutes.",
    )
    op.create_index("sessions_of_user", "sessions", ["user_id"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("known_from", Moment(), nullable=False),
        sa.Column("known_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["entries.seq"],
        ),
        sa.PrimaryKeyConstraint("seq", "number"),
        comment="The duty roster (值班表): a week is put down whole and ends what was known of that week before.",
    )
    op.create_index("shifts_by_time", "shifts", ["policy", "since"], unique=False)
    op.create_index("shifts_of_week", "shifts", ["policy", "week"], unique=False)
    op.create_table(
        "attachment_parts",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["attachments.seq"],
        ),
        sa.PrimaryKeyConstraint("seq", "part"),
        comment="The content in parts of 256 KiB, each sealed under the caller's key.",
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": START}, {"id": 2, "seq": 0, "hash": START}])
    if op.get_bind().dialect.name == "sqlite":
        # FTS5 keeps a table of words by rowid, here the order's place in the ledger, and no second copy of the text.
        op.execute("CREATE VIRTUAL TABLE order_words USING fts5(words, content='', tokenize='unicode61')")
    else:
        op.execute("CREATE TABLE order_words (seq BIGINT PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX order_words_found ON order_words USING gin (words)")
