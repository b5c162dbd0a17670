"""Several processes that serve one socket: begun together, begun anew when one dies, ended together."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread

from triage.domain.errors import TriageError

Work = Callable[[int, Callable[[], None]], None]
"""What a worker does, told its number from 0 on, and what it is to call once it can answer."""

_LAST_ANSWERS = 20.0
"""Seconds that workers have to end once they are told to; then they are killed."""

_PAUSE = 1.0
"""Seconds before a worker that died is begun anew: one that dies at once must not keep a processor busy."""


class WorkerFault(TriageError):
    """A worker ended before it could answer: its own message says why."""


def run_workers(count: int, work: Work, on_ready: Callable[[], None], say: Callable[[str], None]) -> None:
    """Run `work` in so many processes until this one is told to stop, which then ends them.

    They are forked, so that what was read before is in memory once; nothing may be open that two processes must not
    share. `on_ready` is called once, when all can answer. WorkerFault where one ends before.
    """
    fork = get_context("fork")
    reader, writer = fork.Pipe(duplex=False)

    def begin(number: int) -> BaseProcess:
        process = fork.Process(target=_work, args=(work, number, writer), name=f"worker {number}")
        process.start()
        return process

    running: dict[int, BaseProcess] = {}
    try:
        running.update((number, begin(number)) for number in range(count))
        _watch(running, begin, reader, on_ready, say)
    finally:
        _end(running.values())


def _watch(
    running: dict[int, BaseProcess],
    begin: Callable[[int], BaseProcess],
    reader: Connection,
    on_ready: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    awaited = len(running)
    while True:
        told = wait([reader, *(process.sentinel for process in running.values())])
        if reader in told:
            reader.recv_bytes()
            awaited -= 1
            if awaited == 0:
                on_ready()
        for number, process in list(running.items()):
            if process.exitcode is None:
                continue
            if awaited > 0:
                raise WorkerFault(f"worker {number} ended with {process.exitcode} before it was ready")
            say(f"worker {number} ended with {process.exitcode} and is begun anew")
            time.sleep(_PAUSE)
            running[number] = begin(number)


def _work(work: Work, number: int, writer: Connection) -> None:
    Thread(target=_end_with_parent, name="parent", daemon=True).start()
    work(number, lambda: writer.send_bytes(b"."))


def _end_with_parent() -> None:
    """Nobody would begin a worker anew, nor end it, whose parent was killed."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _end(processes: Collection[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    latest = time.monotonic() + _LAST_ANSWERS
    for process in processes:
        process.join(max(0.0, latest - time.monotonic()))
        process.kill()
