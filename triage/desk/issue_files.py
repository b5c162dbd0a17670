"""`triage issues`: a file of messages to issues, through the linker that takes orders one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.desk.tables import Table, read_table
from triage.domain.errors import BadInput, Problem
from triage.language.clean import clean
from triage.language.places import PlaceFinder
from triage.similar.heat import Call, Heat, heat
from triage.similar.linker import Entry, Linker
from triage.similar.naming.summary import summary_of
from triage.similar.naming.timeline import timeline_of
from triage.similar.naming.title import title_of
from triage.similar.naming.told import Told

Say = Callable[[str], None]
Likely = Callable[[Sequence[tuple[str, str]]], Sequence[tuple[tuple[str, float], ...]]]
_AT_ONCE = 500


@dataclass(frozen=True)
class Grouped:
    """The rows of a file as orders, in the order of the file, and the issue of each."""

    entries: tuple[Entry, ...]
    issues: tuple[str, ...]

    def groups(self) -> dict[str, list[Entry]]:
        """The orders of each issue, in the order of the file."""
        found: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry, issue in zip(self.entries, self.issues, strict=True):
            found[issue].append(entry)
        return dict(found)

    def rows(self) -> list[tuple[str, str]]:
        """Id and issue of each row, in the order of the file."""
        return [(entry.order_id, issue) for entry, issue in zip(self.entries, self.issues, strict=True)]

    def totals(self) -> dict[str, int]:
        """How many rows and issues there are, and how many of them are of several orders."""
        sizes = [len(entries) for entries in self.groups().values()]
        several = [size for size in sizes if size > 1]
        return {"rows": len(self.entries), "issues": len(sizes), "of_several": len(several), "largest": max(sizes)}


def group_file(data: Path, linker: Linker, likely: Likely, say: Say) -> Grouped:
    """Group the messages of a CSV file: columns id, title or text or both, optionally received_at, caller and place.

    `likely` gives the likeliest categories of titles with texts.

    They are taken in by when they were received, equals by id; without that column in the order of the file. A blank
    time is that of the row before. BadInput names every row whose time is none.
    """
    table = read_table(data)
    entries = _entries(table)
    arrived = sorted(range(len(entries)), key=lambda row: (entries[row].received_at, entries[row].order_id))
    stream = arrived if "received_at" in table.columns else range(len(entries))
    for done, _ in enumerate(linker.group(_categorised([entries[row] for row in stream], likely)), start=1):
        if done % _AT_ONCE == 0 or done == len(entries):
            say(f"{done} of {len(entries)} rows")
    issues = linker.grouping.issues
    ids = (issues.ids[issues.issue_of(issues.number(entry.order_id))] for entry in entries)
    return Grouped(tuple(entries), tuple(ids))


def details_of(grouped: Grouped, places: PlaceFinder) -> list[dict[str, Any]]:
    """Every issue of two orders or more, hottest first as of the latest order: name, summary, time line, heat."""
    as_of = max(entry.received_at for entry in grouped.entries)
    found = [_detail(issue, entries, as_of, places) for issue, entries in grouped.groups().items() if len(entries) > 1]
    return sorted(found, key=lambda one: (-one["heat"]["score"], -one["orders"], one["id"]))


def _detail(issue: str, entries: Sequence[Entry], as_of: datetime, places: PlaceFinder) -> dict[str, Any]:
    told = [
        Told(one.order_id, one.received_at, clean(one.title).text, clean(one.text).text, one.caller) for one in entries
    ]
    hot: Heat = heat([Call(one.received_at, one.caller) for one in entries], as_of)
    title, summary = title_of(told, places), summary_of(told)
    callers = {one.caller for one in entries} - {None}
    return {
        "id": issue,
        "title": title.text,
        "place": title.place,
        "object": title.object,
        "matters": title.matters,
        "summary": summary.text,
        "orders": len(entries),
        "callers": len(callers) or 1,
        "heat": asdict(hot),
        "timeline": [{"at": moment.at.isoformat(), "text": moment.text} for moment in timeline_of(told)],
        "order_ids": [one.order_id for one in entries],
    }


def _categorised(entries: Sequence[Entry], likely: Likely) -> Iterator[Entry]:
    for start in range(0, len(entries), _AT_ONCE):
        chunk = entries[start : start + _AT_ONCE]
        for entry, categories in zip(chunk, likely([(one.title, one.text) for one in chunk]), strict=True):
            yield replace(entry, categories=categories)


def _entries(table: Table) -> list[Entry]:
    if not {"title", "text"} & set(table.columns):
        known = ", ".join(table.columns)
        raise BadInput(str(table.path), [Problem((), f"needs a column title or text; its columns are {known}")])
    columns = [table.column_or_blanks(name) for name in ("title", "text", "caller", "place")]
    rows = zip(table.column("id"), table.moments("received_at"), *columns, strict=True)
    return [
        Entry(order_id, moment, title, text, caller=caller.strip() or None, place=place)
        for order_id, moment, title, text, caller, place in rows
    ]
