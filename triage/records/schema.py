"""All tables of the database, whoever keeps them: what migrations and tests look at."""

from __future__ import annotations

from triage.records import access_tables, attachment_tables, people_tables, result_tables, tables, webhook_tables
from triage.records.tables import METADATA

__all__ = [
    "METADATA",
    "access_tables",
    "attachment_tables",
    "people_tables",
    "result_tables",
    "tables",
    "webhook_tables",
]
