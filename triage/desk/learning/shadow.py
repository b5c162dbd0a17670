"""A challenger answers silently beside the champion: what is compared, and the thread that has it answered.

The answer to a request is given without it: an order is put into a bounded queue, which takes microseconds, and is
read again no sooner than a second later. Where the queue is full an order is left out and counted. Whatever goes wrong
in the challenger is counted too and reaches nobody who asks.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import Empty, Full, Queue
from threading import Event, Lock
from typing import NamedTuple, Protocol

from triage.classify.model import Model
from triage.desk.learning.background import Background
from triage.desk.learning.pairs_kept import Pair, ShadowAnswer
from triage.desk.orders.books import Books
from triage.desk.reading import OrderReading
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import Considered

MOST_WAITING = 256
REST = 1.0
"""Seconds that an order waits at least, so that its own answer is given first."""
_LOOK = 0.2

log = logging.getLogger("triage.shadow")


class Pairs(Protocol):
    """Where pairs of answers are kept."""

    def add(self, pair: Pair) -> bool:
        """Keep one; False where there is no room left."""
        ...


class _Waiting(NamedTuple):
    since: float
    considered: Considered


@dataclass(frozen=True, slots=True)
class ShadowCounts:
    """What became of the orders offered: `dropped` found the queue full, of `failed` the challenger made nothing."""

    answered: int
    dropped: int
    failed: int


class Shadow:
    """Has a challenger answer after the champion, in one thread of its own, between `start` and `stop`.

    `challenger` loads it, in that thread; `read` reads an order with a model, as the champion read it. Safe for
    several threads.
    """

    def __init__(
        self,
        challenger: Callable[[], Model],
        read: Callable[[Considered, Model], OrderReading],
        pairs: Pairs,
        *,
        clock: Callable[[], float] = time.monotonic,
        rest: float = REST,
        waiting: int = MOST_WAITING,
    ) -> None:
        self._challenger = challenger
        self._read = read
        self._pairs = pairs
        self._clock = clock
        self._rest = rest
        self._queue: Queue[_Waiting] = Queue(waiting)
        self._model: Model | None = None
        self._counted: Counter[str] = Counter()
        self._lock = Lock()
        self._said: set[str] = set()
        self._background = Background("shadow", self._work)

    @property
    def counts(self) -> ShadowCounts:
        """What became of the orders so far."""
        with self._lock:
            return ShadowCounts(*(self._counted[name] for name in ("answered", "dropped", "failed")))

    def watch(self, books: Books) -> Books:
        """The same books, whose orders the challenger reads as well from now on."""

        def consider(request: DecisionRequest) -> Considered:
            considered = books.consider(request)
            self.offer(considered)
            return considered

        return replace(books, consider=consider)

    def offer(self, considered: Considered) -> None:
        """Take an order in that was just read; never waits and never fails. One without an id, or whose category was
        stated, says nothing about the models."""
        order = considered.order
        if order.id is None or order.category is not None or not self._background.is_running:
            return
        try:
            self._queue.put_nowait(_Waiting(self._clock(), considered))
        except Full:
            self._count("dropped")

    def start(self) -> None:
        """Begin to answer."""
        self._background.start()

    def stop(self) -> None:
        """Answer no more; what still waits is left."""
        self._background.stop()

    def _work(self, ended: Event) -> None:
        while not ended.is_set():
            try:
                waiting = self._queue.get(timeout=_LOOK)
            except Empty:
                continue
            if ended.wait(max(0.0, waiting.since + self._rest - self._clock())):
                return
            self._answer(waiting.considered)

    def _answer(self, considered: Considered) -> None:
        try:
            self._model = self._model or self._challenger()
            made = _pair(considered, self._model, self._read(considered, self._model))
            self._count("answered" if self._pairs.add(made) else "dropped")
        except Exception as error:  # a model of another make may fail in any way; nobody waits for its answer
            self._count("failed")
            self._say(f"the challenger did not answer ({type(error).__name__})")

    def _count(self, what: str) -> None:
        with self._lock:
            self._counted[what] += 1

    def _say(self, what: str) -> None:
        """Each fault once, without its text: that may quote the order."""
        if what not in self._said:
            self._said.add(what)
            log.warning("%s", what)


def _pair(considered: Considered, model: Model, reading: OrderReading) -> Pair:
    order = considered.order
    return Pair(
        order_id=str(order.id),
        policy=considered.town.pack.id,
        at=order.received_at,
        champion=_answer_of(considered.model, considered.reading),
        challenger=_answer_of(model, reading),
    )


def _answer_of(model: Model, reading: OrderReading) -> ShadowAnswer:
    best = reading.listed[0] if reading.listed and reading.understood else None
    confidence = 0.0 if best is None else float(best.confidence)
    return ShadowAnswer(model.name, model.version, None if best is None else best.id, confidence, reading.auto)
