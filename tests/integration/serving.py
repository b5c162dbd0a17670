"""`triage serve` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

READY_WITHIN = 300
"""Seconds for a start: a machine that does a dozen other things takes its time, and a hanging start must end."""


@contextmanager
def serving(environment, *words: str, folder: Path | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service on a free port, started in a folder, and the address it says it is ready at; afterwards it is killed,
    unless it has ended."""
    command = [sys.executable, "-m", "triage", "serve", "--port", "0", *words]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = Timer(READY_WITHIN, process.kill)
    watchdog.start()
    try:
        said = process.stdout.readline().strip()
        watchdog.cancel()
        yield process, said.removeprefix("ready: ")
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
