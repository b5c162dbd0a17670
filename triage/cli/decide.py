"""Commands that decide and look over: nothing is stored."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from triage.cli.shell import PolicyOption, app, faults_told, print_bytes


@app.command()
def decide(
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction, where the input does not name it.")] = None,
    text: Annotated[Optional[str], typer.Option(help="The complaint's text; received now.")] = None,
    file: Annotated[Optional[Path], typer.Option(help="A .json order or request, or a .jsonl file of them.")] = None,
    source: Annotated[Optional[str], typer.Argument(metavar="[-]", help="- reads standard input.")] = None,
) -> None:
    """Decide orders: category, unit, who decides, what is owed by when, and why. Nothing is stored."""
    with faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import build
        from triage.desk.inputs import read_inputs
        from triage.domain.decisions import Decision
        from triage.domain.moments import SHANGHAI

        service, adapter = build(), TypeAdapter(Decision)
        inputs = read_inputs(
            policy=policy,
            text=text,
            file=file,
            source=source,
            stdin=sys.stdin.buffer,
            policies=service.shelf.ids(),
            now=datetime.now(SHANGHAI),
        )
        for request in inputs.requests:
            print_bytes(adapter.dump_json(service.decide(request), indent=None if inputs.by_line else 2))


@app.command()
def review(
    file: Annotated[Path, typer.Argument(help="A .json reply with its order, or a .jsonl file of them.")],
    policy: PolicyOption,
) -> None:
    """Look over a unit's reply by the eight checks (八审). It assists whoever reviews; it decides nothing."""
    with faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import build
        from triage.desk.reviews import Review, read_replies, review_of

        adapter = TypeAdapter(Review)
        given = read_replies(file, policy, build().shelf.ids())
        for request in given.requests:
            print_bytes(adapter.dump_json(review_of(request, policy), indent=None if given.by_line else 2))
