"""Work on all cores, in order, with no more waiting than the workers can take."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from threading import Thread
from typing import Any, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_AHEAD = 2
"""So many tasks a worker are begun or wait; of what is read faster than it is worked on, no more is in memory."""

_work: Callable[[Any], Any] | None = None


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(work: Callable[[Task], Answer], tasks: Iterable[Task], workers: int) -> Iterator[Answer]:
    """The answer to each task in the order of the tasks, which are taken as the workers come to them.

    With one worker all is done in this process. Workers are forks where there are forks, so that what `work` holds is
    in memory once; elsewhere `work` must be one that can be pickled. They end with this process, however it ends;
    BrokenProcessPool where one of them is killed.

    >>> list(in_order(str.upper, ["a", "b"], workers=1))
    ['A', 'B']
    """
    yield from map(work, tasks) if workers < 2 else _of_workers(work, tasks, workers)


def _of_workers(work: Callable[[Task], Answer], tasks: Iterable[Task], workers: int) -> Iterator[Answer]:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    waiting: deque[Future[Answer]] = deque()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work,)) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(_do, task))
                if len(waiting) > _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the parent; it ends the workers
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers, and they would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(task: Any) -> Any:
    assert _work is not None
    return _work(task)
