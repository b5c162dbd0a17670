"""`python -m benchmarks.issues speed`: what finding an order's issue costs, and whether it stays so as orders pile up.

On a generated stream (`stream.py`), in CPU time of the process. The first so many orders are written out, read, encoded
and grouped. The window is then filled up to a million with orders that were never written out and whose issue is known
(`filling.py`); those that are clocked are compared as any.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.issues.filling import Filling
from benchmarks.issues.hostile import hostile
from benchmarks.issues.linking import STAGES, Linking
from benchmarks.issues.stream import Draft, Stream, profile, signature_of, title_of
from benchmarks.issues.system import new_encoder
from benchmarks.issues.vocabulary import vocabulary
from triage.bootstrap import default_model
from triage.classify.store import TABLE
from triage.language.word_table import WordTable
from triage.similar.encoding.encoder import Floats

PROFILED = 4_326
_TOLD_EVERY = 50_000


def drafts() -> Iterator[Draft]:
    """The generated stream from its beginning."""
    return iter(Stream(vocabulary(WordTable.read(default_model() / TABLE))))


def from_text(window: int, timed: int) -> dict[str, Any]:
    """Orders a second from written texts and from encoded orders, with so many in the window."""
    linking, stream = Linking(), drafts()
    for draft in islice(stream, window):
        linking.link(draft)
    begin = time.perf_counter()
    costs = np.array([linking.link(draft) for draft in islice(stream, timed)])
    wall = time.perf_counter() - begin
    return {
        "in_window": window,
        "orders_a_second_of_wall_time": round(timed / wall),
        "orders_a_second_from_text": round(1e6 / costs.sum(axis=1).mean()),
        "orders_a_second_from_encoded": round(1e6 / costs[:, -1].mean()),
        "cpu_us": {name: told(column) for name, column in zip(STAGES, costs.T, strict=True)},
    }


def growing(sizes: Sequence[int], timed: int) -> list[dict[str, Any]]:
    """The cost of an encoded order, and resident memory, with ever more orders in the window."""
    stream, encoder = drafts(), new_encoder()
    grouping = Filling(encoder.width)
    rows: list[dict[str, Any]] = []
    empty, begin = resident_mb(), time.perf_counter()

    def vector_of(draft: Draft) -> Floats:
        rows: Floats = encoder.encode_and_learn([title_of(draft)])
        return np.asarray(rows[0])

    def add(draft: Draft) -> float:
        signature, vector = signature_of(draft), vector_of(draft)
        return clocked(lambda: grouping.add(signature, vector))

    for size in sorted(sizes):
        for draft in islice(stream, size - len(grouping.issues.orders)):
            grouping.fill(draft, vector_of(draft))
            _tell(draft.number, begin)
        costs = np.array([add(draft) for draft in islice(stream, timed)])
        issues = len(grouping.issues.now())
        memory = {"resident_mb": round(resident_mb()), "of_which_before_the_first": round(empty)}
        wall = round(time.perf_counter() - begin)
        rows.append({"in_window": size, "cpu_us": told(costs), **memory, "issues": issues, "wall_s_so_far": wall})
        print(rows[-1], file=sys.stderr, flush=True)
    for row in rows:
        row["to_first"] = {name: round(row["cpu_us"][name] / rows[0]["cpu_us"][name], 2) for name in ("mean", "median")}
    return rows


def measure(sizes: Sequence[int], timed: int, copies: int) -> dict[str, Any]:
    """Everything."""
    figures: dict[str, Any] = {"profile": profile(list(islice(drafts(), PROFILED)))}
    figures["from_text"] = from_text(min(sizes), timed)
    figures["hostile"] = hostile(islice(drafts(), timed), copies)
    # In a process of its own, so that its memory is that of the grouping.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        figures["growing"] = pool.apply(growing, (sizes, timed))
    return figures


def clocked(work: Callable[[], object]) -> float:
    """CPU microseconds of the process."""
    begin = time.process_time_ns()
    work()
    return (time.process_time_ns() - begin) / 1e3


def told(costs: Any) -> dict[str, int]:
    """CPU microseconds."""
    median, high = np.quantile(costs, [0.5, 0.95])
    return {"mean": round(costs.mean()), "median": round(median), "p95": round(high), "most": round(costs.max())}


def resident_mb() -> float:
    """Memory of this process now, in MB of a million bytes; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _tell(number: int, begin: float) -> None:
    if number and number % _TOLD_EVERY == 0:
        print(f"{number:,} orders, {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
