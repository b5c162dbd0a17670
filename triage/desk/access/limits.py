"""How often something may be done: requests a minute, log-ins that fail. Counted by this process, in bounded tables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from triage.domain.errors import TriageError

MOST = 10_000
_MINUTE = 60.0


class TooOften(TriageError):
    """Something was tried too often; after `wait` seconds it may be tried again."""

    def __init__(self, wait: float) -> None:
        self.wait = max(1, int(wait + 0.999))
        super().__init__(f"too often; try again in {self.wait} seconds")


class RateLimit:
    """So many a minute for each subject, as many of them at once as they like (the generic cell rate algorithm, ITU-T
    I.371: one number a subject). Of `most` subjects the one heard of longest ago is forgotten first.

    >>> limit = RateLimit(2, clock=lambda: 0.0)
    >>> limit.count("a"); limit.count("a"); limit.count("a")
    Traceback (most recent call last):
    ...
    triage.desk.access.limits.TooOften: too often; try again in 30 seconds
    """

    def __init__(self, a_minute: int, clock: Callable[[], float], most: int = MOST) -> None:
        self._step = _MINUTE / a_minute
        self._clock = clock
        self._most = most
        self._lock = Lock()
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def count(self, subject: str) -> None:
        """Count one; TooOften where that is one too many, which is then not counted."""
        with self._lock:
            now = self._clock()
            free_at = max(now, self._free_at.get(subject, now)) + self._step
            wait = free_at - now - _MINUTE
            if wait > self._step * 1e-6:
                raise TooOften(wait)
            self._free_at[subject] = free_at
            self._free_at.move_to_end(subject)
            while len(self._free_at) > self._most:
                self._free_at.popitem(last=False)


@dataclass(slots=True)
class _Tries:
    failed: int
    locked_until: float
    latest: float


class Lockout:
    """Locks a subject out after `free` failures in a row: a minute, and twice as long after each further one, up to a
    quarter of an hour; an hour without a failure forgets them.

    A try counts as failed from its beginning until it is known to be good, so that many at once are not more tries than
    they are. Where the table is full, subjects that are not locked are forgotten first.
    """

    FIRST, LONGEST, MEMORY = 60.0, 900.0, 3600.0

    def __init__(self, free: int, clock: Callable[[], float], most: int = MOST) -> None:
        self._free = free
        self._clock = clock
        self._most = most
        self._lock = Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def begin(self, subject: str) -> None:
        """A try begins; TooOften where the subject is locked out."""
        with self._lock:
            now = self._clock()
            tries = self._tries.pop(subject, None)
            if tries is None or now - tries.latest > self.MEMORY:
                tries = _Tries(0, 0.0, now)
            self._tries[subject] = tries
            if now < tries.locked_until:
                raise TooOften(tries.locked_until - now)
            tries.failed += 1
            tries.latest = now
            if tries.failed >= self._free:
                tries.locked_until = now + min(self.FIRST * 2 ** min(tries.failed - self._free, 10), self.LONGEST)
            if len(self._tries) > self._most:
                self._forget_one(now)

    def succeeded(self, subject: str) -> None:
        """The try was good: nothing is held against the subject any more."""
        with self._lock:
            self._tries.pop(subject, None)

    def withdraw(self, subject: str) -> None:
        """The try was good, but says nothing of those before it."""
        with self._lock:
            tries = self._tries.get(subject)
            if tries is not None:
                tries.failed -= 1
                if tries.failed < self._free:
                    tries.locked_until = 0.0

    def _forget_one(self, now: float) -> None:
        free = (subject for subject, tries in self._tries.items() if tries.locked_until <= now)
        del self._tries[next(free, next(iter(self._tries)))]
