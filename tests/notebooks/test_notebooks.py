"""The notebooks run from top to bottom on a ledger, say something, and show nothing personal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.notebooks.conftest import PARAMETERS, KeptMonth
from triage.language.redact import redact

pytestmark = pytest.mark.xdist_group("notebooks")  # one ledger and one kernel for all of them

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
BEGIN = """%reset -f
import sys, warnings
warnings.simplefilter("error")
sys.modules.pop("plots", None)  # what it sets up holds in every notebook
"""
HAN = re.compile(r"[\u4e00-\u9fd5]")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def ran(kept_month: KeptMonth, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """The code cells of every notebook after one kernel ran them all; it forgets everything between two of them.

    The analyst has no secret, and every warning in a cell is an error.
    """
    begun = nbformat.v4.new_code_cell(BEGIN)
    whole, parts = nbformat.v4.new_notebook(), {}
    for path in NOTEBOOKS:
        parts[path.stem] = [cell for cell in _read(path).cells if cell.cell_type == "code"]
        whole.cells += [nbformat.from_dict({**begun, "id": f"begin-{len(parts)}"}), *parts[path.stem]]
    client = NotebookClient(
        whole, timeout=300, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute(env=_environment(kept_month.url, tmp_path_factory.mktemp("kernel")))
    return parts


def _environment(url: str, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(home),
        "TRIAGE_DATABASE": url,
        "TRIAGE_PARAMETERS": json.dumps(PARAMETERS),
    }


def test_there_are_six():
    assert [path.name[0] for path in NOTEBOOKS] == list("123456")


@each_notebook
def test_a_notebook_runs_from_top_to_bottom(path, ran):
    for cell in ran[path.stem]:
        faults = [output for output in cell.outputs if output.output_type == "error"]
        assert not faults, f"{cell.source}\n{faults[0].ename}: {faults[0].evalue}"


@each_notebook
def test_nothing_is_warned_of_or_printed_beside(path, ran):
    for cell in ran[path.stem]:
        assert [output.text for output in cell.outputs if output.output_type == "stream"] == []


@each_notebook
def test_it_draws_and_it_tells(path, ran):
    shown = [output.data for cell in ran[path.stem] for output in cell.outputs if "data" in output]
    assert sum("image/png" in data for data in shown) >= 2
    assert sum("image/png" not in data for data in shown) >= 2


@each_notebook
def test_nothing_personal_is_shown(path, ran, kept_month):
    shown = [output for cell in ran[path.stem] for output in cell.outputs if "data" in output]
    told = "\n".join(text for output in shown for kind, text in output.data.items() if kind.startswith("text/"))
    assert not [said for said in kept_month.personal if said in told]
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", told)
    assert "[电话]" not in redact(told)


@each_notebook
def test_it_is_kept_without_what_it_showed(path):
    for cell in _read(path).cells:
        assert cell.cell_type == "markdown" or (cell.outputs == [] and cell.execution_count is None)
    assert set(_read(path).metadata) == {"kernelspec", "language_info"}


@each_notebook
def test_its_cells_keep_their_names_and_it_stays_short(path):
    notebook = _read(path)
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{number:02d}" for number in range(1, len(notebook.cells) + 1)
    ]
    assert len([cell for cell in notebook.cells if cell.cell_type == "code"]) <= 15
    assert all(cell.source.count("\n") < 30 for cell in notebook.cells)


@each_notebook
def test_it_speaks_chinese_and_begins_with_what_it_answers(path):
    words = [cell for cell in _read(path).cells if cell.cell_type == "markdown"]
    assert words[0].source.startswith("# ")
    assert all(HAN.search(cell.source) for cell in words)


@each_notebook
def test_the_page_about_notebooks_names_it(path):
    assert f"`{path.name}`" in (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
