"""Scores of a period: every unit's parts, targets, total and rank, each with the orders behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from triage.domain.errors import BadInput, Problem
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry, Figure, PartScore, Scoreboard, UnitScore
from triage.policy.scoring.entries import check_entries
from triage.policy.scoring.measures import received
from triage.policy.scoring.parts import (
    Worked,
    part_score,
    places_part,
    points_of,
    rate_part,
    target_score,
    threshold_part,
    volume_part,
)
from triage.policy.scoring.period import PERIOD_WORDS, Period
from triage.policy.scoring.schema import AnyPart, PlacesPart, Ranking, RatePart, Scoring, ThresholdPart, VolumePart
from triage.policy.scoring.tally import tally_part
from triage.policy.scoring.work import Assessment, UnitWork, judged_order, works

Volumes = Mapping[str, Figure]


def score(
    pack: Pack,
    orders: Iterable[PastOrder],
    period: Period,
    as_of: datetime,
    hours: WorkingTime,
    entries: Iterable[Entry] = (),
) -> Scoreboard:
    """The scoreboard of a period by the pack's scoring; pure, and the same in whatever order the orders come.

    A matter put on file (存电) leaves the satisfaction figure: an order counts as such from the moment one of its own
    events is `stored`; a later call that joins the file carries a `stored` event too.

    >>> from triage.bootstrap import build
    >>> from triage.policy.events import parse_events
    >>> from triage.policy.judging.facts import Case
    >>> from triage.policy.calendar.workdays import parse_time
    >>> town = build().town("nanmatou")
    >>> events = parse_events([
    ...     {"at": "2026-03-02T09:30", "kind": "dispatched", "unit": "urban-squad"},
    ...     {"at": "2026-03-03T09:30", "kind": "replied", "unit": "urban-squad", "outcome": "solved"},
    ...     {"at": "2026-03-04T09:30", "kind": "called_back",
    ...      "contacted": True, "solved": True, "satisfaction": "mostly"}])
    >>> order = PastOrder("1", Case(parse_time("2026-03-02T09:00"), events=events))
    >>> board = score(town.pack, [order], Period.parse("2026-03"), parse_time("2026-04-01T09:00"), town.hours)
    >>> board.unit("urban-squad").shown
    Decimal('94.00')
    >>> board.unit("urban-squad").part("satisfied").because
    '（基本满意1件×80）÷（回访评价1件×100）×30分＝24分'
    """
    under = Assessment(pack, period, as_of, hours)
    return board_of(under, works(judged_order(under, order) for order in by_id(orders)), entries)


def board_of(under: Assessment, judged: Mapping[str, UnitWork], entries: Iterable[Entry] = ()) -> Scoreboard:
    """The scoreboard of orders that are judged and laid to their units already."""
    scoring = under.pack.scoring
    if scoring is None:
        raise BadInput(f"pack {under.pack.id} has no scoring")
    checked = check_entries(under.pack, scoring, entries)
    found = dict(judged)
    for entry in checked:
        found.setdefault(entry.unit, UnitWork(entry.unit))
    drafts = {unit: _Draft(scoring, found[unit], under, checked) for unit in sorted(found)}
    volumes = {unit: received(found[unit], under) for unit, draft in drafts.items() if draft.had_orders()}
    units = [draft.score(volumes) for unit, draft in drafts.items() if unit in volumes or draft.had_entries()]
    return _board(scoring, under, units)


class _Draft:
    """One unit's score while the volumes of the others are not known yet."""

    def __init__(self, scoring: Scoring, work: UnitWork, under: Assessment, entries: Iterable[Entry]) -> None:
        self._scoring, self._work, self._under = scoring, work, under
        mine = [entry for entry in entries if entry.unit == work.unit]
        self._parts = [part for part in scoring.parts if under.period.kind in part.periods]
        self._worked = {part.id: own for part in self._parts if (own := _own(part, work, under, mine)) is not None}
        self._targets = tuple(target_score(target, work, under) for target in scoring.targets)

    def had_orders(self) -> bool:
        """Whether any order of the unit enters any figure of the period."""
        figures = [figure for worked in self._worked.values() for figure in worked.figures]
        figures += [target.figure for target in self._targets] + [received(self._work, self._under)]
        return any(figure.denominator for figure in figures)

    def had_entries(self) -> bool:
        return any(worked.entries for worked in self._worked.values())

    def score(self, volumes: Volumes) -> UnitScore:
        """The whole of it, now that every unit's volume is known."""
        unit, pack = self._work.unit, self._under.pack
        parts = tuple(
            part_score(part, points_of(part, pack), self._worked.get(part.id) or _by_volume(part, unit, volumes))
            for part in self._parts
        )
        name = pack.units[unit].name if unit in pack.units else unit
        total, notes = _total(self._scoring, parts, self._under)
        return UnitScore(unit, name, total, parts, self._targets, notes)


