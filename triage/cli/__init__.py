"""The command line. Everything heavy is imported inside its command, so that --help answers at once."""

from __future__ import annotations

import os

from triage.cli import (
    callers,
    decide,
    drift,
    issues,
    keys,
    ledger,
    lessons,
    models,
    policy,
    reclassify,
    results,
    retraining,
    serve,
)
from triage.cli.shell import app

__all__ = [
    "app",
    "callers",
    "decide",
    "drift",
    "issues",
    "keys",
    "ledger",
    "lessons",
    "main",
    "models",
    "policy",
    "reclassify",
    "results",
    "retraining",
    "serve",
]


def main() -> None:
    """Run the command line."""
    # Before numpy is imported: all our dense products are small, and a second thread only waits for the first.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app()
