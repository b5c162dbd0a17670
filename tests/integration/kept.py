"""Books in a test's folder, with a clock that the test moves, and a client of chosen routes as a chosen actor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.access.gate import Gate
from api.errors import install_errors
from triage.bootstrap import Service, build
from triage.desk.orders.books import Books
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.requests import check_request
from triage.domain.moments import in_shanghai
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.ledger import Ledger
from triage.settings import Settings

DISPATCHER = Actor("key:desk", Role.DISPATCHER, "nanmatou")
CENTRE = Actor("key:centre", Role.CENTRE, "nanmatou")
ADMIN = Actor("key:admin", Role.ADMIN)


def new_service() -> Service:
    """A service that may keep orders."""
    settings = Settings(model=None, packs=None, calendar=None, parameters={}, secret=SecretStr("only tests know this"))
    return build(settings)


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return in_shanghai(datetime.fromisoformat(text))


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)


def open_books(service: Service, folder: Path, clock: Clock) -> Books:
    """The ledger in a folder, on this clock; opened again, as another process sees it."""
    books = service.books(f"sqlite:///{folder}/kept.db")
    return replace(books, now=clock, ledger=Ledger(books.ledger.database, clock))


@dataclass
class Door:
    """Who stands at the gate: None is nobody."""

    actor: Actor | None

    def __call__(self, _request: Request) -> Actor | None:
        return self.actor


@contextmanager
def served(door: Door, *routes: Callable[[Gate], APIRouter]) -> Iterator[TestClient]:
    """A client of an application with these routes."""
    app = FastAPI()
    install_errors(app)
    for new in routes:
        app.include_router(new(Gate(door)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def take_in(
    books: Books, order_id: str, received_at: str, text: str = "小区门口路灯不亮已经三天", **facts: Any
) -> None:
    """Keep an order of an invented caller."""
    order = {"id": order_id, "received_at": received_at, "text": text, "caller": {"phone": "13900001234"}}
    receive(check_request({"policy": "nanmatou", "order": order, "facts": facts}), books, DISPATCHER)


def happens(books: Books, order_id: str, **event: Any) -> None:
    """Record an event of an order."""
    record(order_id, [event], books, DISPATCHER)
