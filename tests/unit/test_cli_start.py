"""What the command line sees to before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASK = """
import sys
from triage import cli
sys.argv = ["triage", "--help"]
try:
    cli.main()
except SystemExit:
    pass
heavy = {"numpy", "scipy", "sklearn"} & set(sys.modules)
import numpy
from threadpoolctl import threadpool_info
print(sorted(heavy), {pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"})
"""


@pytest.mark.parametrize(("given", "threads"), [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, 2)])
def test_numpy_multiplies_in_one_thread_unless_told_otherwise(monkeypatch, given, threads):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"[] {{{threads}}}"
