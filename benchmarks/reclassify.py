"""`python -m benchmarks.reclassify`: how fast a backlog goes through the default model, on all cores and on Spark.

Generated orders of 150 characters. CPU time and memory are those of the command with every process it starts, read from
/proc while it runs (Linux only): on a machine that others use, too, CPU time a row tells what an idle one would do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.texts import complaints
from triage.bootstrap import default_model

LENGTH = 150
DIFFERENT = 20_000
"""So many texts are made up; further rows say the same under another number, which spares hours of making up."""

GROUP = 5_000
CODE = "from triage.cli import main; from triage.cli import reclassify; main()"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watched:
    """What was seen of a command and its processes: `memory` by how many rows were done, in MB a process, the largest
    first."""

    wall: float = 0.0
    cpu: float = 0.0
    marks: list[tuple[int, float, float]] = field(default_factory=list)
    memory: dict[int, list[float]] = field(default_factory=dict)


def write_backlog(path: Path, rows: int) -> None:
    """A Parquet file of generated orders with their categories."""
    made = complaints(min(rows, DIFFERENT), LENGTH, seed=3)
    schema = pa.schema([(name, pa.string()) for name in ("id", "text", "category")])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, GROUP):
            numbers = range(start, min(start + GROUP, rows))
            columns = [
                [f"order-{number}" for number in numbers],
                [f"{made[number % len(made)][0]}第{number}件" for number in numbers],
                [made[number % len(made)][1] for number in numbers],
            ]
            writer.write_table(pa.table(columns, schema=schema))


def watch(data: Path, out: Path, engine: str) -> Watched:
    """Run the command and look at its processes twice a second; CalledProcessError where it fails."""
    options = ["--model", default_model(), "--data", data, "--out", out, "--label", "category", "--engine", engine]
    command = [sys.executable, "-c", CODE, "reclassify", *map(str, options)]
    found, cpu = Watched(), dict[int, float]()
    begin = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while process.poll() is None:
            memory = []
            for pid, seconds, resident in _of_session(process.pid):
                cpu[pid] = max(cpu.get(pid, 0.0), seconds)
                memory.append(resident)
            now = sum(cpu.values())
            done = _rows_done(out)
            if done and (not found.marks or found.marks[-1][0] != done):
                found.marks.append((done, time.perf_counter() - begin, now))
                found.memory[done] = sorted(memory, reverse=True)
            time.sleep(0.5)
        found.wall, found.cpu = time.perf_counter() - begin, sum(cpu.values())
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return found


def rate(found: Watched, rows: int, cores: int) -> dict[str, Any]:
    """Figures of a run; after the first part, so that starting is not in them."""
    (first, wall, cpu), (last, wall_end, cpu_end) = found.marks[0], found.marks[-1]
    each = (cpu_end - cpu) / (last - first) if last > first else found.cpu / rows
    memory = {
        f"{share} %": next((found.memory[done] for done in found.memory if done >= rows * share / 100), None)
        for share in (10, 50, 100)
    }
    return {
        "rows": rows,
        "wall_s": round(found.wall, 1),
        "cpu_s": round(found.cpu, 1),
        "rows_per_second": round(rows / found.wall),
        "rows_per_second_after_start": round((last - first) / (wall_end - wall)) if last > first else None,
        "cpu_ms_per_row_after_start": round(each * 1000, 3),
        "rows_per_second_of_idle_cores": round(cores / each),
        "rows_per_second_per_core": round(1 / each),
        "memory_mb": memory,
    }


def _rows_done(out: Path) -> int:
    try:
        return sum(part["items"] for part in json.loads((out / "progress.json").read_bytes())["parts"])
    except (OSError, ValueError):
        return 0


def _of_session(session: int) -> Iterator[tuple[int, float, float]]:
    """Each process of a session: its number, its CPU seconds, its resident memory in MB of a million bytes."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                yield int(path.name), (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE / 1e6
        except (OSError, IndexError):
            continue  # it ended meanwhile


def main() -> None:
    """Measure, print JSON, and write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reclassify", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows on all cores (%(default)s)")
    parser.add_argument("--spark-rows", type=int, default=200_000, help="rows on Spark local[2]; 0 leaves it out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    given = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    figures: dict[str, Any] = {
        "machine": {"cores": cores, "load": os.getloadavg()[0], "python": platform.python_version()}
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for engine, rows in (("local", given.rows), ("spark", given.spark_rows)):
            if rows:
                print(f"… {engine}, {rows} rows", file=sys.stderr)
                write_backlog(folder / f"{engine}.parquet", rows)
                found = watch(folder / f"{engine}.parquet", folder / engine, engine)
                figures[engine] = rate(found, rows, cores if engine == "local" else 2)
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
