"""`triage reclassify` as it is typed."""

import json

from typer.testing import CliRunner

from tests.integration.reclassifying import backlog
from triage.cli import reclassify as command
from triage.cli.shell import app


def asked(*words):
    return CliRunner().invoke(app, ["reclassify", *map(str, words)])


def test_a_backlog_is_answered_and_summed_up_with_its_units(default_folder, tmp_path):
    data = backlog(tmp_path / "backlog.csv", 40)
    words = ("--model", default_folder, "--data", data, "--out", tmp_path / "out", "--label", "category")
    done = asked(*words, "--policy", "nanmatou", "--workers", 1)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert (told["rows"], told["rejected"], sum(told["domains"].values())) == (40, 1, 40)
    assert told["model"]["name"] == "default" and list(told["source"]["files"]) == ["backlog.csv"]
    assert sum(told["units"].values()) == 40 and told["compared"]["units"]
    again = asked(*words, "--policy", "nanmatou")
    assert json.loads(again.stdout) == told and "already" in again.stderr


def test_wrong_use_is_told_with_exit_2(default_folder, tmp_path):
    data = backlog(tmp_path / "backlog.csv", 2)
    for words, fault in (
        ((), "--data"),
        (("--model", tmp_path / "none", "--data", data, "--out", tmp_path / "out"), "manifest.json"),
        (("--model", default_folder, "--data", data, "--out", tmp_path / "out", "--label", "x"), "no column 'x'"),
        (("--model", default_folder, "--data", data, "--out", tmp_path / "out", "--policy", "x"), "unknown policy"),
        (("--model", default_folder, "--data", tmp_path, "--out", tmp_path / "out"), "folder of the data"),
    ):
        done = asked(*words)
        assert (done.exit_code, fault in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_without_java_and_without_extras_it_says_what_is_missing(default_folder, tmp_path, monkeypatch):
    data = backlog(tmp_path / "backlog.csv", 2)
    words = ("--model", default_folder, "--data", data, "--out", tmp_path / "out")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    done = asked(*words, "--engine", "spark")
    assert done.exit_code == 2 and "Java 17" in done.stderr
    monkeypatch.setattr(command, "NEEDED", ("pandas", "no_such_package"))
    done = asked(*words)
    assert done.exit_code == 2 and "no_such_package: is not installed: pip install" in done.stderr
