"""The tables that migrations make are those that the code means."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from triage.records.schema import METADATA


def test_migrations_make_the_tables_that_the_code_means(books):
    with books.ledger.database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    of_the_index = [one for one in differences if "order_words" in str(one)]  # kept by each database in its own way
    assert [one for one in differences if one not in of_the_index] == []


def test_migrating_again_changes_nothing(books):
    books.ledger.database.migrate()
    assert books.ledger.head() == 0
