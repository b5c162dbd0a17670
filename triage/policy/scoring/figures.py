"""Figures calculated by hand: files that state orders, what they must come to, and the arithmetic in words.

A file is a list of mappings; docs/scoring.md has the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from triage.policy.calendar.workdays import WorkingTime, parse_time
from triage.policy.events import parse_events
from triage.policy.judging.facts import Case
from triage.policy.judging.past import PastOrder
from triage.policy.pack.load import PackShelf
from triage.policy.pack.pack import Pack
from triage.policy.pack.yamlfile import read_items
from triage.policy.scoring.board import Entry, Figure, PartScore, Scoreboard, UnitScore, rounded
from triage.policy.scoring.period import Period
from triage.policy.scoring.scores import score
from triage.policy.vocabulary import check_facts

_NEEDED = {"name", "policy", "clause", "period", "as_of", "expect", "by_hand"}
_KEYS = _NEEDED | {"orders", "entries", "parameters", "last"}


@dataclass(frozen=True)
class ByHand:
    """One calculation by hand: which clauses it shows, its orders and entries, what they must come to."""

    file: Path
    line: int
    name: str
    policy: str
    clauses: tuple[str, ...]
    period: Period
    as_of: datetime
    orders: tuple[PastOrder, ...]
    entries: tuple[Entry, ...]
    parameters: Mapping[str, Any]
    expect: Mapping[str, Mapping[str, Any]]
    last: tuple[str, ...] | None
    by_hand: str


def read_figures(path: Path) -> list[ByHand]:
    """The calculations of one file; BadInput names the file and the line of every faulty one."""
    return read_items(path, "calculations", partial(_read_one, path))


def work_out(example: ByHand, shelf: PackShelf, working_time: Callable[[Pack], WorkingTime]) -> Scoreboard:
    """What the software makes of the same orders, with the parameters that the calculation gives."""
    pack = with_parameters(shelf.get_or_raise(example.policy), example.parameters)
    return score(pack, example.orders, example.period, example.as_of, working_time(pack), example.entries)


def with_parameters(pack: Pack, given: Mapping[str, Any]) -> Pack:
    """The pack with the parameters that a calculation takes as given."""
    changed = {name: pack.parameters[name].model_copy(update={"value": value}) for name, value in given.items()}
    return replace(pack, parameters={**pack.parameters, **changed})


def differing(example: ByHand, board: Scoreboard) -> Iterator[str]:
    """Where the software comes to something else, among what the calculation names."""
    units = {unit.unit: unit for unit in board.units}
    for name, wanted in example.expect.items():
        if wanted is None or name not in units:
            if (wanted is None) != (name not in units):
                yield f"{name}: expected {wanted}, found {units.get(name)}"
            continue
        for key, value in wanted.items():
            found = _found(units[name], key, value)
            if found != _plain(value):
                yield f"{name}.{key}: expected {value}, found {found}"
    if example.last is not None and example.last != board.last:
        yield f"last: expected {example.last}, found {board.last}"


def _found(unit: UnitScore, key: str, wanted: Any) -> Any:
    if key in ("rank", "among_last"):
        return getattr(unit, key)
    if key == "total":
        return unit.shown
    target = next((one for one in unit.targets if one.id == key), None)
    if target is not None:
        return _details(wanted, target.figure, target.because, reached=target.reached)
    part = unit.part(key)
    return _details(wanted, part.figures[0] if part.figures else None, part.because, part=part)


def _details(
    wanted: Any, figure: Figure | None, because: str, part: PartScore | None = None, reached: bool | None = None
) -> Any:
    """The score (or whether the target is reached) alone, or each detail that is asked for by name."""
    result = part.shown if part is not None else reached
    if not isinstance(wanted, Mapping):
        return result
    known = {
        "score": result,
        "reached": result,
        "rate": None if figure is None or figure.value is None else rounded(figure.value * 100),
        "counted": [] if figure is None else [one.order_id for one in figure.numerator],
        "among": [] if figure is None else list(figure.denominator),
        "because": because,
    }
    return {key: known[key] for key in wanted}


def _plain(value: Any) -> Any:
    """A number as it is written, exactly."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _read_one(path: Path, item: Any, line: int) -> ByHand:
    if not isinstance(item, Mapping) or not set(item) >= _NEEDED or not set(item) <= _KEYS:
        raise ValueError(f"a calculation has {', '.join(sorted(_NEEDED))} and may have the rest of {sorted(_KEYS)}")
    last = item.get("last")
    return ByHand(
        file=path,
        line=line,
        name=str(item["name"]),
        policy=str(item["policy"]),
        clauses=tuple(item["clause"]),
        period=Period.parse(str(item["period"])),
        as_of=parse_time(item["as_of"]),
        orders=tuple(order for raw in item.get("orders") or () for order in read_orders(raw)),
        entries=tuple(read_entry(raw) for raw in item.get("entries") or ()),
        parameters=dict(item.get("parameters") or {}),
        expect=item["expect"],
        last=None if last is None else tuple(last),
        by_hand=str(item["by_hand"]),
    )


def read_orders(raw: Mapping[str, Any]) -> Iterator[PastOrder]:
    """One order, or `copies` of it whose ids end in -1, -2 …"""
    case = Case(
        parse_time(raw["received_at"]),
        check_facts({name: raw[name] for name in ("request_type", "urgency", "complexity") if name in raw}),
        parse_events(raw.get("events") or []),
        check_facts(raw.get("facts") or {}),
    )
    copies = raw.get("copies")
    names = [raw["id"]] if copies is None else [f"{raw['id']}-{number}" for number in range(1, copies + 1)]
    category = None if raw.get("category") is None else str(raw["category"])
    yield from (PastOrder(str(name), case, category) for name in names)


def read_entry(raw: Mapping[str, Any]) -> Entry:
    """One entry by hand."""
    points = None if raw.get("points") is None else Decimal(str(raw["points"]))
    order = None if raw.get("order_id") is None else str(raw["order_id"])
    return Entry(raw["unit"], raw["item"], parse_time(raw["at"]), order, str(raw.get("note", "")), points)
