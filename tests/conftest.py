"""What several kinds of tests need."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

from triage.bootstrap import Service, build, default_model
from triage.settings import Settings

# What the shell sets for a town of its own must not reach the tests: settings given here are merged with it.
for _name in Settings.model_fields:
    os.environ.pop(f"TRIAGE_{_name.upper()}", None)

# `make soak` asks for the second; a slow machine must not fail a property.
settings.register_profile("gate", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=5_000)
settings.load_profile("gate")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI nothing is left out in silence: a skipped test fails there, but for want of messages nobody may copy."""
    report = yield
    if report.skipped and os.environ.get("CI") and not item.get_closest_marker("real_messages"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def service() -> Service:
    """The service with what ships, whatever the environment says; its model and packs are read once."""
    return build(Settings(model=None, packs=None, calendar=None, parameters={}))


@pytest.fixture(scope="session")
def default_folder() -> Path:
    """The folder of the model that ships."""
    return default_model()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into this test's folder and gives its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
