"""/v1/alerts: what somebody must be told at a moment."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `alert_routes`.
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access.gate import Gate, own_policy
from api.alerts.schemas import AlertPage
from api.cursors import cursor_of, read_cursor
from api.errors import PROBLEM
from triage.desk.access.rights import Right
from triage.desk.alerts import Place, Wanted, list_alerts
from triage.desk.orders.books import Books
from triage.desk.orders.wording import storable
from triage.desk.requests import Moment
from triage.domain.people import Actor
from triage.domain.vocabulary import AlertKind
from triage.policy.calendar.workdays import parse_time

_MOST = 2**31 - 1


def alert_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/alerts", tags=["alerts"], responses=PROBLEM)

    @router.get("", response_model=AlertPage)
    def alerts(
        by: Annotated[Actor, Depends(gate.needs_at_once(Right.READ_ALERTS))],
        as_of: Annotated[Moment | None, Query(description="the moment at which they stand; now unless given")] = None,
        policy: Annotated[str | None, Query(max_length=100)] = None,
        kind: AlertKind | None = None,
        unit: Annotated[str | None, Query(max_length=100, description="of orders that this unit holds")] = None,
        persons: Annotated[bool, Query(description="who is behind each role; names are audited")] = True,
        cursor: Annotated[str | None, Query(max_length=1_000)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Alerts that stand at a moment, those included that time alone raised, the latest first."""
        moment, before = (as_of or books.now(), None) if cursor is None else _place(cursor)
        unit = None if unit is None else storable(unit)
        wanted = Wanted(moment, own_policy(by, policy and storable(policy)), kind, unit, persons, before, limit)
        items, following = list_alerts(wanted, books, by)
        page = AlertPage.model_construct(items=items, cursor=following and _cursor(moment, following))
        return Response(page.model_dump_json(), media_type="application/json")

    return router


def _cursor(as_of: datetime, place: Place) -> str:
    """The moment goes along, so that all pages show one state of things."""
    raised_at, order_id, number = place
    return cursor_of(as_of.isoformat(), raised_at.isoformat(), order_id, number)


def _place(cursor: str) -> tuple[datetime, Place]:
    as_of, raised_at, order_id, number = read_cursor(cursor, (str, str, str, int))
    return parse_time(as_of), (parse_time(raised_at), storable(order_id), min(max(number, 0), _MOST))
