"""What surrounds every request: a limit on the body, and headers that keep browsers careful."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

log = logging.getLogger("triage.api")

_HEADERS = [
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class SecurityHeaders:
    """Adds the headers to every answer; /docs is left to its own scripts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"] == "/docs":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LastResort:
    """Answers what nobody expected with 500, and logs where it happened: an error's text may carry personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        started = False

        async def send_and_see(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_see)
        except Exception as error:
            if scope["type"] != "http":
                raise
            places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-5:]]
            log.error("unexpected %s at %s", type(error).__name__, " < ".join(reversed(places)))
            if not started:
                await problem(500, "something went wrong; nothing was stored")(scope, receive, send)


class BodyLimit:
    """Refuses a body longer than `limit` bytes with 413, by its stated length or while it is being read.

    Bodies sent to paths of `streamed` may be longer, each path by its own limit: they are not read whole here, but
    handed on as they come in and counted.
    """

    def __init__(self, app: ASGIApp, limit: int, streamed: Mapping[re.Pattern[str], int] | None = None) -> None:
        self.app = app
        self.limit = limit
        self.streamed = dict(streamed or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. A body is read here whole, so that one without a stated length is counted too."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self.app(scope, receive, send)
            return
        larger = next((limit for path, limit in self.streamed.items() if path.fullmatch(scope["path"])), None)
        limit = self.limit if larger is None else larger
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if stated.isdigit() and int(stated) > limit:
            await problem(413, _too_long(limit))(scope, receive, send)
        elif larger is not None:
            await self.app(scope, _counted(receive, limit), send)
        else:
            await self._read_whole(scope, receive, send)

    async def _read_whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > self.limit:
                await problem(413, _too_long(self.limit))(scope, receive, send)
                return
            more = message.get("more_body", False)
        await self.app(scope, _replay(bytes(body), receive), send)


def _too_long(limit: int) -> str:
    return f"the body is longer than the {limit} bytes allowed"


def _counted(receive: Receive, limit: int) -> Receive:
    """The body as it comes in; whoever reads it is interrupted with 413 where it gets too long."""
    done = 0

    async def next_message() -> Message:
        nonlocal done
        message = await receive()
        done += len(message.get("body", b""))
        if done > limit:
            raise HTTPException(413, _too_long(limit))
        return message

    return next_message


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def once() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once
