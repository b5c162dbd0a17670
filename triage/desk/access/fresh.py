"""Rows that are asked for at every call: kept for some seconds, so that a change is noticed soon."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

SECONDS = 3.0
MOST = 4096


class Fresh(Generic[Value]):
    """Remembers what `load` found for `seconds` of `clock`, and no more than `most` of it; what was not found is asked
    for again. Safe for several threads.

    >>> asked = []
    >>> fresh = Fresh(lambda name: asked.append(name) or name.upper(), lambda: 0.0)
    >>> fresh.get("a"), fresh.get("a"), asked
    ('A', 'A', ['a'])
    """

    def __init__(
        self,
        load: Callable[[str], Value | None],
        clock: Callable[[], float],
        seconds: float = SECONDS,
        most: int = MOST,
    ) -> None:
        self._load = load
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[Value, float]] = OrderedDict()

    def at_hand(self, name: str) -> Value | None:
        """What is remembered of a name; None where it would have to be loaded."""
        with self._lock:
            value, until = self._known.get(name, (None, 0.0))
        return value if self._clock() < until else None

    def get(self, name: str) -> Value | None:
        """What stands behind a name; None where there is nothing."""
        value = self.at_hand(name)
        if value is not None:
            return value
        now = self._clock()
        value = self._load(name)
        if value is not None:
            self._keep(name, value, now + self._seconds)
        return value

    def drop(self, name: str) -> None:
        """Ask again at the next call."""
        with self._lock:
            self._known.pop(name, None)

    def _keep(self, name: str, value: Value, until: float) -> None:
        with self._lock:
            self._known[name] = (value, until)
            self._known.move_to_end(name)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
