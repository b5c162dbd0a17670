"""Calls that are refused, with a value of somebody's wherever one fits: bodies, names, queries, paths, headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.hostile.house import POLICY, UNIT

Call = tuple[str, str, Mapping[str, Any]]

_JSON = {"Content-Type": "application/json"}
_ORDER = {"id": "X-1", "received_at": "2026-03-02T09:00", "text": "路灯不亮"}
_AT = {"at": "2026-03-30T09:00"}
_LISTS = ("orders", "issues", "alerts", "results", "performance", "people", "duty", "people/who")
_ASKED = ("policy", "as_of", "cursor", "since", "month", "week", "kind", "role", "unit", "limit", "min_callers")
_FIELDS = "at kind unit by reached outcome satisfaction facts elements ground until".split()
_KINDS = "replied note called_back contact_attempt stored extension_granted".split()


def refused_calls(value: str) -> Iterator[Call]:
    """All of them with one value; order P-0 is kept."""
    yield from _of_orders(value)
    yield from _of_events(value)
    yield from _of_feedback_and_files(value)
    yield from _by_name(value)
    yield from _of_the_desk(value)
    yield from _of_people(value)


def _of_orders(value: str) -> Iterator[Call]:
    bodies: list[dict[str, Any]] = [
        *({"order": {**_ORDER, name: value}} for name in ("received_at", "request_type", "caller", value)),
        {"order": {**_ORDER, "id": f"{value}/"}},
        {"order": {**_ORDER, "text": {value: value}}},
        {"order": {**_ORDER, "id": "P-0", "text": value}},
        {"order": _ORDER, "policy": value},
        {"order": _ORDER, "facts": {value: value}},
        {"order": _ORDER, "facts": {"urgency": value, "hard": value}},
        {"order": _ORDER, "as_of": value},
    ]
    for body in bodies:
        for path in ("/v1/orders", "/v1/decisions"):
            if body["order"].get("id") != "P-0" or path == "/v1/orders":
                yield "POST", path, {"json": {"policy": POLICY, **body}}
    yield "POST", "/v1/orders", {"content": f'{{"policy": "{value}"'.encode(), "headers": _JSON}


def _of_events(value: str) -> Iterator[Call]:
    path = "/v1/orders/P-0/events"
    for name in _FIELDS:
        for kind in _KINDS:
            yield "POST", path, {"json": {**_AT, "kind": kind, "unit": UNIT, name: value}}
    yield "POST", path, {"json": [value]}
    yield "POST", path, {"json": value}
    yield "POST", path, {"json": {**_AT, "kind": "note", "facts": {"hard": value, value: value}}}
    yield "POST", path, {"json": {**_AT, "kind": "note"}, "headers": {"If-Match": value.encode()}}


def _of_feedback_and_files(value: str) -> Iterator[Call]:
    for name in ("category", "request_type", "urgency", "mode", "decider", "issue", value):
        yield "POST", "/v1/orders/P-0/feedback", {"json": {name: value}}
    yield "POST", "/v1/orders/P-0/feedback", {"json": {"units": [value]}}
    files = {"file": (f"{value}.exe", value.encode(), "image/png")}
    for fields in ({"element": value}, {value: value}, {"element": "before_picture"}):
        yield "POST", "/v1/orders/P-0/attachments", {"files": files, "data": fields}


def _by_name(value: str) -> Iterator[Call]:
    for path in ("orders", "issues", "callers", "policies", "results/exports", "models"):
        yield "GET", f"/v1/{path}/{value}", {}
    yield "GET", f"/{value}", {}
    yield "PUT", f"/v1/orders/{value}", {}
    for path in _LISTS:
        for name in _ASKED:
            yield "GET", f"/v1/{path}", {"params": {name: value}}


def _of_the_desk(value: str) -> Iterator[Call]:
    yield "POST", "/v1/issues/none/merge", {"json": {"other": value, "why": value}}
    yield "POST", "/v1/results/exports", {"json": {"policy": value, "since": value}}
    named = {"accepted": [value], "rejected": [{"id": value, "reason": value}]}
    yield "POST", "/v1/results/exports/1/receipt", {"json": {"number": value, **_AT, **named}}
    yield "POST", "/v1/performance/entries", {"json": {"policy": POLICY, "unit": value, "item": value, "at": value}}
    yield "POST", "/v1/webhooks", {"json": {"url": f"http://{value}@x/", "secret": value, "kinds": [value]}}
    yield "POST", "/console/session", {"json": {"name": value, "password": value}}


def _of_people(value: str) -> Iterator[Call]:
    posts = [{"role": "unit", "unit": value}, {"role": "deputy_leader", "leader": value}]
    for person in (
        {"id": value, "name": value, "telephones": [value], "posts": [{"role": value, "unit": value}]},
        {"id": "p-77", "name": "周明", "posts": posts},
    ):
        yield "PUT", "/v1/people", {"json": {"people": [person]}}
    shift = {"role": "unit", "person": value, "unit": value}
    yield "PUT", "/v1/duty", {"params": {"week": value}, "json": {"shifts": [shift]}}
    away = {"since": "2026-03-02T09:00", "until": "2026-03-05T09:00", "stand_in": value}
    yield "POST", "/v1/people/p-1/absences", {"json": away}
    yield "DELETE", f"/v1/people/{value}", {}
