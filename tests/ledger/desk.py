"""Orders and events as the tests of the ledger hand them in."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from triage.bootstrap import Service, build
from triage.desk.requests import DecisionRequest, check_request
from triage.settings import Settings

AT = "2026-03-02T09:00+08:00"
LIGHT = "浦东蓝村路口的路灯坏了三天，晚上走路看不清，请尽快修好"


def new_service(secret: SecretStr) -> Service:
    """A service with what ships, whatever the environment says."""
    return build(Settings(secret=secret, model=None, packs=None, calendar=None, parameters={}, database=None))


def order(number: int | str, text: str = LIGHT, *, at: str = AT, phone: str = "", **more: Any) -> DecisionRequest:
    """A request to keep an order."""
    body: dict[str, Any] = {"id": str(number), "received_at": at, "title": text[:14], "text": text}
    if phone:
        body["caller"] = {"name": more.pop("name", ""), "phone": phone}
    body |= {name: more.pop(name) for name in ("address",) if name in more}
    return check_request({"policy": "tangqiao", "order": body, **more})


def dispatched(at: str = "2026-03-02T09:30", unit: str = "power-company", **more: Any) -> dict[str, Any]:
    """The order goes to a unit."""
    return {"at": at, "kind": "dispatched", "unit": unit, "by": "dispatcher", **more}
