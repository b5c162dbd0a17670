"""Commands that hand results over to the district and put its receipts down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import PolicyOption, faults_told, group, print_json
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

if TYPE_CHECKING:
    from triage.desk.orders.books import Books

results_app = group("results", "Hand results over to the district, and put its receipts down.")


@results_app.command("export")
def results_export(
    policy: PolicyOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for the two files of the batch.")],
    since: Annotated[
        Optional[str], typer.Option("--since", help="Only orders of which something happened from then on.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Make a batch of what is ready and write it as JSON and CSV; unanswered, it is the same batch again."""
    with faults_told(), _books(database) as books:
        from triage.desk.results.handing_over import export_results
        from triage.desk.results.rendering import rendered
        from triage.policy.calendar.workdays import parse_time

        by = Actor("command line", Role.CENTRE, policy)
        try:
            moment = None if since is None else parse_time(since)
        except ValueError as error:
            raise BadInput("results", [Problem(("--since",), str(error))]) from None
        exported = export_results(policy, books, by, since=moment)
        told: dict[str, Any] = {"number": None, "orders": 0, "more": exported.more, "files": []}
        if exported.batch is not None:
            number = exported.batch.number
            files = [rendered(number, form, books, by) for form in ("json", "csv")]
            written = [_written(out, file.name, file.content) for file in files]
            told |= {"number": number, "orders": len(exported.items), "files": written}
        print_json(told)


@results_app.command("receipt")
def results_receipt(
    batch: Annotated[int, typer.Argument(min=1, help="Number of the batch.")],
    file: Annotated[Path, typer.Argument(help="JSON file: number, at, accepted, rejected.")],
    database: DatabaseOption = None,
) -> None:
    """Put down what the district acknowledged of a batch; the same receipt again changes nothing."""
    with faults_told(), _books(database) as books:
        from dataclasses import asdict

        from triage.desk.inputs import bytes_of, decoded, json_object
        from triage.desk.results.given import check_receipt
        from triage.desk.results.receipts import record_receipt

        name = str(file)
        receipt = check_receipt(name, json_object(name, decoded(name, bytes_of(file)), "a receipt"))
        print_json(asdict(record_receipt(batch, receipt, books, Actor("command line", Role.CENTRE))))


def _written(folder: Path, name: str, content: bytes) -> str:
    """The file's path; it is there whole or not at all."""
    beside = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(folder / name)
    except OSError as error:
        raise BadInput("results", [Problem(("--out",), f"{folder} cannot be written: {error.strerror}")]) from None
    finally:
        beside.unlink(missing_ok=True)
    return str(folder / name)


@contextmanager
def _books(database: str | None) -> Iterator[Books]:
    from triage.bootstrap import build

    service = build()
    books = service.books(service.settings.database_url(database))
    try:
        yield books
    finally:
        books.ledger.database.close()
