"""/v1/people and /v1/duty."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `people_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from starlette.exceptions import HTTPException

from api.access.gate import Gate, own_policy
from api.errors import PROBLEM
from api.people.schemas import DutyRead, PeopleKept, PeoplePage
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.people.given import AbsenceIn, DutyIn, PeopleIn
from triage.desk.people.keeping import erase_person, put_absence, put_duty, put_people, withdraw_absence
from triage.desk.people.views import DutyView, WhoView, show_duty, show_people, show_who
from triage.desk.requests import Moment
from triage.domain.errors import BadInput, Conflict, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.people import Absence

Policy = Annotated[str | None, Query(max_length=100, description="the key's own policy unless given")]
Week = Annotated[str, Query(description="ISO week", examples=["2026-W10"])]
AsOf = Annotated[Moment | None, Query(description="what was known at this moment; now unless given")]
PersonId = Annotated[str, Path(max_length=60)]


def people_routes(books: Books, gate: Gate) -> APIRouter:
    """The routes, around the books."""
    router = APIRouter(prefix="/v1", tags=["people"], responses=PROBLEM)
    reader = Annotated[Actor, Depends(gate.needs(Right.READ_PEOPLE))]
    editor = Annotated[Actor, Depends(gate.needs(Right.EDIT_PEOPLE))]

    @router.get("/people")
    def people(
        by: reader, response: Response, policy: Policy = None, unit: str | None = None, as_of: AsOf = None
    ) -> PeoplePage:
        """Who holds which post; names and numbers where the role may see them."""
        view = show_people(_policy(by, policy, books), books, by, as_of or books.now(), unit)
        response.headers["ETag"] = f'"{view.version}"'
        return PeoplePage(policy=view.policy, as_of=view.as_of, version=view.version, items=list(view.people))

    @router.put("/people")
    def put(
        body: PeopleIn, by: editor, policy: Policy = None, if_match: Annotated[str | None, Header()] = None
    ) -> PeopleKept:
        """Put persons down; those not named stay as they are, and the same again changes nothing."""
        found = _policy(by, policy, books)
        try:
            changed = put_people(found, body.people, books, by, if_version=_version(if_match))
        except Conflict as error:
            raise HTTPException(412, error.problems[0].msg) from None
        return PeopleKept(policy=found, changed=changed)

    @router.get("/people/who")
    def resolved(
        by: reader,
        role: Role,
        unit: str | None = None,
        at: Annotated[Moment | None, Query(description="now unless given")] = None,
        policy: Policy = None,
        as_of: AsOf = None,
    ) -> WhoView:
        """Whom a role means at a moment, and why."""
        now = books.now()
        return show_who(_policy(by, policy, books), role, books, by, at or now, unit=unit, as_of=as_of or now)

    @router.delete("/people/{person}", status_code=204)
    def erase(person: PersonId, by: editor, policy: Policy = None) -> None:
        """Destroy somebody's name and numbers for good, and end their posts."""
        erase_person(_policy(by, policy, books), person, books, by)

    @router.post("/people/{person}/absences", status_code=201)
    def absence(person: PersonId, body: AbsenceIn, by: editor, policy: Policy = None) -> Absence:
        """Put down that somebody is away, and who stands in."""
        return put_absence(_policy(by, policy, books), person, body, books, by)

    @router.delete("/people/{person}/absences/{absence}", status_code=204)
    def back(person: PersonId, absence: PersonId, by: editor, policy: Policy = None) -> None:
        """Take an absence back."""
        withdraw_absence(_policy(by, policy, books), person, absence, books, by)

    @router.get("/duty")
    def duty(by: reader, week: Week, policy: Policy = None, as_of: AsOf = None) -> DutyView:
        """The duty roster of a week, with the times at which nobody is on duty."""
        return show_duty(_policy(by, policy, books), week, books, by, as_of or books.now())

    @router.put("/duty")
    def put_week(body: DutyIn, by: editor, week: Week, policy: Policy = None) -> DutyRead:
        """Put a week's duty roster down whole."""
        found = _policy(by, policy, books)
        kept = put_duty(found, week, body.shifts, books, by)
        return DutyRead(
            policy=found,
            week=week,
            shifts=list(kept.shifts),
            gaps=list(kept.gaps),
            warnings=list(kept.warnings),
        )

    return router


def _policy(by: Actor, policy: str | None, books: Books) -> str:
    """The policy whose people are meant; one that no pack has is told."""
    found = own_policy(by, policy)
    if found is None:
        raise BadInput("request", [Problem(("policy",), "is needed: this key is not of one policy")])
    return books.town(found).pack.id


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/").strip('"')
    return int(tag) if tag.isascii() and tag.isdigit() else -1
