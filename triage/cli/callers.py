"""Commands that take callers out of what is kept."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import app, faults_told, group, print_json, say

caller_app = group("caller", "Callers that are kept, by pseudonym.")


@caller_app.command("erase")
def caller_erase(
    token: Annotated[str, typer.Argument(help="The caller's pseudonym.")],
    why: Annotated[str, typer.Option(help="Why; names and numbers in it are not kept.")],
    database: DatabaseOption = None,
) -> None:
    """Make what a caller said unreadable for good, and the orders a stranger's; redacted text and figures stay."""
    with faults_told():
        from dataclasses import asdict

        from triage.bootstrap import build
        from triage.desk.callers import erase_caller
        from triage.domain.people import Actor
        from triage.domain.vocabulary import Role

        service = build()
        books = service.books(service.settings.database_url(database))
        print_json(asdict(erase_caller(token, why, books, Actor("command line", Role.ADMIN))))
        books.keep()


@app.command()
def retain(
    older_than_months: Annotated[
        int,
        typer.Option(min=1, max=1_200, envvar="TRIAGE_RETENTION_MONTHS", help="Whole months that callers are kept."),
    ],
    database: DatabaseOption = None,
) -> None:
    """Take callers out of orders older than so many months; what was done stays done, and it can be run again."""
    with faults_told():
        from dataclasses import asdict

        from triage.bootstrap import build
        from triage.desk.retention import retain as take_out

        service = build()
        books = service.books(service.settings.database_url(database))
        told = take_out(books, older_than_months, lambda keys, orders: say(f"{keys} keys, {orders} orders"))
        books.follow(service.shelf.ids())
        books.keep()  # so that no older snapshot holds what was taken out
        print_json(asdict(told))
