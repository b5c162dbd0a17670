"""Spark gives the same answers to the last digit, and what the one engine began the other may finish."""

import shutil

import pytest

from tests.integration.reclassifying import backlog, files_of, partition_of, run
from training.reclassify.engines import EngineFault, LocalEngine
from training.reclassify.spark import SparkEngine, spark_engine, spark_session

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(shutil.which("java") is None, reason="needs Java 17: apt.txt"),
]
ROWS = 220


class _First:
    """An engine that is stopped after a part."""

    def __init__(self, engine):
        self.engine = engine

    def answers(self, chunks):
        for number, found in enumerate(self.engine.answers(chunks)):
            if number == 3:
                raise KeyboardInterrupt
            yield found


@pytest.fixture(scope="module")
def session():
    pytest.importorskip("pyspark")
    settings = {"spark.driver.memory": "512m", "spark.log.level": "OFF"}
    with spark_session("local[2]", settings) as opened:
        opened.sparkContext.setLogLevel("OFF")
        yield opened


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return backlog(tmp_path_factory.mktemp("data") / "backlog.csv", ROWS)


@pytest.fixture(scope="module")
def local(data, default_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("local")
    run(data, default_folder, out, LocalEngine(partition_of(default_folder), 1))
    return out


def test_both_engines_write_the_same_bytes(session, data, local, default_folder, tmp_path):
    with spark_engine(session, partition_of(default_folder)) as engine:
        run(data, default_folder, tmp_path / "out", engine)
    assert files_of(tmp_path / "out") == files_of(local)


def test_a_backlog_without_a_single_good_row_needs_no_job(session, default_folder, written, tmp_path):
    with spark_engine(session, partition_of(default_folder)) as engine:
        found = run(written("backlog.csv", "id,text,category\nbroken\n"), default_folder, tmp_path / "out", engine)
    assert (found["rows"], found["rejected"]) == (0, 1)


def test_spark_finishes_what_was_begun_here(session, data, local, default_folder, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(data, default_folder, tmp_path / "out", _First(LocalEngine(partition_of(default_folder), 1)))
    with spark_engine(session, partition_of(default_folder)) as engine:
        run(data, default_folder, tmp_path / "out", engine)
    assert files_of(tmp_path / "out") == files_of(local)


def test_a_worker_answers_with_no_other_model_than_the_one_that_was_sent(session, data, default_folder, tmp_path):
    archive = tmp_path / "other-model.zip"
    shutil.make_archive(str(archive.with_suffix("")), "zip", default_folder)
    with pytest.raises(EngineFault, match="ModelFault"):
        run(data, default_folder, tmp_path / "out", SparkEngine(session, archive, "0" * 64))
