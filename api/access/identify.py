"""Finds who asks: by the key in the header, or by the session in the cookie."""

from __future__ import annotations

from fastapi import HTTPException, Request, Response

from api.access.addresses import network_of
from triage.desk.access.keys import KnownKeys
from triage.desk.access.limits import RateLimit, TooOften
from triage.desk.access.sessions import ABSOLUTE, LoggedIn, Sessions
from triage.desk.access.tokens import is_csrf_of
from triage.domain.people import Actor

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class KeyOrSession:
    """Who stands behind a key or, where there is none, behind a session; counts the requests of each."""

    def __init__(self, keys: KnownKeys, sessions: Sessions, limit: RateLimit) -> None:
        self._keys = keys
        self._sessions = sessions
        self._limit = limit

    def __call__(self, request: Request) -> Actor | None:
        """The actor, or None; 403 where a page changes something without its token, 429 past the limit."""
        header = request.headers.get("authorization")
        if header is not None:
            found = self._by_key(header)
        elif session_of(request) is not None:
            found = self._by_session(request)
        else:
            return None
        try:
            self._limit.count(found.id if found else network_of(request))  # guesses count for where they come from
        except TooOften as error:
            raise too_often(error) from None
        return found

    def waits(self, request: Request) -> bool:
        """Whether finding out who asks takes a look into the database."""
        header = request.headers.get("authorization")
        if header is not None:
            return not self._keys.is_at_hand(_key_in(header))
        secret = session_of(request)
        return secret is not None and not self._sessions.is_at_hand(secret)

    def logged_in(self, request: Request) -> LoggedIn | None:
        """Who is logged in by the request's cookie, whatever its token."""
        secret = session_of(request)
        return None if secret is None else self._sessions.get(secret)

    def _by_key(self, header: str) -> Actor | None:
        return self._keys.actor(_key_in(header))

    def _by_session(self, request: Request) -> Actor | None:
        found = self.logged_in(request)
        if found is None:
            return None
        token = request.headers.get(CSRF_HEADER, "")
        if request.method not in _SAFE and not is_csrf_of(session_of(request) or "", token):
            raise HTTPException(403, f"a change from a page needs the header {CSRF_HEADER}")
        return found.actor


def _key_in(header: str) -> str:
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def too_often(error: TooOften) -> HTTPException:
    """429, with the time after which to try again."""
    return HTTPException(429, str(error), {"Retry-After": str(error.wait)})


def session_of(request: Request) -> str | None:
    """The secret in the session's cookie."""
    return request.cookies.get(_cookie(request))


def give_session(request: Request, response: Response, secret: str) -> None:
    """Hand a session to the browser: scripts cannot read it, other sites cannot use it, plain http does not carry it
    where the service is asked by https."""
    response.set_cookie(
        _cookie(request),
        secret,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def take_session(request: Request, response: Response) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(_cookie(request), path="/", secure=_is_https(request), httponly=True, samesite="strict")


def _cookie(request: Request) -> str:
    # With this prefix a browser takes the cookie from this very host by https only.
    return "__Host-triage" if _is_https(request) else "triage"


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"
