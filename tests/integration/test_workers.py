"""`triage serve --workers`: several processes, one ledger, one answer."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from tests.integration.serving import serving

READY_WITHIN = 120
SECRET = {"TRIAGE_SECRET": "a secret of the tests"}


@dataclass(frozen=True)
class Served:
    """A service of two workers, by its first process, its address and a dispatcher's key."""

    process: subprocess.Popen[str]
    url: str
    key: str

    def workers(self) -> set[int]:
        """The processes that answer."""
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def ask(self, path: str, body: Any = None) -> bytes:
        """The answer over a connection of its own, asked for again where a worker died over it."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        for _ in range(10):
            try:
                with closing(urllib.request.urlopen(urllib.request.Request(self.url + path, content, headers))) as told:
                    return told.read()
            except urllib.error.HTTPError:
                raise
            except OSError:
                time.sleep(0.2)
        raise TimeoutError(path)

    def receive(self, number: int) -> dict[str, Any]:
        """Order `number` of the one matter, kept."""
        phone = f"1390000{number:04d}"
        text = "世博家园三号楼门口的路灯坏了好几天，晚上漆黑一片，老人不敢出门"
        order = {"id": f"w{number}", "received_at": "2026-03-02T09:00", "text": text, "caller": {"phone": phone}}
        return json.loads(self.ask("v1/orders", {"policy": "nanmatou", "order": order}))


@contextmanager
def _served(environment, database: Path, key: str, *words: str) -> Iterator[Served]:
    ledger = ("--database", f"sqlite:///{database}")
    with serving(environment | SECRET, "--workers", "2", *ledger, *words) as (process, url):
        yield Served(process, url, key)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("workers") / "ledger.db"


@pytest.fixture(scope="module")
def served(environment, triage, database) -> Iterator[Served]:
    made = triage("key", "create", "--role", "dispatcher", "--database", f"sqlite:///{database}", **SECRET)
    with _served(environment, database, made.out.split()[-1]) as one:
        yield one


def _at_once(work: Callable[[int], Any], numbers: range) -> list[Any]:
    with ThreadPoolExecutor(6) as threads:
        return list(threads.map(work, numbers))


def _taken_in(served: Served) -> set[int]:
    """How many orders each worker took in, as far as some questions met it."""
    texts = (served.ask("metrics").decode() for _ in range(40))
    return {int(float(re.search(r"^triage_orders_received_total (\S+)", text, re.MULTILINE)[1])) for text in texts}


def test_fifty_orders_of_one_matter_through_two_workers_make_one_issue(served):
    told = _at_once(served.receive, range(50))
    issues = {one["issue"]["id"] for one in told}
    kept = json.loads(served.ask("v1/orders?limit=500"))["items"]
    assert len(kept) == 50 and {one["issue"] for one in kept} == issues and len(issues) == 1
    assert sorted(one["issue"]["orders"] for one in told) == list(range(1, 51)), "each knew all that came before"
    taken_in = _taken_in(served)
    assert len(taken_in) == 2 and sum(taken_in) == 50, "both took part"


def test_a_worker_that_is_killed_loses_nothing_and_is_begun_anew(served, triage, database):
    before = served.workers()
    assert len(before) == 2
    first = served.receive(100)["issue"]["orders"]
    killing = Timer(0.3, os.kill, (min(before), signal.SIGKILL))
    killing.start()
    told = _at_once(served.receive, range(101, 141))
    killing.join()
    assert {one["id"] for one in told} == {f"w{number}" for number in range(101, 141)}
    assert served.receive(141)["issue"]["orders"] == first + 41, "none is there twice"
    until = time.monotonic() + READY_WITHIN
    while len(served.workers() - before) < 1 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(served.workers()) == 2 and min(before) not in served.workers()
    verified = triage("audit", "verify", "--database", f"sqlite:///{database}", **SECRET)
    assert json.loads(verified.out)["whole"] is True


def test_when_told_to_stop_all_end(environment, tmp_path):
    with _served(environment, tmp_path / "demo.db", "", "--demo") as served:
        workers = served.workers()
        with closing(urllib.request.urlopen(served.url)) as page:
            assert b"<html" in page.read()
        served.process.send_signal(signal.SIGTERM)
        out, err = served.process.communicate(timeout=30)
    assert served.process.returncode in (0, -signal.SIGTERM)
    assert out == "" and all(line.startswith("log-in: demo-") for line in err.splitlines())
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
