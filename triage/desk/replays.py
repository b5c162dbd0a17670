"""A file of past orders through two packs, on all cores, with progress; every bad row is told and none is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from triage.desk.past_orders import read_past_order
from triage.domain.errors import BadInput, Problem
from triage.policy.calendar.workdays import WorkingTime, parse_time
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.scenarios.cases import ReadCase
from triage.policy.scenarios.replay import Side, Tally, changes

ROWS_A_PART = 1000


@dataclass(frozen=True)
class Wanted:
    """What to replay: whose orders, under which changed pack, and how closely to look."""

    policy: str
    pack: str
    refusals: bool = False
    as_of: str | None = None


@dataclass
class Replayed:
    """The tally with the rows that could not be used, by line."""

    tally: Tally = field(default_factory=Tally)
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def join(self, later: Replayed) -> None:
        self.tally.join(later.tally)
        self.rejected += later.rejected


Make = Callable[[], tuple[PackShelf, Callable[[Pack], WorkingTime]]]
"""Makes a shelf and the working time of its packs; a function that can be named to another process."""


class Replayer:
    """Replays parts of a file."""

    def __init__(self, make: Make, wanted: Wanted) -> None:
        shelf, hours = make()
        self._wanted = wanted
        self._shelf = shelf
        self._versions = {pack.version: Side(pack, hours(pack)) for pack in shelf.versions(wanted.policy)}
        changed = shelf.find_or_raise(wanted.pack)
        self._changed = Side(changed, hours(changed))

    def replay(self, part: list[tuple[int, bytes]]) -> Replayed:
        """Judge each order by the pack in force when it was received, and by the changed one."""
        done = Replayed()
        for line, text in part:
            try:
                order_id, order = read_past_order(text, line, self._wanted.policy, self._wanted.as_of)
            except BadInput as error:
                done.rejected.append(
                    {"line": line, "problems": [str(fault) for fault in error.problems] or [str(error)]}
                )
            except ValueError as error:
                done.rejected.append({"line": line, "problems": [str(error)]})
            else:
                before = self._in_force(order)
                done.tally.add(order_id, changes(before, self._changed, order, refusals=self._wanted.refusals))
        return done

    def _in_force(self, order: ReadCase) -> Side:
        pack = self._shelf.get_or_raise(self._wanted.policy, order.case.received_at or order.as_of)
        return self._versions[pack.version]


def replay_file(path: Path, make: Make, wanted: Wanted, say: Callable[[str], None], workers: int = 0) -> dict[str, Any]:
    """The report of a whole file (JSON lines); BadInput where the file or a pack cannot be used at all.

    `workers` processes, as many as there are cores unless given; with one, nothing is started.
    """
    if not path.is_file():
        raise BadInput(str(path), [Problem((), "no such file")])
    if wanted.as_of is not None:
        parse_time(wanted.as_of)  # a bad one is told once, not row by row
    shelf, _ = make()
    changed = shelf.find_or_raise(wanted.pack)  # a faulty pack is told before any process starts
    before = [pack.version for pack in shelf.versions(wanted.policy)]
    total = Replayed()
    for done in _replayed(path, make, wanted, workers or os.cpu_count() or 1):
        total.join(done)
        say(f"replayed {total.tally.orders} orders, {total.tally.changed} changed, {len(total.rejected)} rejected")
    head = {"policy": wanted.policy, "before": before, "after": {"id": changed.id, "version": changed.version}}
    return {**head, **total.tally.report(), "rejected": total.rejected}


def _replayed(path: Path, make: Make, wanted: Wanted, workers: int) -> Iterator[Replayed]:
    """Part after part, in the order of the file; only so many parts are in memory at once."""
    parts, replay = _parts(path), partial(_replay, make, wanted)
    if workers == 1:
        yield from map(Replayer(make, wanted).replay, parts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while batch := list(islice(parts, workers * 4)):
            yield from pool.map(replay, batch)


def _replay(make: Make, wanted: Wanted, part: list[tuple[int, bytes]]) -> Replayed:
    return _replayer(make, wanted).replay(part)


@cache
def _replayer(make: Make, wanted: Wanted) -> Replayer:
    """One in each process: packs are read and compiled there, since they do not travel between processes."""
    return Replayer(make, wanted)


def _parts(path: Path) -> Iterator[list[tuple[int, bytes]]]:
    with path.open("rb") as lines:
        numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
        while part := list(islice(numbered, ROWS_A_PART)):
            yield part
