"""The tables of who may come in: keys, console users and their sessions. Of every secret only a hash is kept."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from triage.records.columns import Moment
from triage.records.tables import METADATA

ACCESS_KEYS = Table(
    "access_keys",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("policy", Text),
    Column("unit", Text),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    comment="Keys of programs; `used_at` is good to a day.",
)

USERS = Table(
    "users",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("policy", Text),
    Column("unit", Text),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    comment="Who logs in at the console; `password` is an argon2id hash with its parameters.",
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("sessions_of_user", "user_id"),
    comment="Console sessions that have not ended; `seen_at` is good to some minutes.",
)
