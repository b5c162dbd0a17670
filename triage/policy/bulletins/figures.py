"""Pages of figures and of totals: what the scoring's measures come to for each unit, and who is behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.policy.bulletins.backlog import Backlog
from triage.policy.bulletins.lines import Line, Named
from triage.policy.bulletins.schema import BehindPage, FiguresPage, RankingPage
from triage.policy.bulletins.spans import previous
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Figure, Scoreboard, UnitScore
from triage.policy.scoring.counts import COUNTS
from triage.policy.scoring.measures import RATES, received
from triage.policy.scoring.parts import chosen_rate, parameter_value
from triage.policy.scoring.rates import Rate
from triage.policy.scoring.schema import AnyPart, RatePart, Scoring, TallyPart, Target, ThresholdPart
from triage.policy.scoring.scores import last_units
from triage.policy.scoring.words import COUNT_WORDS, lacking
from triage.policy.scoring.work import Assessment, UnitWork

RECEIVED = "received"
Lines = tuple[tuple[Line, ...], tuple[str, ...]]
"""The lines of a page and its notes."""


def measured(scoring: Scoring) -> dict[str, AnyPart | Target]:
    """Lines of the scoring that have figures of a unit's own orders, by id."""
    found: list[AnyPart | Target] = [*scoring.parts, *scoring.targets]
    return {line.id: line for line in found if _has_figures(line)}


def figures_page(page: FiguresPage, backlog: Backlog) -> Lines:
    """A line a unit; a unit without an order in any of the figures has none."""
    lines, missing = [], dict.fromkeys(_without_rate(page, backlog.pack))
    for unit, work in sorted(backlog.works.items()):
        figures = tuple(named for name in page.figures for named in _figures(name, work, backlog.under))
        missing |= dict.fromkeys(name for named in figures for name in named.figure.missing)
        ids = tuple(sorted({name for named in figures for name in named.figure.order_ids}))
        if ids:
            lines.append(Line(page.clause, unit, name_of(unit, backlog.pack), (), ids, figures=figures))
    return tuple(lines), tuple(lacking(backlog.pack, name) for name in missing)


def ranking_page(page: RankingPage, backlog: Backlog) -> Lines:
    """The best total first; equal totals share the better place, and units without a total come last."""
    board = backlog.board(backlog.under.period)
    units = [unit for unit in board.units if unit.unit in board.last or not page.named_last]
    ordered = sorted(units, key=lambda unit: (unit.total is None, -(unit.total or 0), unit.unit))
    return tuple(_scored(page.clause, unit, board) for unit in ordered), board.notes


def behind_page(page: BehindPage, backlog: Backlog) -> Lines:
    """Units with a large volume, among the last so many for so many periods in a row; the lowest total first."""
    pack, board = backlog.pack, backlog.board(backlog.under.period)
    least, last, in_a_row = (
        parameter_value(pack, name) for name in (page.at_least_parameter, page.last_parameter, page.in_a_row_parameter)
    )
    found = {unit.unit for unit in board.units}
    if least is not None:
        volumes = {unit: received(work, backlog.under).count for unit, work in backlog.works.items()}
        found = {unit for unit in found if volumes.get(unit, 0) >= least}
    if last is not None and in_a_row is not None:
        period = backlog.under.period
        for _ in range(int(in_a_row)):
            if found:  # nobody is left where the backlog does not reach back so far
                found &= set(last_units(backlog.board(period).units, int(last)))
                period = previous(period)
    ordered = sorted(board.units, key=lambda unit: (unit.total is None, unit.total or 0, unit.unit))
    missing = (page.at_least_parameter, page.last_parameter, page.in_a_row_parameter)
    notes = tuple(not_limited(pack, name) for name in missing if pack.parameters[name].value is None)
    return tuple(_scored(page.clause, unit, board) for unit in ordered if unit.unit in found), (*notes, *board.notes)


def name_of(unit: str, pack: Pack) -> str:
    """A unit's name; what is not dispatched has none yet."""
    return pack.units[unit].name if unit in pack.units else unit or "未派单"


def not_limited(pack: Pack, name: str) -> str:
    """That a page lists more than it will once a parameter is given."""
    note = pack.parameters[name].note
    return f"参数 {name} 尚未给定" + (f"（{note}）" if note else "") + "，不据此筛选"


def _scored(clause: str, unit: UnitScore, board: Scoreboard) -> Line:
    total = unit.total
    place = None if total is None else 1 + sum(one.total > total for one in board.units if one.total is not None)
    figures = [figure for part in unit.parts for figure in part.figures] + [one.figure for one in unit.targets]
    ids = tuple(sorted({name for figure in figures for name in figure.order_ids}))
    return Line(clause, unit.unit, unit.name, (), ids, score=unit, place=place)


def _figures(name: str, work: UnitWork, under: Assessment) -> Iterator[Named]:
    if name == RECEIVED:
        yield Named(RECEIVED, "受理量", received(work, under))
        return
    assert under.pack.scoring is not None
    line = measured(under.pack.scoring)[name]
    if isinstance(line, TallyPart):
        for deduction in line.deductions:
            of = deduction.of
            yield Named(of.measure, COUNT_WORDS[of.measure], COUNTS[of.measure](work, of, under))
    elif (rate := _rate(line, under.pack)) is not None:
        found: Callable[[UnitWork, Rate, Assessment], Figure] = RATES[rate.measure]
        yield Named(line.id, line.name, found(work, rate, under))


def _rate(line: AnyPart | Target, pack: Pack) -> Rate | None:
    if isinstance(line, RatePart):
        return chosen_rate(line, pack)
    assert isinstance(line, (ThresholdPart, Target))
    return line.of


def _has_figures(line: AnyPart | Target) -> bool:
    return bool(line.deductions) if isinstance(line, TallyPart) else isinstance(line, (RatePart, ThresholdPart, Target))


def _without_rate(page: FiguresPage, pack: Pack) -> Iterator[str]:
    """Parameters that say which rate is meant, and that have not been given."""
    for name in page.figures:
        line = None if pack.scoring is None else measured(pack.scoring).get(name)
        if isinstance(line, RatePart) and line.of_parameter is not None and _rate(line, pack) is None:
            yield line.of_parameter
