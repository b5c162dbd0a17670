"""A service that may keep orders, read once, and the whole application around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.house import House, new_service, opened
from triage.bootstrap import Service


@pytest.fixture(scope="session")
def keeping() -> Service:
    """A service that may keep orders."""
    return new_service()


@pytest.fixture(scope="module")
def house(keeping: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application on a database of this module's own."""
    with opened(keeping, tmp_path_factory.mktemp("house")) as house:
        yield house
