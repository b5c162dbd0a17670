"""The ledger: tables, migrations, append-only events chained by hash, personal data under lock, queries."""
