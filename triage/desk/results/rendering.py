"""A batch as a file of one of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.desk.orders.books import Books
from triage.desk.results.files import csv_file, json_file
from triage.desk.results.handing_over import show_batch
from triage.domain.people import Actor


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file with its name."""

    name: str
    content: bytes


def rendered(number: int, form: str, books: Books, by: Actor) -> BatchFile:
    """A batch as `json` or `csv`, put into the audit log; NotFound where it is none of this actor's."""
    batch, items = show_batch(number, books, by)

    def unit_name(told: Mapping[str, Any]) -> str:
        """As the unit was called when the order came; its id where the pack knows it no more."""
        units = books.town(batch.policy, datetime.fromisoformat(told["received_at"])).pack.units
        return units[told["unit"]].name if told["unit"] in units else str(told["unit"] or "")

    content = json_file(batch, items) if form == "json" else csv_file(items, unit_name)
    return BatchFile(f"results-{batch.policy}-{number}.{form}", content)
