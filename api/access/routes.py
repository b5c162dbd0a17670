"""/console/session: log in, see who is logged in, log out. Only the console asks here."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from api.access.access import Access
from api.access.addresses import network_of
from api.access.identify import give_session, session_of, take_session, too_often
from api.access.schemas import LogInIn, SessionRead
from api.errors import PROBLEM
from triage.desk.access.limits import TooOften
from triage.desk.access.sessions import LoggedIn
from triage.desk.access.tokens import csrf_of


def session_routes(access: Access) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/console/session", include_in_schema=False, responses=PROBLEM)

    # Other sites cannot log anybody in: a browser asks before it sends them JSON, and is never allowed.
    @router.post("")
    def log_in(body: LogInIn, request: Request, response: Response) -> SessionRead:
        """Open a session; a session that the browser had before ends."""
        try:
            secret = access.log_ins.log_in(body.name, body.password, network_of(request))
        except TooOften as error:
            raise too_often(error) from None
        if secret is None:
            raise HTTPException(401, "the name or the password is wrong", {"WWW-Authenticate": "Bearer"})
        before = session_of(request)
        if before is not None:
            access.sessions.end(before)
        give_session(request, response, secret)
        return _read(access.sessions.get(secret), secret)

    @router.get("")
    def logged_in(request: Request) -> SessionRead:
        """Who is logged in, and the token for changes; 401 where nobody is."""
        return _read(access.identify.logged_in(request), session_of(request) or "")

    @router.delete("", status_code=204)
    def log_out(request: Request, response: Response) -> None:
        """End the session."""
        access.gate.actor_or_raise(request)  # its token is asked for as for any change
        access.sessions.end(session_of(request) or "")
        take_session(request, response)

    return router


def _read(found: LoggedIn | None, secret: str) -> SessionRead:
    if found is None:
        raise HTTPException(401, "nobody is logged in", {"WWW-Authenticate": "Bearer"})
    by = found.actor
    return SessionRead(name=found.name, role=by.role, policy=by.policy, unit=by.unit, csrf=csrf_of(secret))
