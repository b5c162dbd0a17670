"""One part of one unit's score: points, the figures behind them, and the arithmetic in a Chinese sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Counted, Entry, Figure, PartScore, TargetScore, told
from triage.policy.scoring.measures import RATES
from triage.policy.scoring.rates import Rate
from triage.policy.scoring.schema import AnyPart, PlacesPart, RatePart, Target, ThresholdPart, VolumePart
from triage.policy.scoring.words import RATE_WORDS, lacking
from triage.policy.scoring.work import Assessment, UnitWork

Volumes = Mapping[str, Figure]


@dataclass(frozen=True)
class Worked:
    """What a part came to: None with the reason in `because`, where it cannot be worked out."""

    score: Fraction | None
    because: str
    figures: tuple[Figure, ...] = ()
    entries: tuple[Entry, ...] = ()


def part_score(part: AnyPart, points: Fraction | None, worked: Worked) -> PartScore:
    """A part's result under the part's own name."""
    return PartScore(
        part.id, part.clause, part.name, points, worked.score, worked.figures, worked.entries, worked.because
    )


def parameter_value(pack: Pack, name: str) -> Fraction | None:
    """A parameter that is a number, exactly as it is written; None until the town gives it."""
    value = pack.parameters[name].value
    return None if value is None else Fraction(str(value))


def points_of(part: AnyPart, pack: Pack) -> Fraction | None:
    """The points of a part, from the pack or from a parameter; None while that lacks."""
    if isinstance(part, RatePart) and part.points_parameter is not None:
        return parameter_value(pack, part.points_parameter)
    return None if part.points is None else Fraction(part.points)


def rate_part(part: RatePart, work: UnitWork, under: Assessment) -> Worked:
    """Rate x points."""
    of = chosen_rate(part, under.pack)
    if of is None:
        assert part.of_parameter is not None
        return Worked(None, lacking(under.pack, part.of_parameter))
    found = RATES[of.measure](work, of, under)
    points = points_of(part, under.pack)
    if found.value is None:
        return Worked(None, _no_rate(found, under), (found,))
    if points is None:
        assert part.points_parameter is not None
        because = f"{fraction(found, of)}＝{percent(found.value)}；{lacking(under.pack, part.points_parameter)}"
        return Worked(None, because, (found,))
    score = found.value * points
    return Worked(score, f"{fraction(found, of)}×{told(points)}分＝{told(score)}分", (found,))


def threshold_part(part: ThresholdPart, work: UnitWork, under: Assessment) -> Worked:
    """Full points from the threshold on; each point of a per cent below takes some, part of a point in proportion."""
    found = RATES[part.of.measure](work, part.of, under)
    if found.value is None:
        return Worked(None, _no_rate(found, under), (found,))
    begun = f"{fraction(found, part.of)}＝{percent(found.value)}"
    points, below = Fraction(part.points), Fraction(part.full_from) - found.value * 100
    if below <= 0:
        return Worked(points, f"{begun}，达到{part.full_from}%，得满分{told(points)}分", (found,))
    per_point = Fraction(part.per_point)
    score = max(points - below * per_point, Fraction())
    because = f"{begun}，低于{part.full_from}% {told(below)}个百分点，{told(points)}－{told(below)}×{part.per_point}"
    return Worked(score, f"{because}＝{told(score)}分" + ("，扣完为止" if not score else ""), (found,))


def volume_part(part: VolumePart, unit: str, volumes: Volumes) -> Worked:
    """The points by volume, in between by interpolation; where all volumes are the same, each is the largest."""
    if unit not in volumes:
        return Worked(None, "本期没有工单，不参加工单量评分")
    mine, counts = volumes[unit], [one.count for one in volumes.values()]
    low, high, points = min(counts), max(counts), Fraction(part.points)
    if mine.count == high:
        return Worked(points, f"受理{mine.count}件，为各单位最高，得满分{told(points)}分", (mine,))
    least = points * Fraction(part.lowest_share)
    if mine.count == low:
        share = percent(Fraction(part.lowest_share))
        return Worked(least, f"受理{mine.count}件，为各单位最低，得满分的{share}，{told(least)}分", (mine,))
    score = least + Fraction(mine.count - low, high - low) * (points - least)
    shares = f"（{mine.count}－{low}）÷（{high}－{low}）×（{told(points)}－{told(least)}）"
    bounds = f"最高{high}件得{told(points)}分，最低{low}件得{told(least)}分"
    because = f"受理{mine.count}件，{bounds}，{told(least)}＋{shares}＝{told(score)}分"
    return Worked(score, because, (mine,))


def places_part(part: PlacesPart, unit: str, volumes: Volumes) -> Worked:
    """Points for the first places by volume; equal volumes share the better place, and the next one is passed over."""
    if unit not in volumes:
        return Worked(Fraction(), "本期没有工单，不加分")
    mine = volumes[unit]
    place = 1 + sum(other.count > mine.count for other in volumes.values())
    score = Fraction(part.places[place - 1]) if place <= len(part.places) and mine.count else Fraction()
    return Worked(score, f"受理{mine.count}件，排名第{place}位，加{told(score)}分", (mine,))


def target_score(target: Target, work: UnitWork, under: Assessment) -> TargetScore:
    """Whether a rate reaches its target."""
    found = RATES[target.of.measure](work, target.of, under)
    name = target.at_least_parameter
    least = Fraction(target.at_least) if target.at_least is not None else parameter_value(under.pack, name or "")
    reached, because = _reached(found, target.of, least, under, name or "")
    return TargetScore(target.id, target.clause, target.name, found, least, reached, because)


def _reached(
    found: Figure, of: Rate, least: Fraction | None, under: Assessment, parameter: str
) -> tuple[bool | None, str]:
    if found.value is None:
        return None, _no_rate(found, under)
    begun = f"{fraction(found, of)}＝{percent(found.value)}"
    if least is None:
        return None, f"{begun}；{lacking(under.pack, parameter)}"
    reached = found.value * 100 >= least
    return reached, f"{begun}，目标{told(least)}%，{'达到' if reached else '未达到'}"


def fraction(found: Figure, of: Rate) -> str:
    """The rate as a division, in words: 按时办结8件÷应办结10件."""
    hit, base = RATE_WORDS[of.measure]
    if not of.credits:
        return f"{hit}{found.count}件÷{base}{len(found.denominator)}件"
    groups: dict[tuple[str, Fraction], list[Counted]] = {}
    for one in found.numerator:
        groups.setdefault((one.label, one.credit), []).append(one)
    terms = [
        f"{label}{len(ones)}件×{told(credit * 100)}" for (label, credit), ones in sorted(groups.items(), key=_by_credit)
    ]
    return f"（{'＋'.join(terms) or '0'}）÷（{base}{len(found.denominator)}件×100）"


def _by_credit(group: tuple[tuple[str, Fraction], list[Counted]]) -> tuple[Fraction, str]:
    (label, credit), _ = group
    return -credit, label


def percent(value: Fraction) -> str:
    """A share as people read it."""
    return f"{told(value * 100)}%"


def chosen_rate(part: RatePart, pack: Pack) -> Rate | None:
    """The rate of a part; None where it hangs on a parameter that the town has not given."""
    if part.of_parameter is None:
        return part.of
    value = pack.parameters[part.of_parameter].value
    return None if value is None else part.choices[str(value)]


def _no_rate(found: Figure, under: Assessment) -> str:
    if found.missing:
        return "；".join(lacking(under.pack, name) for name in found.missing)
    return f"本期没有{RATE_WORDS[found.measure][1]}的工单，来源文件未写明此时如何计分，不计算"
