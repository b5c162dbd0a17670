"""The command line as a fixture."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.kept import Clock, new_service, open_books
from triage.bootstrap import Service
from triage.desk.orders.books import Books

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment without any setting of this project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def triage(environment, tmp_path_factory) -> Callable[..., Answer]:
    """Runs a command as a person does: in a process of its own, from some other folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(*words: object, stdin: bytes = b"", **settings: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "triage", *map(os.fsencode, map(_word, words))],
            input=stdin,
            capture_output=True,
            cwd=elsewhere,
            env={**environment, **settings},
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def _word(word: object) -> str | bytes:
    return word if isinstance(word, (str, bytes)) else str(word)


@pytest.fixture(scope="session")
def keeping() -> Service:
    """A service that may keep orders, whatever the environment says."""
    return new_service()


@pytest.fixture
def books(keeping: Service, tmp_path: Path, clock: Clock) -> Iterator[Books]:
    """Books of a new ledger, on the clock of the tests that ask."""
    opened = open_books(keeping, tmp_path, clock)
    yield opened
    opened.ledger.database.close()
