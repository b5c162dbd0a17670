"""/v1/issues: collective issues, hottest first; one with its orders; merged and split by persons."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `issue_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.access.gate import Gate, own_policy
from api.cursors import cursor_of, read_cursor
from api.errors import PROBLEM
from api.issues.schemas import ChangedRead, IssuePage, MergeIn, SplitIn
from triage.desk.access.rights import Right
from triage.desk.issues.deeds import Changed, merge_issues, split_issue
from triage.desk.issues.hottest import IssueView, Place, hottest, show_issue
from triage.desk.issues.names import Names
from triage.desk.orders.books import Books
from triage.desk.requests import Moment
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.policy.calendar.workdays import parse_time

AsOf = Annotated[Moment | None, Query(description="as things stood at this moment; now unless given")]
Since = Annotated[Moment | None, Query(description="with an order received since; five weeks back unless given")]


def issue_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1/issues", tags=["issues"], responses=PROBLEM)
    reader = Annotated[Actor, Depends(gate.needs(Right.READ_ISSUES))]
    names = Names()
    editor = Annotated[Actor, Depends(gate.needs(Right.EDIT_ISSUES))]

    @router.get("")
    def issues(
        by: reader,
        policy: str | None = None,
        since: Since = None,
        min_callers: Annotated[int, Query(ge=1, le=1_000, description="how many different callers at least")] = 2,
        as_of: AsOf = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> IssuePage:
        """Issues of several callers, hottest first, with the parts of the heat; nothing personal in them."""
        found, following = hottest(
            books,
            names,
            policy=own_policy(by, policy),
            since=since,
            as_of=as_of,
            min_callers=min_callers,
            after=None if cursor is None else _read(cursor),
            limit=limit,
        )
        more = None if following is None else cursor_of(following.as_of.isoformat(), following.score, following.issue)
        return IssuePage(items=found, cursor=more)

    @router.get("/{issue_id}")
    def issue(issue_id: str, by: reader, as_of: AsOf = None) -> IssueView:
        """One issue with its orders; asked by the id of one that was merged away, the issue that took it in."""
        return show_issue(issue_id, books, names, by, as_of)

    @router.post("/{issue_id}/merge", status_code=201, responses={200: {"description": "The two were one before"}})
    def merge(issue_id: str, body: MergeIn, by: editor, response: Response) -> ChangedRead:
        """Make two issues one because a person says so; the one founded first stays."""
        return _changed(merge_issues(issue_id, body.other, body.why, books, by), response)

    @router.post("/{issue_id}/split", status_code=201)
    def split(issue_id: str, body: SplitIn, by: editor, response: Response) -> ChangedRead:
        """Make some orders of an issue one of their own because a person says so."""
        return _changed(split_issue(issue_id, body.orders, body.why, books, by), response)

    return router


def _changed(done: Changed, response: Response) -> ChangedRead:
    if not done.is_new:
        response.status_code = 200
    return ChangedRead(issue=done.issue, other=done.other)


def _read(cursor: str) -> Place:
    """The moment of the first page, so that all pages are of one list, and where the page before ended."""
    moment, score, issue = read_cursor(cursor, (str, float, str))
    try:
        return Place(parse_time(moment), score, issue)
    except ValueError:
        raise BadInput("request", [Problem(("cursor",), "is none that this list gave")]) from None
