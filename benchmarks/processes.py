"""Processes under measurement: commands that end, and servers that answer. Linux only: figures come from /proc."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One run of a command, in seconds; CPU time includes the processes it started."""

    wall: float
    cpu: float


def run_command(arguments: Sequence[str]) -> Run:
    """Run a Python module (`-m` arguments) from cold; CalledProcessError where it fails."""
    command = [sys.executable, *arguments]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(wall, usage.ru_utime + usage.ru_stime)


class Server:
    """A server started from cold as `python -m MODULE … --port N`; used as a context, it is stopped at the end."""

    def __init__(self, arguments: Sequence[str], path: str) -> None:
        self.port = _free_port()
        self.path = path
        self._process = subprocess.Popen(
            [sys.executable, *arguments, "--port", str(self.port)], stdout=subprocess.PIPE, text=True
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def __enter__(self) -> Self:
        """Wait for its `ready: URL`."""
        assert self._process.stdout is not None
        if not any(line.startswith("ready:") for line in self._process.stdout):
            self.__exit__(None, None, None)
            raise RuntimeError(f"{self._process.args!r} ended before it was ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._connection.close()
        self._process.terminate()
        self._process.communicate(timeout=30)

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON over a kept connection; RuntimeError for any answer but 200."""
        content = json.dumps(body, ensure_ascii=False).encode()
        self._connection.request("POST", self.path, content, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self.path} answered {answer.status}: {told[:200]!r}")
        decoded: dict[str, Any] = json.loads(told)
        return decoded

    def hang_up(self) -> None:
        """Close the connection; the next question opens a new one. Servers close an idle one after some seconds."""
        self._connection.close()

    def cpu_seconds(self) -> float:
        """CPU time used so far by all its threads, user and system."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory now, in MB of a million bytes."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
