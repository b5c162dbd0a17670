"""The command line in processes of its own, without any setting of the shell's; a service that runs there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.hostile.house import POLICY
from triage.domain.vocabulary import Role

ROOT = Path(__file__).resolve().parents[2]
SECRET = "only the hostile tests know it"


def command(*words: object) -> list[str]:
    """A triage command."""
    return [sys.executable, "-m", "triage", *map(str, words)]


def environment(**settings: str) -> dict[str, str]:
    """What a command runs in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return {**kept, "PYTHONPATH": str(ROOT), "TRIAGE_SECRET": SECRET, **settings}


@dataclass(frozen=True)
class Served:
    """A service that runs, and a client with a key of it."""

    client: httpx2.Client
    process: subprocess.Popen[str]

    def stop(self) -> str:
        """End it; all that it printed since it was ready."""
        self.process.send_signal(signal.SIGTERM)
        return "".join(self.process.communicate(timeout=60))


@contextmanager
def served(folder: Path, role: Role) -> Iterator[Served]:
    """A service on a new ledger in a folder, asked by a role."""
    database = f"sqlite:///{folder}/served.db"
    make = command("key", "create", "--role", role, "--policy", POLICY, "--database", database)
    made = subprocess.run(make, env=environment(), capture_output=True, text=True, check=True, timeout=120)
    process = subprocess.Popen(
        command("serve", "--port", 0, "--database", database),
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip().removeprefix("ready: ")
        headers = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}
        with httpx2.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            yield Served(client, process)
    finally:
        process.kill()
        process.communicate()
