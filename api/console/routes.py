"""GET / with its static files, and the page to log in at."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from api.access.access import Access
from api.access.addresses import is_from_here
from api.access.identify import give_session

STATIC = Path(__file__).parent / "static"


def mount_console(app: FastAPI, access: Access | None = None) -> None:
    """Serve the page and what it needs; with `access`, to who is logged in."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        shown = FileResponse(STATIC / "index.html")
        if access is None or access.identify.logged_in(request) is not None:
            return shown
        if access.visitor is None or not is_from_here(request):
            return RedirectResponse("/login" + (f"?{request.url.query}" if request.url.query else ""), 303)
        give_session(request, shown, access.sessions.open(access.visitor))
        return shown

    @app.get("/login", include_in_schema=False)
    def login() -> FileResponse:
        return FileResponse(STATIC / "login.html")
