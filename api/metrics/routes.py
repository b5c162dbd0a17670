"""GET /metrics: for this machine's own watchman without a key, else for an admin."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.access.access import Access
from api.access.addresses import is_from_here
from api.errors import PROBLEM
from api.metrics.figures import Figures
from triage.domain.errors import Forbidden, Problem
from triage.domain.vocabulary import Role


def metrics_routes(figures: Figures, access: Access) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["health"], responses={status: PROBLEM[status] for status in (401, 403, 429)})

    @router.get("/metrics", response_class=Response)
    def metrics(request: Request) -> Response:
        """Figures in Prometheus' text format: no personal data, no ids."""
        if not (access.loopback and is_from_here(request)):
            by = access.gate.actor_or_raise(request)
            if by.role != Role.ADMIN:
                raise Forbidden("not yours to see", [Problem(("role",), f"{by.role} is not {Role.ADMIN}")])
        return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)

    return router
