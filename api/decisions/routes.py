"""POST /v1/decisions: a decision with its reasons, nothing stored."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

from api.errors import PROBLEM
from triage.bootstrap import Service
from triage.desk.requests import DecisionRequest
from triage.domain.decisions import Decision

_DECISION = TypeAdapter(Decision)


def decision_routes(service: Service) -> APIRouter:
    """The routes, around a service."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.post("/decisions", response_model=Decision, responses=PROBLEM)
    async def decide(request: DecisionRequest) -> Response:  # on the loop: a thread's hop costs a third of a decision
        """Category, unit, who decides, what is owed by when, and the clause for each."""
        return Response(_DECISION.dump_json(service.decide(request)), media_type="application/json")

    return router
