"""Commands around the ledger: import, demo month, audit, backup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from triage.cli.shell import CHECK_FAILED, PolicyOption, app, faults_told, group, print_json, say

if TYPE_CHECKING:
    from triage.bootstrap import Service
    from triage.desk.orders.books import Books

audit_app = group("audit", "Look after the ledger's hash chain.")

DatabaseOption = Annotated[
    Optional[str], typer.Option("--database", help="sqlite:///PATH or postgresql://USER@HOST/NAME.")
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV file (UTF-8 or GB18030) or XLSX file with past orders.")],
    policy: PolicyOption,
    mapping: Annotated[
        Optional[list[str]], typer.Option("--map", help="column=field, where a header is not recognised.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Take a backlog into the ledger; rejected rows come back beside the file. The same file again changes nothing."""
    with faults_told(), _books(database) as (service, books):
        from triage.desk.backlog.backlog import open_backlog
        from triage.desk.backlog.header import parse_mapping
        from triage.desk.backlog.rejected import write_rejected
        from triage.desk.orders.importing import import_backlog
        from triage.domain.people import Actor
        from triage.domain.vocabulary import Role

        units = {unit.name: unit.id for unit in service.town(policy).pack.units.values()}
        secret = books.vault.digest(b"ids of a backlog").encode()
        backlog = open_backlog(file, policy, units=units, mapping=parse_mapping(mapping or []), secret=secret)
        done = import_backlog(
            backlog,
            books,
            Actor("import", Role.CENTRE, policy),
            lambda now: say(f"read {now.read}, accepted {now.accepted}, rejected {now.rejected}"),
        )
        written = write_rejected(backlog, done.refused)
        print_json({**done.totals(), "rejected_rows": None if written is None else str(written)})


@app.command()
def demo(
    database: DatabaseOption = None,
    policy: Annotated[str, typer.Option(help="Jurisdiction.")] = "tangqiao",
    size: Annotated[float, typer.Option(min=0.075, max=10, help="1 is the published month of 2,681 orders.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Which month.")] = 1,
    start: Annotated[
        Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="First day; 30 days ago unless given.")
    ] = None,
) -> None:
    """Fill a database with a believable month of orders for a sub-district, and replay its events."""
    with faults_told(), _books(database, demo=True) as (_, books):
        from triage.desk.orders.demo import fill

        first = (books.now() - timedelta(days=30)).date() if start is None else start.date()
        print_json(fill(books, policy, first, seed=seed, size=size, say=say))


@audit_app.command("verify")
def audit_verify(database: DatabaseOption = None) -> None:
    """Check the hash chains of the ledger and of the audit log; exit 1 names the first broken link."""
    with faults_told(), _books(database) as (_, books):
        broken = books.ledger.broken_link()
        print_json({"whole": broken is None, "entries": books.ledger.head(), "broken": broken})
        if broken is not None:
            raise typer.Exit(CHECK_FAILED)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write, e.g. ledger.jsonl.gz.")], database: DatabaseOption = None
) -> None:
    """Write the whole ledger into one file; what is sealed stays sealed."""
    with faults_told(), _books(database) as (_, books):
        from triage.records.backup import back_up

        print_json({"rows": back_up(books.ledger.database, file), "file": str(file)})


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `triage backup` wrote.")], database: DatabaseOption = None
) -> None:
    """Put a backup into an empty database of either kind, and check its chains; exit 1 where they do not hold."""
    with faults_told(), _books(database) as (_, books):
        from triage.records.backup import restore as put_back

        rows = put_back(books.ledger.database, file)
        broken = books.ledger.broken_link()
        print_json({"rows": rows, "entries": books.ledger.head(), "broken": broken})
        if broken is not None:
            raise typer.Exit(CHECK_FAILED)


@contextmanager
def _books(database: str | None, *, demo: bool = False) -> Iterator[tuple[Service, Books]]:
    """The books of a database; a demo's secret is made beside it where none is set."""
    from triage.bootstrap import build

    service = build()
    url = service.settings.database_url(database)
    if demo:
        from api.access.secret_file import with_secret

        service = with_secret(service, url)
    books = service.books(url)
    try:
        yield service, books
        books.keep()
    finally:
        books.ledger.database.close()
