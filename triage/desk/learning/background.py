"""Something that is done beside the requests, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread


class Background:
    """Does `work` between `start` and `stop`; it is handed the event that tells it to end. Started twice is started
    once, and it may be started again.

    >>> background = Background("example", lambda ended: None if ended.wait() else None)
    >>> background.start(); background.is_running
    True
    >>> background.stop(); background.is_running
    False
    """

    def __init__(self, name: str, work: Callable[[Event], None]) -> None:
        self._name = name
        self._work = work
        self._ended = Event()
        self._thread: Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        """Begin."""
        if self._thread is None:
            self._ended.clear()
            self._thread = Thread(target=self._work, args=(self._ended,), name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tell it to end, and wait for it."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
