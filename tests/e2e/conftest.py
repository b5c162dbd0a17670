"""A real service in a process of its own, and a real browser to look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60
QUIET_BROWSER = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOISE_OF_A_REFUSAL = "Failed to load resource"


@dataclass
class Visit:
    """A page with the console open, and everything the browser complained of or asked elsewhere."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def watch(self, host: str) -> None:
        """Notes errors, and requests to any other host, from now on."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self._see(request.url, host))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and NOISE_OF_A_REFUSAL not in message.text:
            self.complaints.append(message.text)

    def _see(self, url: str, host: str) -> None:
        if urlsplit(url).netloc != host:
            self.elsewhere.append(url)


@pytest.fixture(scope="session")
def service_url() -> Iterator[str]:
    """The address of a demo service on a free port."""
    command = [sys.executable, "-m", "triage.cli", "serve", "--demo", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _ready_address(process.stdout)
        finally:
            process.terminate()


def _ready_address(output: IO[str]) -> str:
    found: list[str] = []

    def read() -> None:
        for line in output:
            if line.startswith("ready: "):
                found.append(line.removeprefix("ready: ").strip())
                return

    reader = Thread(target=read, daemon=True)  # reading a pipe has no time-out of its own
    reader.start()
    reader.join(READY_WITHIN)
    if not found:
        pytest.fail(f"the service did not say that it is ready within {READY_WITHIN} seconds")
    return found[0]


@pytest.fixture(scope="module")  # while it is open, its event loop runs in this thread: no other test could use one
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped."""
    path = os.environ.get("TRIAGE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        missing = "no chromium: install the package chromium, or set TRIAGE_CHROMIUM to an executable"
        pytest.skip(missing)
    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=path, args=QUIET_BROWSER)
        yield chromium
        chromium.close()


@pytest.fixture
def open_console(browser: Browser, service_url: str) -> Iterator[Callable[..., Page]]:
    """Opens the console, on a desk's screen unless told; afterwards nothing may have gone wrong or elsewhere."""
    visits: list[Visit] = []

    def open_it(width: int = 1366, height: int = 768, query: str = "?policy=nanmatou") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="America/New_York",  # times must be Shanghai's wherever the browser stands
            permissions=["clipboard-read", "clipboard-write"],
        )
        visit = Visit(context.new_page())
        visits.append(visit)
        visit.watch(urlsplit(service_url).netloc)
        visit.page.goto(service_url + query)
        expect(visit.page.locator("#policy option")).not_to_have_count(0)
        return visit.page

    yield open_it
    for visit in visits:
        visit.page.context.close()
        assert visit.complaints == []
        assert visit.elsewhere == []
