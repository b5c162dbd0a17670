"""A backlog with one of every trouble, and a run of it in small parts: also as a process of its own, to be killed."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from training.reclassify.engines import Engine, LocalEngine
from training.reclassify.partition import Partition
from training.reclassify.rows import Sizes
from training.reclassify.run import reclassify
from training.reclassify.sources import Files
from training.reclassify.summary import Meaning
from training.reclassify.wanted import Wanted
from triage.classify.store import digest, manifest_bytes

KILLED_AT = "80 rows"
SMALL = Sizes(rows=20, chunks=2)
TEXTS = ("小区门口路灯不亮已经三天", "楼下饭店油烟很大，半夜还在营业", "工地夜里施工噪音扰民", "人行道上共享单车乱停放")


def partition_of(folder: Path) -> Partition:
    """The partition function of a model's folder as it is."""
    return Partition(folder, digest(manifest_bytes(folder)))


def backlog(path: Path, rows: int) -> Path:
    """A CSV file: rows with labels, some of them broken, nameless or twice there."""
    lines = ["id,title,text,category"]
    for number in range(rows):
        name = {7: "", 8: "twice", 9: "twice"}.get(number % 100, f"order-{number}")
        label = "" if number % 5 == 0 else "street-lights"
        lines.append(f"{name},,{TEXTS[number % len(TEXTS)]}第{number}次反映,{label}")
        if number % 50 == 10:
            lines.append("broken")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def tell(line: str) -> None:
    """Say how far it is."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(
    data: Path,
    model: Path,
    out: Path,
    engine: Engine,
    *,
    label: str | None = "category",
    say: Callable[[str], None] = tell,
) -> dict[str, Any]:
    """The backlog through a model, in small parts."""
    bound = {"model": {"manifest_sha256": partition_of(model).sealed}, "label": label}
    source = Files(data, Wanted(label=label))
    return reclassify(source, engine, out, bound, Meaning(), say, time.monotonic, SMALL)


def files_of(out: Path) -> dict[str, bytes]:
    """What a run wrote, but for the times."""
    return {path.relative_to(out).as_posix(): _content(path) for path in _files(out)}


def _files(out: Path) -> Iterator[Path]:
    yield from sorted(path for path in out.rglob("*") if path.is_file())


def _content(path: Path) -> bytes:
    if path.suffix != ".json":
        return path.read_bytes()
    told = {name: value for name, value in json.loads(path.read_bytes()).items() if "second" not in name}
    return json.dumps(told).encode()


def _tell_and_wait(line: str) -> None:
    """Give whoever is to kill this process the time to do it."""
    tell(line)
    if line.startswith(KILLED_AT):
        time.sleep(60)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job was told to ignore it
    given, folder, target = map(Path, sys.argv[1:])
    run(given, folder, target, LocalEngine(partition_of(folder), 2), say=_tell_and_wait)
