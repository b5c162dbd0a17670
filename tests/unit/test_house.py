"""The order of the house: who may import whom, what is light, what is written down."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {
    "domain": set(),
    "policy": {"domain"},
    "language": {"domain"},
    "classify": {"domain", "language"},
    "similar": {"domain", "language"},
    "trends": {"domain"},
    "records": {"domain"},
    "desk": {"domain", "policy", "language", "classify", "similar", "trends", "records", "demo"},
    "demo": {"domain", "policy", "language"},
    "settings": set(),
    "bootstrap": {
        "domain",
        "policy",
        "language",
        "classify",
        "similar",
        "trends",
        "records",
        "desk",
        "demo",
        "settings",
    },
    "cli": {
        *("domain", "policy", "language", "classify", "similar", "trends", "records", "desk", "demo", "settings"),
        "bootstrap",
    },
    "__main__": {"cli"},
    "__init__": set(),
}
HEAVY_FOR_HELP = {"numpy", "sklearn", "scipy", "fastapi", "pydantic", "joblib", "yaml", "uvicorn"}
HEAVY_FOR_SERVING = {"sklearn", "pandas", "jieba", "torch", "mlflow", "mapie", "cleanlab"}
VAGUE_NAMES = ("util", "helper", "common", "manager")
SOURCES = sorted(path for top in ("triage", "training", "api") for path in (ROOT / top).rglob("*.py"))


def _imports(path: Path, *, lazy: bool = True) -> Iterator[str]:
    """Dotted names a module imports; without `lazy`, only what is imported when the module is."""
    nodes = [ast.parse(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        if lazy or not _is_later(node):
            nodes += ast.iter_child_nodes(node)


def _is_later(node: ast.AST) -> bool:
    """Whether what stands in it does not happen when the module is imported; what is for types only never does."""
    for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return for_types or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def _layer(path: Path) -> str:
    return path.relative_to(ROOT / "triage").parts[0].removesuffix(".py")


def _after(script: str) -> set[str]:
    """The top-level modules in memory after a script ran in a process of its own."""
    script += "\nimport sys\nprint('\\n'.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("path", sorted((ROOT / "triage").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_imports_only_layers_below_it(path):
    layer = _layer(path)
    allowed = LAYERS[layer] | {layer, "__version__"}
    for name in _imports(path):
        if name.split(".")[0] == "triage":
            assert name.split(".")[1] in allowed, f"{layer} must not import {name}"


def test_every_part_of_the_core_has_its_place_in_the_order():
    found = {path.name.removesuffix(".py") for path in (ROOT / "triage").iterdir() if path.suffix in ("", ".py")}
    found -= {"__pycache__", "default_model"}
    assert found == set(LAYERS)


def test_the_domain_needs_the_standard_library_only():
    for path in (ROOT / "triage" / "domain").glob("*.py"):
        tops = {name.split(".")[0] for name in _imports(path)}
        assert tops <= sys.stdlib_module_names | {"triage"}, path


def test_only_the_command_line_reaches_out_of_the_core_and_only_when_asked():
    for path in (ROOT / "triage").rglob("*.py"):
        outer = {name for name in _imports(path) if name.split(".")[0] in ("api", "training", "benchmarks", "tests")}
        assert not outer or _layer(path) == "cli", f"{path} imports {outer}"
    commands = (ROOT / "triage" / "cli").glob("*.py")
    at_once = {name.split(".")[0] for path in commands for name in _imports(path, lazy=False)}
    assert not at_once & {"api", "training"}


@pytest.mark.parametrize(("top", "other"), [("api", "training"), ("training", "api")])
def test_the_two_outer_parts_do_not_know_each_other(top, other):
    for path in (ROOT / top).rglob("*.py"):
        tops = {name.split(".")[0] for name in _imports(path)}
        assert not tops & {other, "benchmarks", "tests"}, path


def test_no_module_has_a_vague_name():
    for path in SOURCES:
        assert not any(vague in part for part in path.relative_to(ROOT).parts for vague in VAGUE_NAMES), path


def test_no_module_is_longer_than_it_can_be_read():
    for path in SOURCES:
        written_by_a_program = "versions" in path.parts  # migrations
        assert written_by_a_program or path.read_text(encoding="utf-8").count("\n") <= 400, path


def test_help_answers_without_anything_heavy():
    found = _after(
        "import sys\nsys.argv = ['triage', '--help']\nfrom triage.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert "typer" in found
    assert not found & HEAVY_FOR_HELP


def test_serving_a_decision_needs_nothing_that_only_training_needs():
    found = _after(
        "from triage.bootstrap import build\nfrom api.app import create_app\nservice = build()\n"
        "create_app(service)\nservice.warm_up()"
    )
    assert "fastapi" in found
    assert not found & HEAVY_FOR_SERVING


def test_every_setting_is_described():
    from triage.settings import Settings

    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`TRIAGE_{name.upper()}`" in text, f"docs/settings.md says nothing about {name}"
        assert field.description
    assert text.count("| `TRIAGE_") == len(Settings.model_fields), "docs/settings.md describes what is not there"


def test_every_command_and_option_is_described():
    import typer.main

    from triage.cli import app

    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    group = typer.main.get_command(app)
    names = []
    for name, command in group.commands.items():
        names += [f"{name} {sub}" for sub in getattr(command, "commands", {})] or [name]
        assert command.help
    assert [line.removeprefix("## triage ") for line in text.splitlines() if line.startswith("## ")] == names
