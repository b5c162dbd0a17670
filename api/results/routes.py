"""/v1/results: what is ready for the district, batches of it, and its receipts."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `result_routes`.
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access.gate import Gate, own_policy
from api.cursors import cursor_of, read_cursor
from api.errors import PROBLEM
from api.results.schemas import ExportIn, ExportRead, ReadyPage, ReadyRead, ReceiptRead
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.requests import Moment
from triage.desk.results.files import MEDIA_TYPES
from triage.desk.results.given import ReceiptIn
from triage.desk.results.handing_over import export_results, ready_results
from triage.desk.results.receipts import record_receipt
from triage.desk.results.rendering import rendered
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor

Number = Annotated[int, Path(ge=1, le=2_000_000_000)]
Since = Annotated[Moment | None, Query(description="of orders of which something happened from then on")]
_FILES: dict[str, dict[str, str]] = {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}


def result_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/results", tags=["results"], responses=PROBLEM)
    sender = Annotated[Actor, Depends(gate.needs(Right.SEND_RESULTS))]

    @router.get("")
    def results(
        by: sender,
        policy: str | None = None,
        since: Since = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> ReadyPage:
        """What is ready to be sent to the district and not acknowledged by it yet; nothing personal in it."""
        after = 0 if cursor is None else read_cursor(cursor, (int,))[0]
        found, more = ready_results(_policy(by, policy), books, since=since, after=after, limit=limit)
        items = [ReadyRead(changed_at=one.changed_at, handed_over=one.handed_over, result=one.result) for one in found]
        return ReadyPage(items=items, cursor=None if more is None else cursor_of(more))

    @router.post(
        "/exports",
        status_code=201,
        responses={200: {"description": "Nothing is ready, or the same batch waits for its receipt"}},
    )
    def export(body: ExportIn, by: sender, response: Response) -> ExportRead:
        """Make a batch of what is ready; the same batch again as long as nothing was said of it and nothing changed."""
        exported = export_results(_policy(by, body.policy), books, by, since=body.since)
        if not exported.is_new:
            response.status_code = 200
        return ExportRead.of(body.policy, exported)

    @router.get("/exports/{number}", response_class=Response, responses={200: {"content": _FILES}})
    def batch(number: Number, by: sender, format: Literal["json", "csv"] = "json") -> Response:  # noqa: A002
        """A batch as a file: JSON, or CSV with Chinese headers; the same bytes every time."""
        file = rendered(number, format, books, by)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, headers=headers, media_type=MEDIA_TYPES[format])

    @router.post(
        "/exports/{number}/receipt", status_code=201, responses={200: {"description": "The receipt was kept before"}}
    )
    def receipt(number: Number, body: ReceiptIn, by: sender, response: Response) -> ReceiptRead:
        """Put down what the district acknowledged; what it rejected or passed over comes again in the next batch."""
        done = record_receipt(number, body.receipt, books, by)
        if not done.is_new:
            response.status_code = 200
        return ReceiptRead(
            batch=done.batch, number=done.number, accepted=done.accepted, rejected=done.rejected, open=done.open
        )

    return router


def _policy(by: Actor, policy: str | None) -> str:
    found = own_policy(by, policy)
    if found is None:
        raise BadInput("request", [Problem(("policy",), "is needed: this key is of all policies")])
    return found
