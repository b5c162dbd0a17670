"""The whole application in process, with some orders, people, an export and a webhook kept, and a key of each role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from api.access.access import open_access
from api.app import create_app
from api.cursors import cursor_of
from api.live.streams import LiveStreams
from triage.bootstrap import Service, build
from triage.desk.access.keys import make_key
from triage.desk.access.passwords import Passwords
from triage.desk.access.rights import OF_ONE_UNIT
from triage.desk.orders.books import Books
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.access import Grant
from triage.settings import Settings

POLICY, UNIT = "nanmatou", "market-office"
OF_ALL_POLICIES = frozenset({Role.ADMIN, Role.ANALYST})
SMOKE = "东三里桥路的餐馆每天晚上炒菜油烟很大，居民楼里都是油烟味，请管一管"
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def new_service() -> Service:
    """A service that may keep orders, whatever the environment says."""
    secret = SecretStr("only the hostile tests know it")
    return build(Settings(model=None, packs=None, calendar=None, parameters={}, database=None, secret=secret))


@dataclass(frozen=True)
class House:
    """The application around its books, and a key of each role."""

    app: FastAPI
    books: Books
    keys: dict[Role, str]

    def headers(self, role: Role) -> dict[str, str]:
        """What a request of a role carries."""
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def client(self, role: Role) -> TestClient:
        """A client that asks with a role's key; a fault in the application is answered as it is when served."""
        return TestClient(self.app, headers=self.headers(role), raise_server_exceptions=False)


@contextmanager
def opened(service: Service, folder: Path) -> Iterator[House]:
    """The application on a database in a folder. Its live streams end after two looks."""
    books = service.books(f"sqlite:///{folder}/ledger.db")
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    access = open_access(books.ledger, passwords, now=books.now, clock=time.monotonic, a_minute=10**9)
    by = Actor("test", Role.ADMIN)
    keys = {role: make_key(books.ledger, _grant(role), "", by)[1] for role in Role}
    streams = LiveStreams(every=0.001, longest=2)
    yield House(create_app(service, books, access=access, streams=streams), books, keys)
    books.ledger.database.close()


def _grant(role: Role) -> Grant:
    return Grant(role, None if role in OF_ALL_POLICIES else POLICY, UNIT if role in OF_ONE_UNIT else None)


def furnish(house: House) -> dict[str, list[str | int]]:
    """Keep something of every kind; what paths and queries may name, by the parameter's name."""
    desk, centre, admin = (house.client(role) for role in (Role.DISPATCHER, Role.CENTRE, Role.ADMIN))
    ids = [f"K-{number}" for number in range(8)]
    for number, order_id in enumerate(ids):
        _take_in(desk, order_id, number)
    tokens = [item["caller"] for item in desk.get("/v1/orders").json()["items"]]
    issues = [item["issue"] for item in desk.get("/v1/orders").json()["items"]]
    _attach(desk, ids[0])
    _people(centre)
    batch = desk.post("/v1/results/exports", json={"policy": POLICY}).json()
    hook = {"url": "http://127.0.0.1:9/hook", "secret": "0123456789abcdef", "policy": POLICY}
    webhook = admin.post("/v1/webhooks", json=hook).json()["id"]
    return {
        "order_id": ids,
        "issue_id": issues,
        "issue": issues,
        "token": tokens,
        "caller": tokens,
        "person": ["p-1", "p-2"],
        "absence": ["p-1@20260302T0900"],
        "number": [int(batch["number"])],
        "webhook": [webhook],
        "policy": [POLICY],
        "unit": [UNIT],
        "name": ["default"],
        "month": ["2026-03"],
        "week": ["2026-W10"],
        "cursor": [cursor_of(3), cursor_of("2026-03-02T09:00:00+08:00", 2, "x"), cursor_of()],
    }


def _take_in(desk: TestClient, order_id: str, number: int) -> None:
    caller = {"name": "陈志远", "phone": f"139000012{number // 2:02d}"}
    order = {"id": order_id, "received_at": f"2026-03-02T09:{number:02d}", "text": SMOKE, "caller": caller}
    assert desk.post("/v1/orders", json={"policy": POLICY, "order": order}).status_code == 201
    events = [
        {"at": "2026-03-02T10:00", "kind": "dispatched", "unit": UNIT, "by": "dispatcher"},
        {"at": "2026-03-02T10:30", "kind": "accepted", "unit": UNIT},
        {"at": "2026-03-03T11:00", "kind": "replied", "unit": UNIT, "outcome": "solved"},
    ]
    assert desk.post(f"/v1/orders/{order_id}/events", json=events[: number % 4]).status_code in (201, 422)


def _attach(desk: TestClient, order_id: str) -> None:
    files = {"file": ("照片.png", _PNG, "image/png")}
    assert desk.post(f"/v1/orders/{order_id}/attachments", data={"element": "before_picture"}, files=files).is_success


def _people(centre: TestClient) -> None:
    post = {"role": "unit", "unit": UNIT}
    people = [{"id": f"p-{n}", "name": "周明", "telephones": ["13900005678"], "posts": [post]} for n in (1, 2)]
    assert centre.put("/v1/people", json={"people": people}).is_success
    away = {"since": "2026-03-02T09:00", "until": "2026-03-05T09:00"}
    assert centre.post("/v1/people/p-1/absences", json=away).is_success
    shift = {"role": "dispatcher", "person": "p-2", "since": "2026-03-02T09:00", "until": "2026-03-03T09:00"}
    assert centre.put("/v1/duty", params={"week": "2026-W10"}, json={"shifts": [shift]}).is_success
