"""/v1/orders: receive, list, show, record what happens."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `order_routes`.
import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException

from api.access.gate import Gate, own_policy
from api.cursors import cursor_of, read_cursor
from api.errors import PROBLEM
from api.orders.schemas import OrderPage, RecordedRead
from triage.desk.access.rights import Right
from triage.desk.alerts import own_unit
from triage.desk.orders.books import Books
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.orders.views import OrderView, show_order, show_standing, summary
from triage.desk.requests import DecisionRequest, Moment
from triage.desk.standing import Standing
from triage.domain.errors import Conflict
from triage.domain.people import Actor
from triage.records.orders import Wanted, list_orders

_VIEW, _STANDING = TypeAdapter(OrderView), TypeAdapter(Standing)
AsOf = Annotated[Moment | None, Query(description="the moment to judge at; now unless given")]


def order_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=PROBLEM)
    reader = Annotated[Actor, Depends(gate.needs_at_once(Right.READ_ORDERS))]

    @router.post("", status_code=201, responses={200: {"description": "The order was kept before"}})
    def take_in(request: DecisionRequest, by: Annotated[Actor, Depends(gate.needs_at_once(Right.RECEIVE))]) -> Response:
        """Keep an order, decide it and link it; the same order again is answered as it is kept."""
        own_policy(by, request.policy)
        receipt = receive(request, books, by)
        order = receipt.order
        told = json.dumps({"id": order.id, "status": order.status, "version": order.version}).encode()
        return _prepared(_together(told, receipt.told), 201 if receipt.is_new else 200, order.version)

    @router.get("", response_model=OrderPage)
    def orders(
        by: reader,
        policy: str | None = None,
        status: str | None = None,
        unit: str | None = None,
        overdue: bool | None = None,
        issue: str | None = None,
        caller: str | None = None,
        q: Annotated[str, Query(max_length=200, description="words that occur in the redacted text")] = "",
        as_of: AsOf = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """Orders, the latest first, without personal data."""
        moment = as_of or books.now()
        wanted = Wanted(
            as_of=moment,
            policy=own_policy(by, policy),
            status=status,
            unit=own_unit(by, unit),
            overdue=overdue,
            issue=issue,
            caller=caller,
            words=q,
            before=None if cursor is None else read_cursor(cursor, (int,))[0],
            limit=limit,
        )
        with books.ledger.database.reading() as connection:
            found = list_orders(connection, wanted)
        more = cursor_of(found[-1].seq) if len(found) == limit else None
        page = OrderPage.model_construct(items=[summary(order, moment) for order in found], cursor=more)
        return _prepared(page.model_dump_json().encode())

    @router.get("/{order_id}", response_model=OrderView)
    def order(order_id: str, by: reader, as_of: AsOf = None) -> Response:
        """One order with its decision, its events and where it stands."""
        view = show_order(order_id, books, by, as_of or books.now())
        return _prepared(_VIEW.dump_json(view), 200, view.version)

    @router.post(
        "/{order_id}/events", status_code=201, responses={200: {"description": "Every event was known before"}}
    )
    def events(
        order_id: str,
        body: Annotated[dict[str, Any] | list[Any], Body(description="one event, or a list of them")],
        by: Annotated[Actor, Depends(gate.needs(Right.RECORD))],
        response: Response,
        if_match: Annotated[str | None, Header()] = None,
    ) -> RecordedRead:
        """Put down what happened: all of it or, where one event is refused, nothing."""
        raw = body if isinstance(body, list) else [body]
        try:
            done = record(order_id, raw, books, by, if_version=_version(if_match))
        except Conflict as error:
            raise HTTPException(412, error.problems[0].msg) from None
        if not set(done.ids) - set(done.known):
            response.status_code = 200
        response.headers["ETag"] = f'"{done.order.version}"'
        return RecordedRead(
            order_id=done.order.id,
            version=done.order.version,
            status=done.order.status,
            ids=list(done.ids),
            known=list(done.known),
        )

    @router.get("/{order_id}/obligations", response_model=Standing)
    def obligations(order_id: str, by: reader, as_of: AsOf = None) -> Response:
        """What is owed at a moment, by when and by whom, and where the order stands besides."""
        return _prepared(_STANDING.dump_json(show_standing(order_id, books, by, as_of or books.now())))

    return router


def _prepared(content: bytes, status: int = 200, version: int | None = None) -> Response:
    headers = None if version is None else {"ETag": f'"{version}"'}
    return Response(content, status, headers, media_type="application/json")


def _together(one: bytes, other: bytes) -> bytes:
    """Two JSON objects as one, without reading them: they have no name in common.

    >>> _together(b'{"id":"1"}', b'{"auto":true}'), _together(b'{"id":"1"}', b"{}")
    (b'{"id":"1","auto":true}', b'{"id":"1"}')
    """
    return one if other == b"{}" else one[:-1] + b"," + other[1:]


def _version(if_match: str | None) -> int | None:
    """The version that an ETag stands for; one of another form fits no order."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() else -1
