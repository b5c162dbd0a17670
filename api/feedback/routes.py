"""POST /v1/orders/{id}/feedback: what the dispatcher chose instead, and why; feeds retraining."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `feedback_routes`.
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.access.gate import Gate
from api.errors import PROBLEM
from api.feedback.schemas import FeedbackIn, FeedbackRead
from triage.desk.access.rights import Right
from triage.desk.feedback import give_feedback
from triage.desk.orders.books import Books
from triage.domain.people import Actor


def feedback_routes(books: Books, gate: Gate, categories: Collection[str]) -> APIRouter:
    """The routes, around the books; `categories` are the ids of the taxonomy."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=PROBLEM)

    @router.post("/{order_id}/feedback", status_code=201, responses={200: {"description": "It was kept before"}})
    def feedback(
        order_id: str,
        body: FeedbackIn,
        by: Annotated[Actor, Depends(gate.needs(Right.FEEDBACK))],
        response: Response,
    ) -> FeedbackRead:
        """Say what was chosen instead of what was suggested, and why. The suggestion stays as it was."""
        kept = give_feedback(order_id, body.feedback(), body.id, books, by, categories)
        if not kept.is_new:
            response.status_code = 200
        response.headers["ETag"] = f'"{kept.version}"'
        return FeedbackRead(
            order_id=kept.order_id,
            id=kept.id,
            at=kept.at,
            recorder=kept.recorder,
            fields=dict(kept.fields),
            version=kept.version,
        )

    return router
