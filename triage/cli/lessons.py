"""What kept orders teach, as rows to learn from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import PolicyOption, app, faults_told, print_json, say

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


class Task(StrEnum):
    """What orders teach."""

    CATEGORY = "category"
    REQUEST_TYPE = "request_type"
    URGENCY = "urgency"


@app.command()
def lessons(
    policy: PolicyOption,
    out: Annotated[Path, typer.Option(help="Folder to write: rows.jsonl, sheet.json, sheet.md, doubtful.csv.")],
    database: DatabaseOption = None,
    since: Annotated[Optional[datetime], typer.Option(formats=_FORMATS, help="Orders received from then on.")] = None,
    until: Annotated[
        Optional[datetime], typer.Option(formats=_FORMATS, help="Orders received before, as things stood; now.")
    ] = None,
    task: Annotated[Optional[list[Task]], typer.Option(help="category, request_type, urgency; all of them.")] = None,
    model: Annotated[Optional[Path], typer.Option(help="Model folder whose chances doubt labels; a small one.")] = None,
    desk: Annotated[bool, typer.Option("--desk", help="Show the desk the doubtful labels.")] = False,
) -> None:
    """Write what kept orders say about labels, with weights and reasons, and a list of doubtful labels."""
    with faults_told():
        from training.lessons.gather import gather
        from triage.bootstrap import build, default_model
        from triage.classify.store import TABLE, load_model
        from triage.desk.learning.doubted import put_doubts
        from triage.domain.moments import in_shanghai
        from triage.domain.people import Actor
        from triage.domain.vocabulary import Role
        from triage.language.word_table import WordTable

        service = build()
        books = service.books(service.settings.database_url(database))
        tasks = [str(one) for one in task or list(Task)]
        told, doubted = gather(
            books,
            policy,
            out,
            since=None if since is None else in_shanghai(since),
            until=books.now() if until is None else in_shanghai(until),
            tasks=tasks,
            doubted_task=tasks[0],
            table=lambda: WordTable.read(default_model() / TABLE),
            model=None if model is None else load_model(model),
            say=say,
        )
        listed = put_doubts(books, policy, doubted, Actor("lessons", Role.ADMIN)) if desk and doubted is not None else 0
        print_json({**told, "shown_to_the_desk": listed, "out": str(out)})
