"""The wheel holds everything: installed into a folder of its own it decides, with the repository out of sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel) -> Path:
    """The wheel installed into a folder of its own."""
    target = wheel.parent / "installed"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", target, wheel], check=True, capture_output=True)
    return target


def _run(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIAGE_", "PYTHONPATH"))}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_packs_page_and_model_and_nothing_else_of_ours(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"triage", "training", "api"}
    model = ROOT / "models" / "default"
    shipped = {str(path.relative_to(model)) for path in model.rglob("*") if path.is_file()}
    inside = {name.removeprefix("triage/default_model/") for name in names if name.startswith("triage/default_model/")}
    assert inside == shipped > {"manifest.json", "words/model.safetensors"}
    assert "api/console/static/index.html" in names
    assert "triage/policy/packs/nanmatou.yaml" in names
    assert not [name for name in names if "/tests/" in name or "__pycache__" in name]


def test_it_decides_from_an_unrelated_folder(installed, tmp_path):
    answer = _run(installed, tmp_path, "-m", "triage", "decide", "--policy", "nanmatou", "--text", "小区路灯坏了")
    assert (answer.returncode, answer.stderr) == (0, "")
    decision = json.loads(answer.stdout)
    assert decision["model"]["name"] == "default"
    assert decision["category"][0]["name"] == "路灯照明"


def test_what_runs_is_the_installed_code_with_the_installed_model(installed, tmp_path):
    script = "import api, training, triage\nfrom triage.bootstrap import default_model\n"
    script += "print(*(part.__file__ for part in (api, training, triage)), default_model(), sep='\\n')"
    answer = _run(installed, tmp_path, "-c", script)
    assert answer.returncode == 0, answer.stderr
    assert all(Path(line).is_relative_to(installed) for line in answer.stdout.splitlines())


def test_its_packs_are_sound(installed, tmp_path):
    answer = _run(installed, tmp_path, "-m", "triage", "policy", "check")
    assert answer.returncode == 0
    assert answer.stdout.count(": ok, ") == 5


def test_the_command_is_installed(installed, tmp_path):
    answer = _run(installed, tmp_path, str(installed / "bin" / "triage"), "--help")
    assert answer.returncode == 0
    assert "decide" in answer.stdout
