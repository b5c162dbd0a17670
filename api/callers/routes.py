"""/v1/callers: one caller's matters by pseudonym, and a caller's erasure."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `caller_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends

from api.access.gate import Gate
from api.callers.schemas import ErasedRead, EraseIn
from api.errors import PROBLEM
from triage.desk.access.rights import Right
from triage.desk.callers import CallerView, erase_caller, show_caller
from triage.desk.orders.books import Books
from triage.domain.people import Actor


def caller_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/callers", tags=["callers"], responses=PROBLEM)

    @router.get("/{token}")
    def caller(token: str, by: Annotated[Actor, Depends(gate.needs(Right.READ_CALLERS))]) -> CallerView:
        """One caller's matters by pseudonym: no name, no number. The read is in the audit log."""
        return show_caller(token, books, by)

    @router.post("/{token}/erase")
    def erase(token: str, body: EraseIn, by: Annotated[Actor, Depends(gate.needs(Right.ERASE_CALLERS))]) -> ErasedRead:
        """Make what a caller said unreadable for good, and the orders a stranger's; figures stay."""
        done = erase_caller(token, body.why, books, by)
        return ErasedRead(orders=done.orders, keys=done.keys)

    return router
