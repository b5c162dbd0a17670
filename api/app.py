"""Puts the parts together: routes, errors, limits, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline

from api.access.access import Access
from api.access.gate import Gate
from api.access.routes import session_routes
from api.alerts.routes import alert_routes
from api.attachments.routes import ATTACHMENT_PATH, ENVELOPE, attachment_routes
from api.callers.routes import caller_routes
from api.console.routes import mount_console
from api.decisions.routes import decision_routes, recalling_routes
from api.errors import install_errors
from api.feedback.routes import feedback_routes
from api.guards import BodyLimit, LastResort, SecurityHeaders
from api.health.routes import health_routes
from api.issues.routes import issue_routes
from api.learning.routes import learning_routes
from api.live.routes import live_routes
from api.live.streams import LiveStreams
from api.metrics.figures import Counted, Figures
from api.metrics.routes import metrics_routes
from api.models.routes import model_routes
from api.orders.routes import order_routes
from api.people.routes import people_routes
from api.performance.routes import performance_routes
from api.policies.routes import policy_routes
from api.results.routes import result_routes
from api.webhooks.routes import webhook_routes
from triage import __version__
from triage.bootstrap import Service
from triage.desk.access.rights import Right
from triage.desk.orders.books import Books
from triage.desk.webhooks.addresses import Reach


def create_app(
    service: Service,
    books: Books | None = None,
    gate: Gate | None = None,
    *,
    access: Access | None = None,
    figures: Figures | None = None,
    streams: LiveStreams | None = None,
    reach: Reach | None = None,
) -> FastAPI:
    """The application around a wired service; models and packs are read before it says it is ready.

    Without books it decides and keeps nothing, for whoever reaches it. With books every call stands behind the gate,
    `access`' own unless another is given; with `access` there are also log-ins and, with `figures`, /metrics. `streams`
    are those of the live desk, so that whoever serves can end them; `reach` says where webhooks may point.
    """
    figures = figures or Figures()
    gate = gate or (None if access is None else access.gate)
    app = _new_app(service)
    install_errors(app)
    if books is None or gate is None:
        _include_open(app, service)
    else:
        watched = figures.watch(books)
        _include_kept(app, service, watched, gate)
        app.include_router(webhook_routes(watched, gate, reach or Reach()))
        app.include_router(live_routes(watched, gate, streams or LiveStreams()))
    app.include_router(health_routes())
    if access is not None:
        app.include_router(session_routes(access))
        app.include_router(metrics_routes(figures, access))
    mount_console(app, access)
    app.add_middleware(LastResort)
    files = {ATTACHMENT_PATH: service.settings.attachment_limit + ENVELOPE}
    app.add_middleware(BodyLimit, limit=service.settings.body_limit, streamed=files)
    app.add_middleware(Counted, figures=figures)
    app.add_middleware(SecurityHeaders)
    return app


def _include_open(app: FastAPI, service: Service) -> None:
    """What needs no ledger."""
    app.include_router(decision_routes(service))
    app.include_router(policy_routes(service))


def _include_kept(app: FastAPI, service: Service, books: Books, gate: Gate) -> None:
    """What stands behind the gate, around the ledger."""
    app.include_router(recalling_routes(books, gate))
    app.include_router(policy_routes(service), dependencies=[Depends(gate.needs(Right.READ_POLICIES))])
    app.include_router(model_routes(service, books, gate))
    # only what is kept is compared: what the other routes ask about never happened
    app.include_router(order_routes(books if service.shadow is None else service.shadow.watch(books), gate))
    app.include_router(feedback_routes(books, gate, categories=service.taxonomy.ids))
    app.include_router(learning_routes(books, gate, {one.id: one.name for one in service.taxonomy.categories.values()}))
    app.include_router(issue_routes(books, gate))
    app.include_router(caller_routes(books, gate))
    app.include_router(alert_routes(books, gate))
    app.include_router(performance_routes(books, gate))
    app.include_router(people_routes(books, gate))
    app.include_router(attachment_routes(books, gate, service.settings.attachment_limit))
    app.include_router(result_routes(books, gate))


def _new_app(service: Service) -> FastAPI:
    answering = service.answering  # of the books that were opened last, which are this application's

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.warm_up()
        answering.start()  # from now on it follows what is promoted
        if service.shadow is not None:
            service.shadow.start()
        app.state.ready = True
        yield
        app.state.ready = False
        if service.shadow is not None:
            service.shadow.stop()
        answering.stop()

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
    return app
