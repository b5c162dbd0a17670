"""Entries by hand, checked against what the pack lets people enter; every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triage.domain.errors import BadInput, Problem
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry
from triage.policy.scoring.schema import Item, Scoring


def check_entries(pack: Pack, scoring: Scoring, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, by unit, time and item; BadInput names every fault with its position."""
    given = tuple(entries)
    problems = [
        Problem(("entries", index), fault) for index, one in enumerate(given) for fault in _faults(pack, scoring, one)
    ]
    if problems:
        raise BadInput("entries", problems)
    return tuple(
        sorted(given, key=lambda one: (one.unit, one.at, one.item, one.order_id or "", one.note, one.points or 0))
    )


def _faults(pack: Pack, scoring: Scoring, entry: Entry) -> Iterator[str]:
    if entry.unit not in pack.units:
        yield f"no unit {entry.unit[:80]!r} in pack {pack.id}"
    items, excuses = scoring.items(), {excuse.id for excuse in scoring.excuses}
    if entry.item in excuses:
        if entry.order_id is None:
            yield f"excuse {entry.item!r} needs the order_id of the order it excuses"
        if entry.points is not None:
            yield f"excuse {entry.item!r} takes no points"
    elif entry.item not in items:
        known = ", ".join(sorted({*items, *excuses})) or "none"
        yield f"no item {entry.item[:80]!r} in pack {pack.id}; known are {known}"
    else:
        yield from _points_faults(items[entry.item], entry)


def _points_faults(item: Item, entry: Entry) -> Iterator[str]:
    if item.adds_between is None:
        if entry.points is not None:
            yield f"the points of item {item.id!r} are the pack's and are not entered"
        return
    low, high = item.adds_between
    if entry.points is None or not low <= entry.points <= high:
        yield f"item {item.id!r} needs points from {low} to {high}, not {entry.points}"
