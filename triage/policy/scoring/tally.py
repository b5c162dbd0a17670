"""Tallies: points added and taken away one by one, for orders that were counted and for what people entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from triage.policy.scoring.board import Entry, Figure, told
from triage.policy.scoring.counts import COUNTS
from triage.policy.scoring.parts import Worked, parameter_value
from triage.policy.scoring.schema import Deduction, Item, TallyPart
from triage.policy.scoring.words import COUNT_WORDS, lacking
from triage.policy.scoring.work import Assessment, UnitWork


@dataclass(frozen=True)
class _Line:
    """One line of a tally: the change it makes; None where its points are not known."""

    change: Fraction | None
    words: str


def tally_part(part: TallyPart, work: UnitWork, under: Assessment, entries: Iterable[Entry]) -> Worked:
    """The sum of a tally within its bounds."""
    mine = [one for one in entries if under.period.holds(one.at) and one.at <= under.as_of]
    excuses = [one for one in entries if one.item in part.excused_by and one.at <= under.as_of]
    figures = tuple(_excused(COUNTS[one.of.measure](work, one.of, under), excuses) for one in part.deductions)
    lines = [_counted(one, figure, under) for one, figure in zip(part.deductions, figures, strict=True)]
    for item in part.items:
        lines += [_entered(item, one, under) for one in mine if one.item == item.id]
    used = tuple(one for one in mine if one.item in {item.id for item in part.items})
    return _total(part, [line for line in lines if line], figures, (*used, *excuses))


def _total(part: TallyPart, lines: list[_Line], figures: tuple[Figure, ...], used: tuple[Entry, ...]) -> Worked:
    points = Fraction(part.points) if part.points is not None else None
    begin = points if part.starts == "full" and points is not None else Fraction()
    words = "，".join(line.words for line in lines)
    changes = [line.change for line in lines]
    if None in changes:
        return Worked(None, words, figures, used)
    score = begin + sum((change for change in changes if change is not None), Fraction())
    if not lines:
        none = "没有应扣分的工单和登记，得满分" if part.starts == "full" else "没有登记加分、扣分，计"
        return Worked(score, f"{none}{told(score)}分", figures, used)
    sums = told(begin) if part.starts == "full" else ""
    sums += "".join(f"{'＋' if change >= 0 else '－'}{told(abs(change))}" for change in changes if change is not None)
    low, high = _bounds(part, points)
    bounded = score if low is None or high is None else min(max(score, low), high)
    limit = "" if bounded == score else "，扣完为止" if bounded == 0 else f"，以{told(bounded)}分为限"
    return Worked(bounded, f"{words}，{sums.removeprefix('＋')}＝{told(score)}分{limit}", figures, used)


def _bounds(part: TallyPart, points: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    if points is None:
        return None, None
    return (Fraction() if part.starts == "full" else -points), points


def _excused(figure: Figure, excuses: Iterable[Entry]) -> Figure:
    """Without the orders that a person excused: the rule does not hold for them."""
    gone = {one.order_id for one in excuses}
    return replace(
        figure,
        numerator=tuple(one for one in figure.numerator if one.order_id not in gone),
        denominator=tuple(name for name in figure.denominator if name not in gone),
    )


def _counted(deduction: Deduction, figure: Figure, under: Assessment) -> _Line | None:
    name = COUNT_WORDS[deduction.of.measure]
    if figure.missing and figure.denominator:
        return _Line(None, f"{name}：" + "；".join(lacking(under.pack, one) for one in figure.missing))
    if not figure.count:
        return None
    if deduction.takes is not None:
        each: Fraction | None = Fraction(deduction.takes)
    else:
        each = parameter_value(under.pack, deduction.takes_parameter or "")
    if each is None:
        return _Line(None, f"{name}{figure.count}件：{lacking(under.pack, deduction.takes_parameter or '')}")
    return _Line(-each * figure.count, f"{name}{figure.count}件、每件扣{told(each)}分")


def _entered(item: Item, entry: Entry, under: Assessment) -> _Line:
    parameter = item.adds_parameter or item.takes_parameter
    if parameter is not None:
        given = parameter_value(under.pack, parameter)
        if given is None:
            return _Line(None, f"{item.name}：{lacking(under.pack, parameter)}")
        each = given
    else:
        each = Fraction(item.adds or item.takes or entry.points or 0)
    adds = item.takes is None and item.takes_parameter is None
    return _Line(each if adds else -each, f"{item.name}{'加' if adds else '扣'}{told(each)}分")
