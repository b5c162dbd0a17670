"""GET /healthz and /readyz."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request

from api.errors import PROBLEM


def health_routes() -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz", responses={503: PROBLEM[503]})
    async def ready(request: Request) -> dict[str, str]:
        """Models and packs are loaded."""
        if not request.app.state.ready:
            raise HTTPException(503, "models and packs are still being read")
        return {"status": "ready"}

    return router
