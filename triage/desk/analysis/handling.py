"""What units owed and what set their orders back, order by order: the rows behind every rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, Role, Satisfaction
from triage.policy.judging.history import known_at
from triage.policy.judging.past import PastOrder
from triage.policy.scoring.board import Figure, PartScore, Scoreboard, TargetScore, UnitScore
from triage.policy.scoring.measures import owed_in_period
from triage.policy.scoring.words import RATE_WORDS
from triage.policy.scoring.work import Assessment, judged_order, units_of, works


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of one unit in a period: so many hits among so many orders, with their ids.

    `credit` is what the hits add up to, since some count in part; `missed` are the orders that did not count in full.
    """

    unit: str
    name: str
    rate: str
    clause: str
    hits: int
    total: int
    credit: float
    at_least: float | None
    missed: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that a unit owed by a time in the period, and whether it was done by then."""

    order_id: str
    unit: str
    obligation: str
    due_at: datetime
    state: str
    clause: str


@dataclass(frozen=True, slots=True)
class Setback:
    """One thing that set an order back while a unit had it, with the reasons that were given (redacted)."""

    order_id: str
    unit: str | None
    kind: str
    at: datetime
    reason: str


SET_BACK = (
    EventKind.RETURN_REQUESTED,
    EventKind.RETURN_REJECTED,
    EventKind.EXTENSION_REQUESTED,
    EventKind.REVIEW_FAILED,
    EventKind.REOPENED,
)


_CHANCES = (ObligationId.RETURN_WINDOW, ObligationId.EXTENSION_WINDOW)
"""Until when a unit may ask for something: it owes nobody that it asks."""


def rates(board: Scoreboard) -> list[Rate]:
    """The rates of a scoreboard: those with a target where the pack sets targets, else those its parts are scored by.

    What has no order in it, or lacks a parameter, is left out.
    """
    return [rate for unit in board.units for rate in _rates_of(unit)]


def _rates_of(unit: UnitScore) -> Iterator[Rate]:
    if unit.targets:
        figures = [(target, target.figure) for target in unit.targets]
        yield from (_rate(unit, target, figure) for target, figure in figures if figure.value is not None)
        return
    for part in unit.parts:
        for figure in part.figures:
            if figure.measure in RATE_WORDS and figure.value is not None:
                yield _rate(unit, part, figure)


def _rate(unit: UnitScore, line: TargetScore | PartScore, figure: Figure) -> Rate:
    full = {one.order_id for one in figure.numerator if one.credit == 1}
    at_least = line.at_least if isinstance(line, TargetScore) else None
    return Rate(
        unit=unit.unit,
        name=unit.name,
        rate=line.name,
        clause=line.clause,
        hits=figure.count,
        total=len(figure.denominator),
        credit=float(sum(one.credit for one in figure.numerator)),
        at_least=None if at_least is None else float(at_least) / 100,
        missed=tuple(order for order in figure.denominator if order not in full),
        because=line.because,
    )


def owed_by_units(orders: Iterable[PastOrder], under: Assessment) -> list[Owed]:
    """What the units owed that fell due in the period, each laid to the unit that led the order then."""
    found = works(judged_order(under, order) for order in orders)
    return [
        Owed(order.id, unit, str(owed.id), owed.due_at, str(owed.state), owed.clause)
        for unit in sorted(found)
        for name in ObligationId
        if name not in _CHANCES
        for order, _, owed in owed_in_period(found[unit].stints(), name, under)
        if owed.actor == Role.UNIT and owed.due_at is not None
    ]


def setbacks(orders: Iterable[PastOrder], as_of: datetime) -> list[Setback]:
    """What set orders back: requests to take one back or for more time, replies sent back, dissatisfied callers; laid
    to the unit that led the order at that time."""
    return [one for order in orders for one in _setbacks_of(order, as_of)]


def _setbacks_of(order: PastOrder, as_of: datetime) -> Iterator[Setback]:
    seen = known_at(order.case.received_at, order.case.events, as_of)
    for place, event in enumerate(seen):
        kind = _set_back(event)
        if kind is not None:
            yield Setback(order.id, units_of(seen[:place])[0], kind, event.at, _reason(event))


def _set_back(event: Event) -> str | None:
    if event.kind in SET_BACK:
        return str(event.kind)
    unsatisfied = event.kind is EventKind.CALLED_BACK and event.get("satisfaction") == Satisfaction.UNSATISFIED
    return "unsatisfied" if unsatisfied else None


def _reason(event: Event) -> str:
    said: Any = event.get("reason") or event.get("reasons") or ""
    return said if isinstance(said, str) else "、".join(map(str, said))
