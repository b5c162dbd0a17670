"""Bulletins counted by hand: files that state orders, what a bulletin of them must say, and the counting in words.

A file is a list of mappings; docs/bulletins.md has the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from triage.policy.bulletins.bulletin import bulletin
from triage.policy.bulletins.lines import Bulletin, Line
from triage.policy.calendar.workdays import WorkingTime, parse_time
from triage.policy.judging.past import PastOrder
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.yamlfile import read_items
from triage.policy.scoring.board import Entry, rounded
from triage.policy.scoring.figures import read_entry, read_orders, with_parameters

_NEEDED = {"name", "policy", "bulletin", "as_of", "orders", "expect", "by_hand"}
_KEYS = _NEEDED | {"entries", "parameters", "period"}


@dataclass(frozen=True)
class CountedByHand:
    """One bulletin counted by hand; under `expect` stand the pages by title, under each all its lines in order."""

    file: Path
    line: int
    name: str
    policy: str
    bulletin: str
    as_of: datetime
    orders: tuple[PastOrder, ...]
    entries: tuple[Entry, ...]
    parameters: Mapping[str, Any]
    period: str | None
    expect: Mapping[str, Mapping[str, Any]]
    by_hand: str


def read_counted(path: Path) -> list[CountedByHand]:
    """The bulletins of one file; BadInput names the file and the line of every faulty one."""
    return read_items(path, "bulletins", partial(_read_one, path))


def drawn_up(example: CountedByHand, shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]) -> Bulletin:
    """What the software makes of the same orders, with the parameters that the example gives."""
    pack = with_parameters(shelf.get_or_raise(example.policy), example.parameters)
    hours = working_time(pack)
    return bulletin(pack, example.bulletin, example.orders, example.as_of, hours, example.entries)


def otherwise(example: CountedByHand, found: Bulletin) -> Iterator[str]:
    """Where the software says something else on the pages that the example names."""
    if example.period is not None and example.period != str(found.period):
        yield f"period: expected {example.period}, found {found.period}"
    pages = {page.title: page for page in found.pages}
    for title, wanted in example.expect.items():
        if title not in pages:
            yield f"{title}: no such page; there are {', '.join(pages)}"
            continue
        lines = {_name(line): line for line in pages[title].lines}
        if list(wanted) != list(lines):
            yield f"{title}: expected the lines {list(wanted)}, found {list(lines)}"
        for name in [name for name in wanted if name in lines]:
            says = _says(lines[name], wanted[name])
            if says != wanted[name]:
                yield f"{title}, {name}: expected {wanted[name]}, found {says}"


def _name(line: Line) -> str:
    """A line by its key, behind its group where it has one."""
    return f"{line.group} {line.key}".strip()


def _says(line: Line, wanted: Any) -> Any:
    """The count alone, or each detail that is asked for by name."""
    if not isinstance(wanted, Mapping):
        return line.count
    total = None if line.score is None or line.score.shown is None else float(line.score.shown)
    known: dict[str, Any] = {
        "count": line.count,
        "before": line.before,
        "orders": list(line.order_ids),
        "notify": [str(role) for role in line.notify],
        "units": list(line.units),
        "place": line.place,
        "total": total,
    }
    for named in line.figures:
        value = named.figure.value
        known[named.id] = None if value is None else float(rounded(value * 100))
        known[f"{named.id}_count"] = named.figure.count
    return {key: known.get(key, "nothing of the kind") for key in wanted}


def _read_one(path: Path, item: Any, line: int) -> CountedByHand:
    if not isinstance(item, Mapping) or not set(item) >= _NEEDED or not set(item) <= _KEYS:
        raise ValueError(f"a count has {', '.join(sorted(_NEEDED))} and may have the rest of {sorted(_KEYS)}")
    return CountedByHand(
        file=path,
        line=line,
        name=str(item["name"]),
        policy=str(item["policy"]),
        bulletin=str(item["bulletin"]),
        as_of=parse_time(item["as_of"]),
        orders=tuple(order for raw in item["orders"] for order in read_orders(raw)),
        entries=tuple(read_entry(raw) for raw in item.get("entries") or ()),
        parameters=dict(item.get("parameters") or {}),
        period=item.get("period"),
        expect=item["expect"],
        by_hand=str(item["by_hand"]),
    )
