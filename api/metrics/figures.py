"""What is counted and timed: by route and stage, never by order, person or address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import Connection, event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.desk.orders.books import Books

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WRITE_BEGAN = "triage write began"

Given = TypeVar("Given")
Found = TypeVar("Found")


class Figures:
    """Counters and histograms in a registry of their own."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "triage_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "triage_stage_seconds",
            "Seconds by stage: request (until the answer begins), read (a text is read and classified), "
            "write (the ledger's writer is held).",
            ("stage",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._orders = Counter("triage_orders_received", "Orders that were new.", registry=self._registry)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def watch(self, books: Books) -> Books:
        """The same books, whose reading and writing is timed from now on."""
        engine = books.ledger.database.engine
        event.listen(engine, "begin", self._began)
        event.listen(engine, "commit", self._ended)
        event.listen(engine, "rollback", self._ended)
        return replace(books, consider=self._timed("read", books.consider))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels("request").observe(seconds)
        if (method, route, status) == ("POST", "/v1/orders", 201):
            self._orders.inc()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage."""
        begun = self._clock()
        try:
            yield
        finally:
            self._seconds.labels(name).observe(self._clock() - begun)

    def _timed(self, stage: str, work: Callable[[Given], Found]) -> Callable[[Given], Found]:
        def timed(given: Given) -> Found:
            with self.stage(stage):
                return work(given)

        return timed

    def _began(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.info[_WRITE_BEGAN] = self._clock()

    def _ended(self, connection: Connection) -> None:
        begun = connection.info.pop(_WRITE_BEGAN, None)
        if begun is not None:
            self._seconds.labels("write").observe(self._clock() - begun)


class Counted:
    """Counts every request by the route that answered it, never by its path."""

    def __init__(self, app: ASGIApp, figures: Figures, clock: Callable[[], float] = time.perf_counter) -> None:
        self.app = app
        self._figures = figures
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = self._clock()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", None) or "none"
                self._figures.count(scope["method"], route, message["status"], self._clock() - begun)
            await send(message)

        await self.app(scope, receive, send_and_count)
