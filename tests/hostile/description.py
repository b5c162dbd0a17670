"""The API's description of itself, told what is kept: which values are known, what an event looks like, and which call
goes on where another ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from tests.hostile.house import POLICY, UNIT, House
from triage.domain.vocabulary import EventKind, Outcome, Role

Known = Mapping[str, Sequence[str | int]]

_MOMENTS = ["2026-03-02T09:00:00+08:00", "2026-03-07T23:30:00Z", "1999-12-31T23:59:59Z", "2027-01-01T00:00:00Z"]
_IN_BODIES: Known = {
    "body.policy": [POLICY],
    "body.as_of": _MOMENTS,
    "body.order.id": ["N-1", "N-2", "N-3", "N-4", "K-1"],
    "body.order.received_at": _MOMENTS,
    "body.order.caller.phone": ["13900001201", "021-58880000"],
    "body.category": ["catering-fumes"],
    "body.since": ["2026-03-02T09:00:00+08:00"],
    "body.until": ["2026-03-05T09:00:00+08:00"],
    "body.person": ["p-1"],
    "body.url": ["http://127.0.0.1:9/hook"],
}
_IN_QUERIES: Known = {"as_of": _MOMENTS, "at": _MOMENTS, "since": _MOMENTS}

_EVENT = {
    "type": "object",
    "required": ["at", "kind"],
    "properties": {
        "at": {"type": "string", "enum": _MOMENTS},
        "kind": {"type": "string", "enum": [str(kind) for kind in EventKind]},
        "id": {"type": "string", "enum": ["e-1", "e-2"]},
        "unit": {"type": "string", "enum": [UNIT, "urban-squad", "nobody"]},
        "by": {"type": "string", "enum": [str(role) for role in Role]},
        "outcome": {"type": "string", "enum": [str(outcome) for outcome in Outcome]},
        "reached": {"type": "boolean"},
        "reason": {"type": "string", "maxLength": 50},
        "ground": {"type": "integer", "minimum": 1, "maximum": 6},
        "facts": {"type": "object"},
    },
}
"""The description says of an event only that it is an object; this way most of them are nearly right."""

_FACTS = {
    "type": "object",
    "properties": {"hard": {"type": "boolean"}, "repeat_count": {"type": "integer"}, "urgency": {"type": "string"}},
    "additionalProperties": False,
}
_OF_ORDER = ("", "/events", "/obligations", "/feedback", "/attachments")
_OF_WEBHOOK = ("", "/deliveries")
_OF_EXPORT = ("", "/receipt")
_GO_ON = (
    ("/v1/orders", "order_id", "/order_id", "/v1/orders/{order_id}", _OF_ORDER),
    ("/v1/webhooks", "webhook", "/id", "/v1/webhooks/{webhook}", _OF_WEBHOOK),
    ("/v1/results/exports", "number", "/number", "/v1/results/exports/{number}", _OF_EXPORT),
)


def description_of(house: House, known: Known) -> BaseSchema:
    """What the application says of itself, with everything known in it."""
    told = house.app.openapi()
    events = told["paths"]["/v1/orders/{order_id}/events"]["post"]["requestBody"]
    events["content"]["application/json"]["schema"] = {
        "anyOf": [_EVENT, {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 4}]
    }
    told["components"]["schemas"]["DecisionRequest"]["properties"]["facts"] = _FACTS
    for path, parameter, place, target, ends in _GO_ON:
        for status in ("200", "201"):
            answer = told["paths"][path]["post"]["responses"].get(status)
            if answer is not None:
                answer["links"] = _links(told, parameter, place, [target + end for end in ends])
    described = schemathesis.openapi.from_dict(told, config=_config(known))
    described.app = house.app
    return described


def _links(told: dict[str, Any], parameter: str, place: str, targets: Sequence[str]) -> dict[str, Any]:
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {parameter: f"$response.body#{place}"},
        }
        for target in targets
        for operation in told["paths"][target].values()
    }


def _config(known: Known) -> SchemathesisConfig:
    """What is known stands in most paths and bodies, and in some queries."""
    bound = {f"path.{name}": (values, 0.8) for name, values in known.items()}
    bound |= {f"query.{name}": (values, 0.6) for name, values in {**known, **_IN_QUERIES}.items()}
    bound |= {name: (values, 0.7) for name, values in _IN_BODIES.items()}
    return SchemathesisConfig.from_dict(
        {
            "dictionaries": {_dictionary(name): {"values": list(values)} for name, (values, _) in bound.items()},
            "parameters": {
                name: {"dictionary": _dictionary(name), "probability": chance} for name, (_, chance) in bound.items()
            },
            # Generated keys would stand in the place of the role's own; that a wrong one is 401 is asked all the same.
            # Parameters that nobody knows are passed over, as everywhere.
            "generation": {"with-security-parameters": False, "allow-extra-parameters": False},
            # What fits the description may still be refused: packs, people and the ledger have a say, and are data.
            # An order that has changed meanwhile (412), a file that is gone (410): told before the rest is looked at.
            "checks": {
                "positive_data_acceptance": {"enabled": False},
                "negative_data_rejection": {"expected-statuses": [400, 403, 404, 405, 409, 410, 412, 413, 422]},
            },
            # OpenAPI 3.1 has no words for the events of a stream.
            "operations": [{"include-path": "/v1/live", "checks": {"response_schema_conformance": {"enabled": False}}}],
        }
    )


def _dictionary(name: str) -> str:
    return name.replace(".", "-")
