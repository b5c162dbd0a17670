"""When a message that was not taken is sent again."""

from __future__ import annotations

from datetime import timedelta

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720))
MOST_TRIES = len(WAITS) + 1
_SPREAD = 0.2


def wait_after(tries: int, jitter: float) -> timedelta | None:
    """How long to wait after so many tries, at most a fifth longer by `jitter` (0 to 1), so that messages that failed
    together do not come back together; None where it was the last.

    >>> wait_after(1, 0.0), wait_after(4, 0.5), wait_after(10, 0.0)
    (datetime.timedelta(seconds=60), datetime.timedelta(seconds=3960), None)
    """
    if tries >= MOST_TRIES:
        return None
    return WAITS[max(tries, 1) - 1] * (1 + _SPREAD * min(max(jitter, 0.0), 1.0))
