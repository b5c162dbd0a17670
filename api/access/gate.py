"""The gate that every protected route stands behind: who asks, and whether they may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fastapi import HTTPException, Request

from triage.desk.access.rights import Right, may
from triage.domain.errors import Forbidden, Problem
from triage.domain.people import Actor

Needs = Callable[[Request], Actor]


class Identify(Protocol):
    """Finds the actor behind a request: by its key or its session; None where it carries neither."""

    def __call__(self, request: Request) -> Actor | None: ...


class Gate:
    """Lets requests in by `identify`; a route depends on `needs(right)` and gets the actor."""

    def __init__(self, identify: Identify) -> None:
        self._identify = identify

    def needs(self, right: Right) -> Needs:
        """A dependency that answers 401 where nobody is known and 403 where the role lacks the right."""

        def actor(request: Request) -> Actor:
            found = self._identify(request)
            if found is None:
                raise HTTPException(401, "a key or a log-in is needed", {"WWW-Authenticate": "Bearer"})
            if not may(found.role, right):
                raise Forbidden("not yours to do", [Problem(("role",), f"{found.role} has no right to {right}")])
            return found

        return actor


def own_policy(actor: Actor, policy: str | None) -> str | None:
    """The policy that a list is about: the actor's own where it has one; Forbidden where another one is asked for."""
    if policy is not None and not actor.is_of(policy):
        raise Forbidden("not yours to see", [Problem(("policy",), "is not the policy of this key")])
    return policy or actor.policy
