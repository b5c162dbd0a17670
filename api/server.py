"""Runs the application with uvicorn and says when it answers."""

from __future__ import annotations

import gc
import random
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from api.access.access import Access, open_access
from api.access.addresses import is_loopback
from api.access.secret_file import with_secret
from api.app import create_app
from api.live.streams import LiveStreams
from api.workers import run_workers
from triage.bootstrap import Service, build
from triage.desk.access.demo import DemoLogIn, demo_log_ins, end_demo_log_ins
from triage.desk.access.passwords import Passwords
from triage.desk.orders.books import Books
from triage.desk.webhooks.addresses import Reach
from triage.desk.webhooks.worker import WebhookWorker
from triage.domain.errors import BadInput, Problem
from triage.policy.pack.pack import Pack
from triage.records.access import has_keys
from triage.records.database import Database

MOST_CONNECTIONS = 512
"""More than these at once are answered 503: each may hold a body in memory, and a file descriptor."""

_LAST_ANSWERS = 10
"""Seconds that requests under way have once the service is told to stop."""

_DEMO_POLICY = "tangqiao"
"""The town of the demo month."""


@dataclass(frozen=True)
class Serving:
    """What is served where: `database` is an address or, without one, that of the settings; in a `demo` one of its
    own; `workers` are the processes that answer. `on_ready` gets the address once the first request would be answered,
    `say` what a person should know."""

    host: str
    port: int
    on_ready: Callable[[str], None]
    say: Callable[[str], None]
    database: str | None = None
    demo: bool = False
    workers: int = 1


def run(serving: Serving) -> None:
    """Serve until stopped.

    BadInput where the address is not this machine's own and something is missing that must not be there, or where the
    port or the database cannot be had.
    """
    # uvicorn ends the process by the signal that stopped it; this way what is open here is closed first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    loopback = is_loopback(serving.host)
    service = build()
    with _database(serving, service) as url:
        if not loopback:
            _refuse_open_address(serving, service, url)
        listening = _listen(serving.host, serving.port)
        if serving.demo:
            service = with_secret(service, url)
        books = service.books(url)
        service.warm_up()  # here, so that a faulty model or pack is told as such and not as a failed start
        _spare_collector()
        passwords = Passwords()
        log_ins = _begin(serving, service, books, passwords)
        worker = _Worker(serving, service, books, passwords, log_ins, listening, loopback=loopback)
        if serving.workers == 1:
            worker(0, worker.announce)
        else:
            books.ledger.database.close()  # no two processes may share a connection
            run_workers(serving.workers, worker, worker.announce, serving.say)


def _spare_collector() -> None:
    """Model, packs and words stay as long as the process: the collector need not look through them again and again,
    which stops every request for a tenth of a second."""
    gc.collect()
    gc.freeze()


@dataclass(frozen=True)
class _Worker:
    """One process that answers; that with number 0 also does what only one may do."""

    serving: Serving
    service: Service
    books: Books
    passwords: Passwords
    log_ins: Sequence[DemoLogIn]
    listening: socket.socket
    loopback: bool

    def __call__(self, number: int, on_ready: Callable[[], None]) -> None:
        """Serve until stopped; what is remembered is kept at the end."""
        streams, reach = LiveStreams(), Reach(own_port=self._port)
        app = create_app(self.service, self.books, access=self._access(), streams=streams, reach=reach)
        try:
            self.books.follow(self.service.shelf.ids())
            _spare_collector()
            with self._webhooks(reach) if number == 0 else nullcontext():
                _Announcing(self._config(app), on_ready, streams.stop).run(sockets=[self.listening])
        finally:
            try:
                self.books.keep()
            finally:
                self.books.ledger.database.close()

    def announce(self) -> None:
        """Say where the service answers."""
        shown = f"[{self.serving.host}]" if ":" in self.serving.host else self.serving.host
        self.serving.on_ready(f"http://{shown}:{self._port}/")

    @property
    def _port(self) -> int:
        return int(self.listening.getsockname()[1])

    @contextmanager
    def _webhooks(self, reach: Reach) -> Iterator[None]:
        worker = WebhookWorker(self.books, reach, random.random)
        worker.start()
        try:
            yield
        finally:
            worker.stop()

    def _access(self) -> Access:
        settings = self.service.settings
        return open_access(
            self.books.ledger,
            self.passwords,
            now=self.books.now,
            clock=time.monotonic,
            a_minute=settings.rate_limit,
            loopback=self.loopback and not settings.proxies,
            visitor=self.log_ins[0].user if self.log_ins else None,
        )

    def _config(self, app: FastAPI) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,  # a query string or a path may carry personal data
            lifespan="on",
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=_LAST_ANSWERS,
            proxy_headers=bool(self.service.settings.proxies),
            forwarded_allow_ips=self.service.settings.proxies or None,
        )


class _Announcing(uvicorn.Server):
    """Tells once the application has started and the socket is served, and when it is about to end."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_end = on_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then stop: streams that stay open would be waited for."""
        self._on_end()
        await super().shutdown(sockets)


@contextmanager
def _database(serving: Serving, service: Service) -> Iterator[str]:
    """The address of the database; a demo without one has one of its own, which is gone afterwards."""
    if not serving.demo or serving.database is not None:
        yield service.settings.database_url(serving.database)
        return
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as folder:
        yield f"sqlite:///{folder}/demo.db"


def _refuse_open_address(serving: Serving, service: Service, url: str) -> None:
    """Every reason at once why others may not reach this service yet."""
    why = f"{serving.host!r} is not a loopback address: there TRIAGE_SECRET and at least one key are needed"
    missing = []
    if not serving.host:
        missing.append(Problem(("--host",), "names no address; 0.0.0.0 is every address of this machine"))
    if serving.demo:
        missing.append(Problem(("--demo",), "stands open, and is for loopback addresses only"))
    if service.settings.secret is None:
        missing.append(Problem(("TRIAGE_SECRET",), "is not set: at least 16 bytes, kept outside the database"))
    if not serving.demo and not _has_keys(url):
        missing.append(Problem(("key",), "there is none in the database; `triage key create --role ROLE` makes one"))
    if missing:
        raise BadInput("serve", [Problem(("--host",), why), *missing])


def _has_keys(url: str) -> bool:
    database = Database(url)
    database.migrate()
    with database.reading() as connection:
        found = has_keys(connection)
    database.close()
    return found


def _begin(serving: Serving, service: Service, books: Books, passwords: Passwords) -> list[DemoLogIn]:
    """A demo's log-ins, told to whoever started it; in earnest none, and those of a demo before are ended."""
    if not serving.demo:
        end_demo_log_ins(books.ledger)
        if not _has_keys_now(books):
            serving.say("no key in the database yet: `triage key create --role ROLE` makes one")
        return []
    log_ins = demo_log_ins(books.ledger, _demo_pack(service), passwords)
    for one in log_ins:
        grant = one.user.grant
        whose = grant.policy if grant.unit is None else f"{grant.policy}, {grant.unit}"
        serving.say(f"log-in: {one.user.name} {one.password} ({grant.role} of {whose})")
    return log_ins


def _has_keys_now(books: Books) -> bool:
    with books.ledger.database.reading() as connection:
        return has_keys(connection)


def _demo_pack(service: Service) -> Pack:
    known = service.shelf.ids()
    return service.shelf.get_or_raise(_DEMO_POLICY if _DEMO_POLICY in known else known[0])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off for named TCP only: 40 ms an answer otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise BadInput("serve", [Problem(("--port",), f"cannot listen on {host}:{port}: {error.strerror}")]) from None
    listening.listen(128)
    return listening
