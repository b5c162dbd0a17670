"""The thread that looks for alerts to tell and sends what is due; the ledger is never held while it waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Thread

import httpx2

from triage.desk.orders.books import Books
from triage.desk.webhooks.addresses import Reach
from triage.desk.webhooks.finding import tick
from triage.desk.webhooks.registering import secret_of
from triage.desk.webhooks.retries import wait_after
from triage.desk.webhooks.sending import DEADLINE, Message, Outcome, new_client, send
from triage.domain.errors import TriageError
from triage.records.vault import CannotOpen
from triage.records.webhooks import Delivery, Webhook, claim, due_webhooks, settle, webhooks

log = logging.getLogger("triage.webhooks")
LEASE = timedelta(seconds=6 * DEADLINE)
AT_ONCE = 8
_SETTLE_AGAIN = 5


def claim_due(books: Books, now: datetime, most: int) -> list[tuple[Delivery, Message]]:
    """Take messages that are due, one of a webhook at a time, so that one that hangs keeps nobody else waiting."""
    with books.ledger.database.reading() as connection:
        due = due_webhooks(connection, now)[:most]
    if not due:
        return []
    with books.ledger.turn() as turn:
        found = []
        for hook in webhooks(turn.connection):
            secret = _secret(hook, books) if hook.id in due else None
            if secret is None or hook.id not in due_webhooks(turn.connection, now):
                continue
            delivery = claim(turn.connection, hook.id, now, LEASE)
            if delivery is not None:
                found.append((delivery, Message(f"alert_{delivery.alert}", hook.url, secret, delivery.body.encode())))
    return found


def _secret(hook: Webhook, books: Books) -> str | None:
    """What a webhook's messages are signed with; one that does not open leaves them waiting, and others go on."""
    try:
        return None if hook.secret is None else books.vault.open_own(hook.secret, secret_of(hook.id)).decode()
    except CannotOpen as fault:
        log.error("webhook %s waits: %s", hook.id, fault)
        return None


def settle_try(books: Books, delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> None:
    """Note how a try ended: delivered, due again later, or dead after the last."""
    with books.ledger.turn() as turn:
        if outcome.taken:
            settle(turn.connection, delivery, "delivered", now, status=outcome.status)
            return
        wait = wait_after(delivery.tries, jitter)
        settle(
            turn.connection,
            delivery,
            "dead" if wait is None else "waiting",
            now,
            due_at=None if wait is None else now + wait,
            status=outcome.status,
            fault=outcome.fault,
        )


class WebhookWorker:
    """Looks every `every` seconds for alerts whose time has come and sends what is due, `AT_ONCE` at a time.

    `jitter` gives numbers from 0 to 1. Several processes may each have one: a message is claimed before it is sent.
    Killed, it leaves rows that the next one goes on with.
    """

    def __init__(
        self, books: Books, reach: Reach, jitter: Callable[[], float], *, every: float = 2.0, deadline: float = DEADLINE
    ) -> None:
        self._books = books
        self._reach = reach
        self._jitter = jitter
        self._every = every
        self._deadline = deadline
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._names = ThreadPoolExecutor(AT_ONCE, "webhook-names")
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._serve, args=(self._loop,), name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is on its way has until `DEADLINE` to be over."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._loop.call_soon_threadsafe(self._woken.set)
        self._thread.join(2 * DEADLINE)
        self._names.shutdown(wait=False, cancel_futures=True)
        self._thread = None

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._run())

    async def _run(self) -> None:
        sending: set[asyncio.Task[None]] = set()
        async with new_client() as client:
            while not self._stopping.is_set():
                self._woken.clear()
                busy = False
                try:
                    busy = await self._once(client, sending)
                except TriageError as fault:
                    log.error("webhooks wait: %s", fault)
                except Exception as error:
                    log.error("webhooks wait: unexpected %s", type(error).__name__)
                if not busy:
                    await self._rest()
            if sending:
                await asyncio.wait(sending, timeout=DEADLINE)

    async def _once(self, client: httpx2.AsyncClient, sending: set[asyncio.Task[None]]) -> bool:
        """Look once and begin to send; whether there may be more right now."""
        now = self._books.now()
        more = await asyncio.to_thread(tick, self._books, now)
        free = AT_ONCE - len(sending)
        claimed = await asyncio.to_thread(claim_due, self._books, now, free) if free > 0 else []
        for delivery, message in claimed:
            task = asyncio.create_task(self._send(client, delivery, message))
            sending.add(task)
            task.add_done_callback(sending.discard)
        return more

    async def _send(self, client: httpx2.AsyncClient, delivery: Delivery, message: Message) -> None:
        now = self._books.now()
        outcome = await send(message, client, self._reach, now, names=self._names, deadline=self._deadline)
        for _ in range(_SETTLE_AGAIN):  # the message may have been taken: that must not be forgotten
            try:
                jitter = self._jitter()
                await asyncio.to_thread(settle_try, self._books, delivery, outcome, self._books.now(), jitter)
                break
            except TriageError as fault:
                log.error("the end of a delivery is not noted yet: %s", fault)
                await asyncio.sleep(1)
        self._woken.set()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._every)
        except TimeoutError:
            return
