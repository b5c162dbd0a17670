"""The command that serves."""

from __future__ import annotations

from typing import Annotated

import typer

from triage.cli.shell import app, faults_told


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="Open demo, on a loopback address only.")] = False,
) -> None:
    """Serve the API and the page at /. For now an open demo: it listens on loopback addresses only."""
    with faults_told():
        from api.server import run

        run(host, port, on_ready=lambda url: print(f"ready: {url}", flush=True))
