"""POST /v1/decisions: a decision with its reasons, nothing stored."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `recalling_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import TypeAdapter

from api.access.gate import Gate
from api.errors import PROBLEM
from triage.bootstrap import Service
from triage.desk.access.recalling import decide_for, may_recall
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.requests import DecisionRequest
from triage.domain.decisions import Decision
from triage.domain.people import Actor

_DECISION = TypeAdapter(Decision)


def decision_routes(service: Service) -> APIRouter:
    """The routes around a service that keeps nothing, open to whoever reaches it."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.post("/decisions", response_model=Decision, responses=PROBLEM)
    async def decide(request: DecisionRequest) -> Response:  # on the loop: a thread's hop costs a third of a decision
        """Category, unit, who decides, what is owed by when, and the clause for each."""
        return _answer(service.decide(request))

    return router


def recalling_routes(books: Books, gate: Gate) -> APIRouter:
    """The same routes where orders are kept: who asks must have the right, and kept orders are recalled."""
    router = APIRouter(prefix="/v1", tags=["decisions"])

    @router.post("/decisions", response_model=Decision, responses=PROBLEM)
    async def decide(
        request: DecisionRequest, by: Annotated[Actor, Depends(gate.needs_at_once(Right.DECIDE))]
    ) -> Response:
        """Category, unit, who decides, what is owed by when, and the clause for each; nothing is stored."""
        if may_recall(by, request.policy):  # asks the database: not on the loop
            return _answer(await run_in_threadpool(decide_for, request, books, by))
        return _answer(decide_for(request, books, by))

    return router


def _answer(decision: Decision) -> Response:
    return Response(_DECISION.dump_json(decision), media_type="application/json")
