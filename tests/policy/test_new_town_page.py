"""The page that leads to a new town: its files are written and its commands run as printed, and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "new-town.md").read_text(encoding="utf-8")
MARK = "==== ended with "


@dataclass(frozen=True)
class Ran:
    """A block of commands: how it ended, what it printed, and what the page says that it prints."""

    commands: str
    code: int
    printed: list[str]
    shown: list[str]


def script() -> tuple[str, list[tuple[str, str]]]:
    """The page as one script: files are written where they stand on it, commands are run where they stand."""
    lines: list[str] = []
    commands: list[tuple[str, str]] = []
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        if language == "yaml":
            name = text.split("\n", 1)[0].removeprefix("# ")
            lines.append(f"cat >> '{name}' <<'END OF FILE'\n{text}END OF FILE")
        elif language == "bash":
            lines.append(f"{text}echo '{MARK}'$?")
            commands.append((text, ""))
        elif language == "":
            commands[-1] = (commands[-1][0], text)
    return "\n".join(lines), commands


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> list[Ran]:
    project = tmp_path_factory.mktemp("town") / "project"
    (project / ".venv" / "bin").mkdir(parents=True)
    command = project / ".venv" / "bin" / "triage"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m triage "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    text, commands = script()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    done = subprocess.run(
        ["bash", "-c", text], cwd=project, env=kept, capture_output=True, encoding="utf-8", timeout=110, check=False
    )
    *parts, rest = re.split(rf"^{MARK}(\d+)\n", done.stdout, flags=re.MULTILINE)
    assert rest == ""
    printed, codes = parts[::2], parts[1::2]
    assert len(codes) == len(commands), done.stderr
    return [
        Ran(words, int(code), out.splitlines(), shown.splitlines())
        for (words, shown), code, out in zip(commands, codes, printed, strict=True)
    ]


def test_every_command_of_the_page_works_but_for_the_check_of_what_is_not_finished(ran: list[Ran]) -> None:
    assert [one.commands for one in ran if one.code] == ["triage policy check liuhe.yaml\n"]


def test_every_command_prints_what_the_page_shows(ran: list[Ran]) -> None:
    for one in ran:
        wanted = [line for line in one.shown if line != "…"]
        assert [line for line in wanted if line not in one.printed] == [], one.commands
        if "…" not in one.shown and wanted:
            assert one.printed == wanted, one.commands


def test_the_list_of_what_is_to_do_names_each_clause_without_a_rule(ran: list[Ran]) -> None:
    unfinished = next(one for one in ran if one.code)
    named = [re.search(r"clauses\.(\d+)", line) for line in unfinished.printed]
    assert {found[1] for found in named if found} == {"2", "3", "4", "5", "6", "7", "8"}
