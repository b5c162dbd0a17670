"""The command that watches whether things are still what they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import CHECK_FAILED, app, faults_told, print_json
from triage.domain.errors import BadInput, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from training.drift.command import Asked, Told


@app.command()
def drift(
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction whose kept orders are looked at.")] = None,
    since: Annotated[Optional[str], typer.Option(help="Where recent begins; four weeks back unless given.")] = None,
    reference_until: Annotated[Optional[str], typer.Option(help="Where earlier ends; at --since unless given.")] = None,
    until: Annotated[Optional[str], typer.Option(help="Where recent ends; now unless given.")] = None,
    data: Annotated[Optional[Path], typer.Option(help="CSV file of now, instead of a ledger.")] = None,
    reference: Annotated[Optional[Path], typer.Option(help="CSV file of before.")] = None,
    model: Annotated[Optional[Path], typer.Option(help="Model folder that reads both files.")] = None,
    text: Annotated[str, typer.Option(help="Text columns of the files, with commas.")] = "title,text",
    per_year: Annotated[
        float, typer.Option(min=0.01, max=52, help="False findings a year of weekly looks that are put up with.")
    ] = 1.0,
    out: Annotated[Optional[Path], typer.Option(help="Folder for report.json, report.md and a plot.")] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Show the examples' redacted texts.")] = False,
    tighten: Annotated[bool, typer.Option("--tighten", help="Put down what a broken promise needs.")] = False,
    shadow: Annotated[bool, typer.Option("--shadow", help="Only: how the challenger compares.")] = False,
    database: DatabaseOption = None,
) -> None:
    """What changed in words, categories, confidence and outcomes, and whether the promise of precision still holds."""
    with faults_told():
        from training.drift.command import Asked

        from_files = _chosen(policy, {"--data": data, "--reference": reference, "--model": model})
        asked = Asked(
            per_year=per_year,
            since=_moment("--since", since),
            reference_until=_moment("--reference-until", reference_until),
            until=_moment("--until", until),
            out=out,
            texts=texts,
            tighten=tighten,
        )
        if from_files is not None:
            from training.drift.command import look_at_files

            done = look_at_files(*from_files, [name.strip() for name in text.split(",")], asked)
        else:
            done = _looked_at_ledger(str(policy), asked, database, shadow=shadow)
        print_json(done.report)
        if done.alarming:
            raise typer.Exit(CHECK_FAILED)


def _looked_at_ledger(policy: str, asked: Asked, database: str | None, *, shadow: bool) -> Told:
    from training.drift.command import Told, look_at_ledger, look_at_shadow
    from triage.bootstrap import build
    from triage.domain.people import Actor
    from triage.domain.vocabulary import Role

    service = build()
    books = service.books(service.settings.database_url(database))
    try:
        if shadow:
            until = asked.until or books.now()
            return Told(look_at_shadow(books, policy, service.settings.models, until), alarming=False)
        names = {one.id: one.name for one in service.taxonomy.categories.values()}
        return look_at_ledger(books, policy, service.model, asked, Actor("command line", Role.ADMIN), names)
    finally:
        books.ledger.database.close()


def _chosen(policy: str | None, files: dict[str, Path | None]) -> tuple[Path, Path, Path] | None:
    """The three of two tables, or None where a ledger is looked at."""
    given = {name for name, path in files.items() if path is not None}
    if policy is not None and not given:
        return None
    data, reference, model = files.values()
    if policy is None and data is not None and reference is not None and model is not None:
        return data, reference, model
    problem = "takes either --policy, or --data, --reference and --model"
    raise BadInput("drift", [Problem((), problem)])


def _moment(option: str, given: str | None) -> datetime | None:
    from triage.policy.calendar.workdays import parse_time

    try:
        return None if given is None else parse_time(given)
    except ValueError as error:
        raise BadInput("drift", [Problem((option,), str(error))]) from None
