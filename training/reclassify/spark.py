"""The same answers from a Spark cluster: chunks go out as partitions, one each, and come back in their order."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import zipfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

import triage
from training.reclassify.engines import Answered, EngineFault
from training.reclassify.partition import COLUMNS, Partition
from training.reclassify.rows import ROWS_A_CHUNK, Chunk
from triage.classify.store import MANIFEST, checked_bytes, read_manifest
from triage.domain.errors import BadInput, Problem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = "id string, label string, confidence double, auto boolean"
_SENT = pa.schema([(name, pa.string()) for name in ("id", "title", "text")])
_CHUNKS_A_CORE = 3
"""So many chunks a core go out in one job: fewer, and Spark's second a job shows; more, and more is in memory."""

_JOBS = 2
"""While the last chunks of one job are worked on, those of the next are out already."""

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_A_CHUNK),
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
}


class SparkEngine:
    """A session's executors. The model's files are sent to each once and their digests checked there.

    `archive` has them, under a name that the session has not met, and must stay there as long as executors may ask for
    it. The executors need this project installed, in this very version.
    """

    def __init__(self, session: SparkSession, archive: Path, sealed: str) -> None:
        self._session = session
        self._sealed = sealed
        self._name = archive.stem
        session.sparkContext.addArchive(f"{archive}#{self._name}")

    def answers(self, chunks: Iterable[Chunk]) -> Generator[Answered]:
        """Each chunk with the predictions of its rows; EngineFault where a job fails."""
        rest = iter(chunks)
        size = _CHUNKS_A_CORE * self._session.sparkContext.defaultParallelism
        waiting: deque[Future[list[Answered]]] = deque()
        with ThreadPoolExecutor(_JOBS) as threads:
            try:
                while job := list(islice(rest, size)):
                    waiting.append(threads.submit(self._answered, job))
                    if len(waiting) == _JOBS:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                if waiting:
                    self._session.sparkContext.cancelAllJobs()

    def _answered(self, job: list[Chunk]) -> list[Answered]:
        frames = [chunk.frame for chunk in job]
        # A batch each: Spark makes one partition of one batch, so that a worker gets the chunks of the local engine.
        batches = [pa.RecordBatch.from_pandas(frame, _SENT, preserve_index=False) for frame in frames if len(frame)]
        found = self._run(pa.Table.from_batches(batches, _SENT)) if batches else pd.DataFrame(columns=COLUMNS)
        answered, start = [], 0
        for chunk, frame in zip(job, frames, strict=True):
            answered.append((chunk, found.iloc[start : start + len(frame)]))
            start += len(frame)
        if start != len(found):
            raise EngineFault(f"Spark gave {len(found)} predictions of {start} rows")
        return answered

    def _run(self, rows: pa.Table) -> pd.DataFrame:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        work = _on_worker(self._name, self._sealed, triage.__version__)
        try:
            sent = self._session.createDataFrame(rows)
            return sent.mapInPandas(work, SCHEMA).toArrow().to_pandas()
        except (PySparkException, Py4JError) as error:
            raise EngineFault(f"Spark could not answer: {_cause(str(error))}") from None


def _on_worker(name: str, sealed: str, version: str) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """What a Spark worker runs."""

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        if triage.__version__ != version:
            raise EngineFault(f"the workers have version {triage.__version__} installed, not {version}")
        yield from map(_partition(name, sealed), frames)

    return run


@cache
def _partition(name: str, sealed: str) -> Partition:
    """One a worker process, which Spark uses again for later partitions."""
    from pyspark import SparkFiles

    return Partition(Path(SparkFiles.get(name)), sealed)


@contextmanager
def spark_engine(session: SparkSession, partition: Partition) -> Iterator[SparkEngine]:
    """A session's executors with the model of a partition function, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="triage-model-") as folder:
        archive = Path(folder) / f"{Path(folder).name}.zip"
        _pack(partition.folder, partition.sealed, archive)
        yield SparkEngine(session, archive, partition.sealed)


def _pack(folder: Path, sealed: str, archive: Path) -> None:
    """The files that the manifest names, with their digests checked, in one file as Spark sends them."""
    manifest = read_manifest(folder, sealed)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(MANIFEST, (folder / MANIFEST).read_bytes())
        for name in manifest["files"]:
            packed.writestr(name, checked_bytes(folder, name, manifest))


def _cause(told: str) -> str:
    """The last line of a failure that says what went wrong; its rows may stand in others."""
    known = ("EngineFault: ", "ModelFault: ", "ModuleNotFoundError: ")
    lines = [line.strip() for line in told.splitlines() if any(one in line for one in known)]
    return lines[-1][:300] if lines else "see what it wrote to its own log"


@contextmanager
def spark_session(master: str, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """A session that ends with the block; BadInput where Spark or Java is missing, or no session can be had."""
    problems = _missing()
    if problems:
        raise BadInput("--engine spark", problems)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # no setting of Spark's names it to a plain session
    builder: Any = SparkSession.builder.master(master).appName("triage reclassify")
    for name, value in {**_SETTINGS, **_local(master), **settings}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, ValueError, TypeError) as error:
        raise BadInput("--engine spark", [Problem(("--master",), f"no session on {master}: {error}")]) from None
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def _missing() -> list[Problem]:
    problems = []
    if importlib.util.find_spec("pyspark") is None:
        problems.append(Problem((), "PySpark is not installed: pip install 'hotline-triage[spark]'"))
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java" if home is None else str(Path(home) / "bin" / "java")) is None:
        where = "on the path" if home is None else f"in JAVA_HOME ({home})"
        problems.append(Problem((), f"no java {where}: Spark needs Java 17 or later"))
    return problems


def _local(master: str) -> dict[str, str]:
    """Where the workers are processes of this machine they run this project as it lies here."""
    if not master.startswith("local"):
        return {}
    here = str(Path(triage.__file__).resolve().parents[1])
    given = os.environ.get("PYTHONPATH")
    return {
        "spark.executorEnv.PYTHONPATH": here if given is None else f"{here}{os.pathsep}{given}",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