def _own(part: AnyPart, work: UnitWork, under: Assessment, entries: list[Entry]) -> Worked | None:
    """What a part comes to where the unit's own orders suffice; None where it hangs on the others' volume."""
    if isinstance(part, (VolumePart, PlacesPart)):
        return None
    if isinstance(part, RatePart):
        return rate_part(part, work, under)
    if isinstance(part, ThresholdPart):
        return threshold_part(part, work, under)
    return tally_part(part, work, under, entries)


def _by_volume(part: AnyPart, unit: str, volumes: Volumes) -> Worked:
    if isinstance(part, PlacesPart):
        return places_part(part, unit, volumes)
    assert isinstance(part, VolumePart)
    return volume_part(part, unit, volumes)


def _total(
    scoring: Scoring, parts: tuple[PartScore, ...], under: Assessment
) -> tuple[Fraction | None, tuple[str, ...]]:
    """The sum of the parts; None with the reasons where one is lacking or belongs to another period."""
    lacking = tuple(f"{part.name}：{part.because}" for part in parts if part.score is None)
    if lacking:
        return None, lacking
    left_out = _left_out(scoring, under)
    if left_out:
        return None, (left_out,)
    return sum((part.score for part in parts if part.score is not None), Fraction()), ()


def _left_out(scoring: Scoring, under: Assessment) -> str:
    """Why there is no total for this kind of period, for any unit; empty where there is one."""
    base = [part for part in scoring.parts if part.points is not None or isinstance(part, RatePart)]
    if not base:
        return "来源文件没有给出分值，不计总分"
    other = [part.name for part in base if under.period.kind not in part.periods]
    word = PERIOD_WORDS[under.period.kind]
    return f"{'、'.join(other)}不按{word}评价，来源文件未写明如何折合为{word}得分，不计总分" if other else ""


def _board(scoring: Scoring, under: Assessment, units: list[UnitScore]) -> Scoreboard:
    ranking = scoring.ranking
    last: tuple[str, ...] = ()
    notes = [left_out] if (left_out := _left_out(scoring, under)) else []
    if ranking is not None and under.period.kind in ranking.periods:
        units = [replace(unit, rank=_rank(unit, units)) for unit in units]
        unranked = [unit.name for unit in units if unit.rank is None]
        if unranked:
            notes.append(f"{'、'.join(unranked)}没有总分，不参加排名（{ranking.clause}）")
        last = _last(ranking, under, units)
    units = [replace(unit, among_last=unit.unit in last) for unit in units]
    return Scoreboard(under.pack.id, under.pack.version, under.period, under.as_of, tuple(units), last, tuple(notes))


def _rank(unit: UnitScore, units: list[UnitScore]) -> int | None:
    """Equal totals share the better place."""
    if unit.total is None:
        return None
    return 1 + sum(other.total > unit.total for other in units if other.total is not None)


def _last(ranking: Ranking, under: Assessment, units: list[UnitScore]) -> tuple[str, ...]:
    if ranking.last is None or under.period.kind != ranking.last_in:
        return ()
    return last_units(units, ranking.last)


def last_units(units: Iterable[UnitScore], count: int) -> tuple[str, ...]:
    """The last so many, worst first; units level with the last one named are named too, since the source cuts none."""
    ranked = sorted((unit.total, unit.unit) for unit in units if unit.total is not None)
    if not ranked:
        return ()
    bound = ranked[min(count, len(ranked)) - 1][0]
    return tuple(unit for total, unit in ranked if total <= bound)


def by_id(orders: Iterable[PastOrder]) -> list[PastOrder]:
    """Orders by id; BadInput names those that are there twice."""
    found = sorted(orders, key=lambda order: order.id)
    twice = sorted({one.id for one, other in pairwise(found) if one.id == other.id})
    if twice:
        raise BadInput("orders", [Problem((name,), "order is there twice") for name in twice])
    return found
