"""Commands over files of messages: the same matter again, and what comes next."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from triage.cli.shell import DataOption, app, faults_told, print_json, say


@app.command()
def issues(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="CSV file to write: id, issue_id.")],
    details: Annotated[Optional[Path], typer.Option(help="JSON file to write: every issue, hottest first.")] = None,
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction whose places are known.")] = None,
) -> None:
    """Group messages into issues: the same matter at the same place. A row that stands alone is an issue of its own."""
    with faults_told():
        from triage.bootstrap import build
        from triage.desk.issue_files import details_of, group_file
        from triage.desk.tables import write_table, write_text

        service = build()
        places = service.places(policy)
        grouped = group_file(data, service.new_linker(places), service.likely_categories, say)
        write_table(out, ["id", "issue_id"], grouped.rows())
        if details is not None:
            write_text(details, json.dumps(details_of(grouped, places), ensure_ascii=False, indent=1))
        print_json(grouped.totals() | {"out": str(out)})


@app.command()
def forecast(
    data: DataOption,
    until: Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="Last whole day.")] = None,
    days: Annotated[int, typer.Option(min=1, max=28, help="How many days ahead.")] = 7,
    per_week: Annotated[float, typer.Option(min=0.01, max=100, help="False alarms a week that are put up with.")] = 1.0,
) -> None:
    """What rises suddenly, how many orders the coming days bring, and what to look at beforehand."""
    with faults_told():
        from triage.bootstrap import build
        from triage.desk.trend_files import forecast_file

        last = None if until is None else until.date()
        print_json(forecast_file(data, last, days, per_week, build().is_day_off))
