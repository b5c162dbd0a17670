"""Who trains in `benchmarks.train`, in two processes each: one fits and saves, one loads and answers."""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.folds import Ints, Labels, read_messages, splits

ONE_BY_ONE = 200
"""So many texts are asked one at a time."""


@dataclass(frozen=True)
class Contestant:
    """A module with `fit(texts, labels, groups, folder, **options)` and `load(folder)`, and the libraries it needs."""

    name: str
    module: str
    options: Mapping[str, Any]
    needs: tuple[str, ...] = ()


class Lot(NamedTuple):
    """Which messages are learnt from and which are asked: a fold of a task, or `few` rows of each label of it."""

    folder: Path
    task: str
    fold: int
    few: int | None = None


@dataclass(frozen=True)
class Fitted:
    """What fitting took: seconds with all processes, the most memory of the first, and the files that came of it."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    disk_mb: float


@dataclass(frozen=True)
class Asked:
    """What answering took: milliseconds of CPU a text in a batch and alone, of waiting alone, and memory at the end."""

    labels: Labels
    load_s: float
    batch_ms: float
    one_ms: float
    p50_ms: float
    p95_ms: float
    memory_mb: float


def run(contestant: Contestant, lot: Lot, folder: Path) -> tuple[Fitted, Asked]:
    """Both parts, each in a process of its own; the model is left in `folder`."""
    return _apart(_fit, contestant, lot, folder), _apart(_ask, contestant, lot, folder)


def rows_of(lot: Lot) -> tuple[Any, Ints, Ints]:
    """The messages, the rows to learn from and the rows to ask about."""
    messages = read_messages(lot.folder, lot.task)
    learnt, asked = splits(messages, 0)[lot.fold]
    return messages, learnt if lot.few is None else few_rows(messages.labels, learnt, lot.few), asked


def few_rows(labels: Labels, rows: Ints, few: int) -> Ints:
    """The first so many of each label, in an order drawn once.

    >>> few_rows(np.array(["a", "a", "b", "b"]), np.arange(4), 1).tolist()
    [1, 3]
    """
    drawn = np.random.default_rng(0).permutation(rows)
    return np.sort(np.concatenate([drawn[labels[drawn] == label][:few] for label in np.unique(labels[rows])]))


def _apart(part: Callable[..., Any], *arguments: object) -> Any:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(part, *arguments).result()


def _fit(contestant: Contestant, lot: Lot, folder: Path) -> Fitted:
    messages, learnt, _ = rows_of(lot)
    texts, groups = [messages.read[row] for row in learnt], messages.groups[learnt]
    begin, cpu = time.perf_counter(), _cpu()
    import_module(contestant.module).fit(texts, messages.labels[learnt], groups, folder, **contestant.options)
    wall = time.perf_counter() - begin
    _end_workers()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return Fitted(wall, _cpu() - cpu, peak, disk)


def _ask(contestant: Contestant, lot: Lot, folder: Path) -> Asked:
    messages, _, asked = rows_of(lot)
    texts = [messages.read[row] for row in asked]
    begin = time.perf_counter()
    predict: Callable[[Sequence[str]], Sequence[str]] = import_module(contestant.module).load(folder)
    predict(texts[:1])
    load = time.perf_counter() - begin
    cpu = _cpu()
    labels = np.array(predict(texts), dtype=str)
    batch = (_cpu() - cpu) / len(texts) * 1000
    cpu, waits = _cpu(), []
    for text in texts[:ONE_BY_ONE]:
        begin = time.perf_counter()
        predict([text])
        waits.append((time.perf_counter() - begin) * 1000)
    one = (_cpu() - cpu) / len(waits) * 1000
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Asked(labels, load, batch, one, statistics.median(waits), statistics.quantiles(waits, n=20)[18], memory)


def _cpu() -> float:
    """CPU seconds so far, of this process and of those it started that have ended."""
    return sum(os.times()[:4])


def _end_workers() -> None:
    """joblib's processes wait for more work: their time counts once they have ended."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
