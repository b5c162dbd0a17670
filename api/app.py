"""Puts the parts together: routes, errors, limits, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api.console.routes import mount_console
from api.decisions.routes import decision_routes
from api.errors import install_errors
from api.guards import BodyLimit, LastResort, SecurityHeaders
from api.health.routes import health_routes
from api.policies.routes import policy_routes
from triage import __version__
from triage.bootstrap import Service


def create_app(service: Service) -> FastAPI:
    """The application around a wired service; models and packs are read before it says it is ready."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.warm_up()
        app.state.ready = True
        yield
        app.state.ready = False

    # The page at /docs brings its scripts along: a closed network has no CDN.
    app = FastAPIOffline(
        title="12345 triage",
        version=__version__,
        summary="Triage and dispatch of 12345 citizen-hotline orders, with the clause for everything.",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.ready = False
    install_errors(app)
    app.include_router(decision_routes(service))
    app.include_router(policy_routes(service))
    app.include_router(health_routes())
    mount_console(app)
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit, limit=service.settings.body_limit)
    app.add_middleware(SecurityHeaders)
    return app
