"""The command that serves."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import app, faults_told, say


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    database: DatabaseOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer, one a processor.")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Open demo, on a loopback address only.")] = False,
) -> None:
    """Serve the API and the console. On an address that others can reach only with TRIAGE_SECRET and a key."""
    with faults_told():
        from api.server import Serving, run

        run(Serving(host, port, lambda url: print(f"ready: {url}", flush=True), say, database, demo, workers))
