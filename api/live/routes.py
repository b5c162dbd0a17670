"""/v1/live: what happens, as it happens, as server-sent events (WHATWG HTML, section 9.2)."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `live_routes`.
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, HTTPException, Request

from api.access.gate import Gate, Needs
from api.errors import PROBLEM
from api.live.streams import EventStream, LiveStreams
from triage.desk.access.rights import Right
from triage.desk.live import Happening, LiveView
from triage.desk.orders.books import Books
from triage.domain.errors import BadInput
from triage.domain.people import Actor
from triage.records.columns import canonical
from triage.records.database import LedgerFault

_THREADS = 4  # of the database, for all streams together: they must not take those of ordinary requests
_TOLD: dict[int | str, dict[str, Any]] = {200: {"description": "Events", "content": {"text/event-stream": {}}}}


def live_routes(books: Books, gate: Gate, streams: LiveStreams) -> APIRouter:
    """The route, around the books."""
    router = APIRouter(prefix="/v1/live", tags=["live"], responses=PROBLEM)
    reader = gate.needs(Right.READ_ORDERS)
    threads = anyio.CapacityLimiter(_THREADS)

    @router.get("", status_code=200, response_class=EventStream, responses=_TOLD)
    async def live(
        request: Request,
        by: Annotated[Actor, Depends(reader)],
        last_event_id: Annotated[str | None, Header(max_length=40, description="where the last stream ended")] = None,
    ) -> EventStream:
        """Orders received, events recorded, alerts raised and lifted, of what the key may see; no personal data."""
        streams.enter(by.id)
        view = LiveView(books, by, _place(last_event_id))
        stream = _Stream(view, request, reader, by, streams, threads)
        return EventStream(stream.written(), lambda: streams.leave(by.id))

    return router


class _Stream:
    """One open stream."""

    def __init__(
        self,
        view: LiveView,
        request: Request,
        identify: Needs,
        by: Actor,
        streams: LiveStreams,
        threads: anyio.CapacityLimiter,
    ) -> None:
        self._view = view
        self._request = request
        self._identify = identify
        self._by = by
        self._streams = streams
        self._threads = threads

    async def written(self) -> AsyncIterator[str]:
        """The stream as it is sent."""
        yield "retry: 3000\n\n"
        streams, quiet = self._streams, 0
        for look in range(streams.longest):
            if streams.stopped or (look % streams.recheck == 0 and not await run_sync(self._still_holds)):
                break
            news: list[Happening] = []
            with suppress(LedgerFault):  # gone for a moment: what happened meanwhile is told when it is back
                news = await run_sync(self._view.news, limiter=self._threads)
            for one in news:
                yield _event(one)
            quiet = 0 if news else quiet + 1
            if quiet % streams.beat == 0 and not news:
                yield f": beat\nid: {self._view.seq}\n\n"  # moves the place to come back to, and tells nothing
            await anyio.sleep(streams.every)
        yield "event: end\ndata: {}\n\n"

    def _still_holds(self) -> bool:
        """Whether the key is still what it was; taken back or changed, the stream ends."""
        try:
            return self._identify(self._request) == self._by
        except (HTTPException, BadInput):
            return False
        except LedgerFault:
            return True


def _event(happening: Happening) -> str:
    place = "" if happening.seq is None else f"id: {happening.seq}\n"
    return f"{place}event: {happening.what}\ndata: {canonical(happening.data)}\n\n"


def _place(last_event_id: str | None) -> int | None:
    """The place in the ledger that a client came to; what is none of ours is no place."""
    told = (last_event_id or "").strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 18 else None
