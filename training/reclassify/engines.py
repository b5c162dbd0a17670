"""What answers chunks: all cores of this machine, or a Spark cluster (`spark.py`)."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

import pandas as pd

from training.parallel import in_order
from training.reclassify.partition import Partition
from training.reclassify.rows import Chunk
from triage.domain.errors import TriageError

Answered = tuple[Chunk, pd.DataFrame]
"""A chunk, and the predictions of its rows, in their order."""


class EngineFault(TriageError):
    """Rows could not be answered; what is written by then stays, and the same command goes on from there."""


class Engine(Protocol):
    """Answers chunks in their order, and takes them no faster than it answers them."""

    def answers(self, chunks: Iterable[Chunk]) -> Generator[Answered]:
        """Each chunk with the predictions of its rows."""
        ...


class LocalEngine:
    """So many processes of this machine."""

    def __init__(self, partition: Partition, workers: int) -> None:
        self._partition = partition
        self._workers = workers

    def answers(self, chunks: Iterable[Chunk]) -> Generator[Answered]:
        """Each chunk with the predictions of its rows; EngineFault where a worker is killed."""
        waiting: deque[Chunk] = deque()

        def frames() -> Iterator[pd.DataFrame]:
            for chunk in chunks:
                waiting.append(chunk)
                yield chunk.frame

        _ = self._partition.model  # loaded before the workers are forked, so that it is in memory once
        gc.freeze()  # a collection in a worker would touch, and so copy, what it shares
        try:
            for answer in in_order(self._partition, frames(), self._workers):
                yield waiting.popleft(), answer
        except BrokenProcessPool:
            fault = "a worker was killed, perhaps for want of memory; the same command goes on where it stopped"
            raise EngineFault(fault) from None
        finally:
            gc.unfreeze()
