"""A backlog through a model: in files, or the orders of the ledger."""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import app, faults_told, print_json, say
from triage.domain.errors import BadInput, Problem

STOPPED = 130
NEEDED = ("pandas", "pyarrow")


class EngineName(StrEnum):
    """What runs the model."""

    LOCAL = "local"
    SPARK = "spark"


@app.command()
def reclassify(
    model: Annotated[Optional[Path], typer.Option("--model", help="Model folder.")] = None,
    out: Annotated[Optional[Path], typer.Option(help="Folder to write; the same folder again goes on.")] = None,
    data: Annotated[
        Optional[Path], typer.Option("--data", help="CSV, JSONL or Parquet file, or a folder of them.")
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="All cores of this machine, or a Spark cluster.")] = (
        EngineName.LOCAL
    ),
    label: Annotated[Optional[str], typer.Option(help="Column with the labels there are, to compare with.")] = None,
    policy: Annotated[Optional[str], typer.Option("--policy", help="Jurisdiction whose units are compared.")] = None,
    database: DatabaseOption = None,
    every: Annotated[bool, typer.Option("--all", help="Closed orders of the ledger, too.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Put the categories found into the ledger.")] = False,
    auto_only: Annotated[bool, typer.Option("--auto-only", help="Only where the model may decide alone.")] = False,
    why: Annotated[str, typer.Option(help="Why it is applied or undone; kept in the ledger.")] = "",
    undo: Annotated[Optional[str], typer.Option(metavar="BATCH", help="Take back what a batch changed.")] = None,
    workers: Annotated[Optional[int], typer.Option(min=1, help="Processes; one a core unless given (local).")] = None,
    master: Annotated[str, typer.Option(help="Spark master.")] = "local[2]",
    spark_conf: Annotated[
        Optional[list[str]], typer.Option("--spark-conf", help="NAME=VALUE, a setting of Spark's.")
    ] = None,
) -> None:
    """Run a backlog through a model; with a ledger it previews, applies and can undo. Stopped, it goes on."""
    with faults_told():
        _refuse_missing()
        from training.reclassify.command import Asked, run_asked
        from triage.bootstrap import build

        asked = Asked(
            model=model,
            out=out,
            data=data,
            spark=engine is EngineName.SPARK,
            label=label,
            policy=policy,
            database=database,
            every=every,
            apply=apply,
            auto_only=auto_only,
            why=why,
            undo=undo,
            workers=workers,
            master=master,
            spark_conf=tuple(spark_conf or ()),
        )
        try:
            print_json(run_asked(asked, build(), say))
        except KeyboardInterrupt:
            say("stopped; the same command goes on from here")
            raise typer.Exit(STOPPED) from None


def _refuse_missing() -> None:
    """The lean core does without what reads and writes Parquet."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        needed = "pip install 'hotline-triage[training]'"
        raise BadInput("reclassify", [Problem((name,), f"is not installed: {needed}") for name in missing])
