"""Every role against every route of the application, whatever routes there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from api.access.access import open_access
from api.app import create_app
from triage.bootstrap import build
from triage.desk.access.keys import make_key
from triage.desk.access.passwords import Passwords
from triage.desk.access.rights import OF_ONE_UNIT, RIGHTS, Right
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.access import Grant
from triage.settings import Settings

POLICY, UNIT = "nanmatou", "market-office"
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("HEAD", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/oauth2-redirect"),
    ("GET", "/login"),
    ("POST", "/console/session"),
    ("GET", "/"),  # shown to who is logged in; all others are sent to /login
}
"""What stands open on purpose. A new route does not belong here but for a reason as good."""
OPEN_FOLDERS = {"/static", "/static-offline-docs"}
FOR_THE_LOGGED_IN = {("GET", "/console/session"), ("DELETE", "/console/session")}
FOR_ADMINS = {("GET", "/metrics")}


@dataclass(frozen=True)
class Call:
    """One way to call the application, and the rights that stand before it."""

    method: str
    path: str
    rights: frozenset[Right]

    @property
    def name(self) -> tuple[str, str]:
        return self.method, self.path


@dataclass(frozen=True)
class House:
    """The application, and a key of each role."""

    app: FastAPI
    keys: dict[Role, str]

    def calls(self) -> list[Call]:
        return list(_calls(self.app))

    def status(self, call: Call, role: Role | None = None) -> int:
        headers = [] if role is None else [(b"authorization", f"Bearer {self.keys[role]}".encode())]
        return asyncio.run(_status(self.app, call, headers))


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    secret = SecretStr("only the tests know it")
    service = build(Settings(model=None, packs=None, calendar=None, parameters={}, secret=secret))
    books = service.books(f"sqlite:///{tmp_path_factory.mktemp('matrix')}/ledger.db")
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    access = open_access(books.ledger, passwords, now=books.now, clock=time.monotonic, a_minute=100_000)
    by = Actor("test", Role.ADMIN)
    grants = {role: Grant(role, POLICY, UNIT if role in OF_ONE_UNIT else None) for role in Role}
    keys = {role: make_key(books.ledger, grant, "", by)[1] for role, grant in grants.items()}
    yield House(create_app(service, books, access=access), keys)
    books.ledger.database.close()


def _calls(app: FastAPI) -> Iterator[Call]:
    for route in iter_route_contexts(app.routes):
        if route.methods is None:
            assert route.path in OPEN_FOLDERS, f"{route.path} is neither a route nor an open folder"
            continue
        dependant = getattr(route, "dependant", None)
        rights = frozenset() if dependant is None else frozenset(_rights(dependant))
        for method in sorted(route.methods):
            yield Call(method, str(route.path), rights)


def _rights(dependant: Any) -> Iterator[Right]:
    for needed in dependant.dependencies:
        right = getattr(needed.call, "right", None)
        if right is not None:
            yield right
        yield from _rights(needed)


async def _status(app: FastAPI, call: Call, headers: list[tuple[bytes, bytes]]) -> int:
    """How a call is answered; what would go on for ever, such as a stream of events, is hung up on."""
    answered = asyncio.get_running_loop().create_future()
    bodies = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return bodies.pop() if bodies else await asyncio.Event().wait() or {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not answered.done():
            answered.set_result(message["status"])

    path = call.path.replace("{", "").replace("}", "")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), *headers],
        "client": ("192.0.2.1", 5000),
        "server": ("127.0.0.1", 8000),
    }
    running = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait({running, answered}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert answered.done(), f"{call.name} was not answered"
    return int(answered.result())


def test_every_route_stands_behind_a_right_or_is_open_on_purpose(house):
    for call in house.calls():
        places = [call.name in OPEN, call.name in FOR_THE_LOGGED_IN, call.name in FOR_ADMINS, bool(call.rights)]
        assert places.count(True) == 1, f"{call.name} stands behind {sorted(call.rights) or 'nothing'}"


def test_what_is_said_to_be_open_is_there(house):
    assert {call.name for call in house.calls()} >= OPEN | FOR_THE_LOGGED_IN | FOR_ADMINS


def test_without_a_key_nothing_answers_but_what_is_open(house):
    for call in house.calls():
        status = house.status(call)
        if call.name in OPEN:
            assert status not in (403, 500), call.name
            assert status != 401 or call.name == ("POST", "/console/session"), call.name
        else:
            assert status == 401, f"{call.name} answered {status} to nobody"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_refused_exactly_where_it_lacks_the_right(house, role):
    for call in house.calls():
        if not call.rights:
            continue
        status = house.status(call, role)
        if call.rights <= RIGHTS[role]:
            assert status not in (401, 403) and status < 500, f"{call.name} answered {status} to {role}"
        else:
            assert status == 403, f"{call.name} answered {status} to {role}"


@pytest.mark.parametrize("role", list(Role))
def test_figures_are_for_an_admin(house, role):
    assert house.status(Call("GET", "/metrics", frozenset()), role) == (200 if role is Role.ADMIN else 403)


def test_every_role_has_its_rights_and_every_right_somebody(house):
    assert set(RIGHTS) == set(Role)
    assert set().union(*RIGHTS.values()) == set(Right)


def test_the_description_says_which_calls_need_a_key(house):
    described = house.app.openapi()
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for call in house.calls():
        operation = described["paths"].get(call.path, {}).get(call.method.lower())
        if operation is not None and call.name not in FOR_ADMINS:
            assert ({"key": []} in operation.get("security", [])) == bool(call.rights), call.name
