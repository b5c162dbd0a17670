"""The gate that every protected route stands behind: who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Protocol

from fastapi import HTTPException, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from triage.desk.access.rights import Right, may
from triage.domain.errors import Forbidden, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

Needs = Callable[[Request], Actor]

ANYBODY = Actor("anybody", Role.UNIT)
"""Who asks without a key where a demo stands open: a unit's reader without a unit, so that no kept order is theirs."""

# For the description only: `identify` reads the header itself, and refuses.
_BEARER = HTTPBearer(auto_error=False, scheme_name="key", description="A key from `triage key create`.")
_Described = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


class Identify(Protocol):
    """Finds the actor behind a request: by its key or its session; None where it carries neither."""

    def __call__(self, request: Request) -> Actor | None: ...


class Gate:
    """Lets requests in by `identify`; a route depends on `needs(right)` and gets the actor. Whoever comes without a
    key is let in for the rights that are `open`, and for no others.

    `waits` tells whether `identify` would have to look into the database.
    """

    def __init__(
        self,
        identify: Identify,
        open: Collection[Right] = (),  # noqa: A002
        waits: Callable[[Request], bool] = lambda _request: True,
    ) -> None:
        self._identify = identify
        self._open = frozenset(open)
        self._waits = waits

    def needs(self, right: Right) -> Needs:
        """A dependency that answers 401 where nobody is known and 403 where the role lacks the right."""

        def actor(request: Request, _described: _Described = None) -> Actor:
            return self._let_in(request, right)

        actor.right = right  # type: ignore[attr-defined]  # told to whoever checks all routes
        return actor

    def needs_at_once(self, right: Right) -> Callable[[Request], Awaitable[Actor]]:
        """The same for a route that answers on the event loop within milliseconds: who is known already is let in
        there, for a thread's hop would cost a third of the answer."""

        async def actor(request: Request, _described: _Described = None) -> Actor:
            if self._waits(request):
                return await run_in_threadpool(self._let_in, request, right)
            return self._let_in(request, right)

        actor.right = right  # type: ignore[attr-defined]
        return actor

    def _let_in(self, request: Request, right: Right) -> Actor:
        found = self.actor_or_raise(request, anybody=right in self._open)
        if not may(found.role, right):
            raise Forbidden("not yours to do", [Problem(("role",), f"{found.role} has no right to {right}")])
        return found

    def actor_or_raise(self, request: Request, *, anybody: bool = False) -> Actor:
        """Who asks; 401 where nobody is known, unless anybody may and the request carries no key."""
        found = self._identify(request)
        if found is not None:
            return found
        if anybody and "authorization" not in request.headers:
            return ANYBODY
        raise HTTPException(401, "a key or a log-in is needed", {"WWW-Authenticate": "Bearer"})


def own_policy(actor: Actor, policy: str | None) -> str | None:
    """The policy that a list is about: the actor's own where it has one; Forbidden where another one is asked for."""
    if policy is not None and not actor.is_of(policy):
        raise Forbidden("not yours to see", [Problem(("policy",), "is not the policy of this key")])
    return policy or actor.policy
