"""How many streams are open, for how long, and that they end when the server does."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


@dataclass
class LiveStreams:
    """The open streams of this process: at most `of_one_key` for each key and `of_all` together.

    Each looks every `every` seconds for news, sends a heartbeat after `beat` quiet looks, asks after `recheck` looks
    whether its key still holds, and ends after `longest` looks (the other side comes back by itself). Whoever stops
    the server calls `stop` first: a server waits for open answers.
    """

    every: float = 1.0
    beat: int = 15
    recheck: int = 5
    longest: int = 3_600
    of_one_key: int = 5
    of_all: int = 200
    stopped: bool = False
    _open: Counter[str] = field(default_factory=Counter)

    def enter(self, key: str) -> None:
        """Count one more; HTTPException 429 where there are too many."""
        if self._open[key] >= self.of_one_key or self._open.total() >= self.of_all:
            raise HTTPException(429, "too many live streams are open", {"Retry-After": "30"})
        self._open[key] += 1

    def leave(self, key: str) -> None:
        """One is over."""
        self._open[key] -= 1
        if self._open[key] <= 0:
            del self._open[key]

    def stop(self) -> None:
        """End all of them at their next look, from any thread."""
        self.stopped = True


class EventStream(StreamingResponse):
    """Server-sent events; `on_end` is called however it ends, cut off by the other side included."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str], on_end: Callable[[], None]) -> None:
        super().__init__(content, headers={"X-Accel-Buffering": "no"})
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._on_end()
