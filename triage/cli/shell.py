"""What all commands share: the application, options, how faults are told and answers printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from triage.domain.errors import BadInput, Problem, TriageError

app = typer.Typer(
    name="triage",
    help="Triage and dispatch of 12345 citizen-hotline orders, with the clause for everything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CHECK_FAILED = 1
WRONG_USE = 2

PolicyOption = Annotated[str, typer.Option("--policy", help="Jurisdiction, e.g. nanmatou.")]
DataOption = Annotated[Path, typer.Option("--data", help="CSV file, UTF-8 or GB18030.")]
ModelOption = Annotated[Path, typer.Option("--model", help="Model folder.")]

Given = TypeVar("Given")


def group(name: str, about: str) -> typer.Typer:
    """A command with commands of its own."""
    commands = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(commands, name=name)
    return commands


def given(option: str, value: Given | None) -> Given:
    """The value of an option that this use cannot do without."""
    if value is None:
        raise BadInput("train", [Problem((option,), "is needed for this target")])
    return value


@contextmanager
def faults_told() -> Iterator[None]:
    """Bad input ends with exit 2 and a message that names the thing, on standard error."""
    try:
        yield
    except BadInput as error:
        print(f"triage: {error.message}", file=sys.stderr)
        for fault in error.problems:
            print(f"  {fault}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
    except TriageError as error:
        print(f"triage: {error}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None


def say(line: str) -> None:
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """An answer, on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_bytes(line: bytes) -> None:
    """An answer that is JSON already."""
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
