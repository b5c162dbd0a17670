"""`triage forecast`: what rises in a file of orders, what the coming days bring, and what to look at beforehand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from triage.desk.tables import read_table
from triage.domain.moments import in_shanghai
from triage.trends.ahead import preparations
from triage.trends.daytypes import IsOff
from triage.trends.forecast import forecast
from triage.trends.rises import rises
from triage.trends.series import DailyCounts, Event, daily_counts


def forecast_file(data: Path, until: date | None, days: int, per_week: float, is_off: IsOff) -> dict[str, Any]:
    """Count the orders of a CSV file a day (column received_at, optionally category and place) and look ahead.

    The last day counted is `until`, the file's last unless given: a day that is not over yet would look low.
    """
    table = read_table(data)
    table.column("received_at")
    moments = table.moments("received_at")
    columns = [table.column_or_blanks(name) for name in ("category", "place")]
    events = [
        Event(in_shanghai(moment).date(), category.strip() or None, place.strip() or None)
        for moment, category, place in zip(moments, *columns, strict=True)
    ]
    last = until or max(event.day for event in events)
    counts = daily_counts([event for event in events if event.day <= last], last)
    return _ahead(counts, last, days, per_week, is_off)


def _ahead(counts: DailyCounts, last: date, days: int, per_week: float, is_off: IsOff) -> dict[str, Any]:
    start = last + timedelta(days=1)
    return {
        "until": last.isoformat(),
        "rises": [_plain(one) for one in rises(counts, last, per_week=per_week, is_off=is_off)],
        "forecast": [_plain(one) for one in forecast(counts, start, days, is_off=is_off)],
        "ahead": [_plain(one) for one in preparations(counts, start)],
    }


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass, with those in it, as JSON can say it."""
    found: dict[str, Any] = asdict(value, dict_factory=_object)
    return found


def _object(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Days in ISO 8601, sets in their order."""
    return {name: _sayable(one) for name, one in fields}


def _sayable(one: Any) -> Any:
    if isinstance(one, date):
        return one.isoformat()
    return sorted(one) if isinstance(one, frozenset) else one
