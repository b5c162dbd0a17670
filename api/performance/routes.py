"""/v1/performance: the pack's scoring of a month, per unit, each figure with the orders behind it."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `performance_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access.gate import Gate, own_policy
from api.errors import PROBLEM
from api.performance.schemas import EntryRead, PerformanceRead, ScoreEntryIn, ScoreEntryRead
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.performance import enter, performance
from triage.desk.requests import Moment
from triage.domain.people import Actor

Month = Annotated[str, Query(max_length=20, description="2026-03; a quarter (2026-Q1) or a year (2026) too")]
AsOf = Annotated[Moment | None, Query(description="what had happened by this moment; now unless given")]


def performance_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/performance", tags=["performance"], responses=PROBLEM)
    reader = Annotated[Actor, Depends(gate.needs(Right.READ_PERFORMANCE))]

    @router.get("")
    def scores(
        by: reader, policy: Annotated[str, Query(max_length=100)], month: Month, as_of: AsOf = None
    ) -> PerformanceRead:
        """Every unit's score with its parts; a unit's key sees its own row."""
        own_policy(by, policy)
        return PerformanceRead.of(performance(policy, month, books, by, as_of or books.now()))

    @router.post("/entries", status_code=201, responses={200: {"description": "The entry was kept before"}})
    def entries(body: ScoreEntryIn, by: reader, response: Response) -> ScoreEntryRead:
        """Enter praise, a deduction or an excuse by hand; the centre's and the district's to do."""
        kept = enter(body.entry(), body.policy, body.id, books, by)
        if not kept.is_new:
            response.status_code = 200
        return ScoreEntryRead(id=kept.id, **EntryRead.of(kept.entry).model_dump())

    return router
