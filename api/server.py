"""Runs the application with uvicorn and says when it answers."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import uvicorn

from api.app import create_app
from triage.bootstrap import build
from triage.domain.errors import BadInput, Problem


def run(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until stopped; `on_ready` gets the address once the first request would be answered."""
    _refuse_open_address(host)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listening.getsockname()[1]}/"
    service = build()
    service.warm_up()  # here, so that a faulty model or pack is told as such and not as a failed start
    app = create_app(service)
    # Access logs are off: a query string or a path may carry personal data.
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on")
    _Announcing(config, lambda: on_ready(url)).run(sockets=[listening])


class _Announcing(uvicorn.Server):
    """Tells once the application has started and the socket is served."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _refuse_open_address(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        fault = f"{host!r} is not a loopback address; without keys the service only listens on 127.0.0.1 or ::1"
        raise BadInput("serve", [Problem(("--host",), fault)])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off for named TCP only: 40 ms an answer otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise BadInput("serve", [Problem(("--port",), f"cannot listen on {host}:{port}: {error.strerror}")]) from None
    listening.listen(128)
    return listening
