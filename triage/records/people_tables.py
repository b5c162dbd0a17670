"""The tables of people: versions of posts, absences and shifts, each from when to when it was what the town knew."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from triage.records.columns import Moment, Structure
from triage.records.tables import METADATA

PERSONS = Table(
    "persons",
    METADATA,
    Column("seq", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("posts", Structure, nullable=False),
    Column("since", Moment),
    Column("until", Moment),
    Column("known_from", Moment, nullable=False),
    Column("known_until", Moment),
    Index("persons_known", "policy", "known_from"),
    comment="Who holds which post; a new version ends the one before. Names and numbers are sealed originals.",
)

ABSENCES = Table(
    "absences",
    METADATA,
    Column("seq", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("stand_in", Text),
    Column("known_from", Moment, nullable=False),
    Column("known_until", Moment),
    Index("absences_known", "policy", "known_from"),
    comment="Who is away from when to when, and who stands in; never why.",
)

SHIFTS = Table(
    "shifts",
    METADATA,
    Column("seq", BigInteger, ForeignKey("entries.seq"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("week", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("unit", Text),
    Column("person", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("known_from", Moment, nullable=False),
    Column("known_until", Moment),
    Index("shifts_by_time", "policy", "since"),
    Index("shifts_of_week", "policy", "week"),
    comment="The duty roster (值班表): a week is put down whole and ends what was known of that week before.",
)
