"""All tables of the database, whoever keeps them: what migrations and tests look at."""

from __future__ import annotations

from triage.records import tables
from triage.records.tables import METADATA

__all__ = ["METADATA", "tables"]
