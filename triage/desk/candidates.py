"""From categories to units: who has the statutory duty, and is it clear?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.domain.decisions import UnitGuess
from triage.policy.pack import Pack

PLAUSIBLE = 0.2
"""A unit is put forward from this probability on …"""

TOGETHER = 0.5
"""… where all that are put forward are together at least as likely right as wrong; else none is, and a person looks."""

CLEAR = 0.5
"""The duty is clear where one unit alone is put forward, with at least this probability."""

MOST = 3

NOTHING = 0.0001
"""What lies below adds nothing; categories come best first, so that the rest is skipped."""


@dataclass(frozen=True)
class Candidates:
    """The units put forward, best first, the assisting ones of the best last."""

    units: tuple[UnitGuess, ...]
    leads: tuple[str, ...]
    duty_clear: bool


def candidates(pack: Pack, categories: Mapping[str, float]) -> Candidates:
    """Units whose duties cover the matter, from the probabilities of its categories, best first.

    A unit's probability is the sum over the categories it leads; where a category has several leads, its boundary is
    unclear and each lead counts in full, so that none of them looks like the only one.
    """
    chances: dict[str, float] = {}
    best_category: dict[str, str] = {}
    for category, chance in categories.items():
        if chance < NOTHING:
            break
        for unit in pack.duties[category].lead if category in pack.duties else ():
            best_category.setdefault(unit, category)
            chances[unit] = chances.get(unit, 0.0) + chance
    leads = sorted((unit for unit in chances if chances[unit] >= PLAUSIBLE), key=lambda unit: -chances[unit])[:MOST]
    if sum(chances[unit] for unit in leads) < TOGETHER:
        return Candidates((), (), False)
    units = [_guess(pack, unit, "lead", chances[unit], best_category[unit]) for unit in leads]
    first = best_category[leads[0]]
    for unit in pack.duties[first].assist:
        if unit not in leads:
            units.append(_guess(pack, unit, "assist", categories[first], first))
    clear = len(leads) == 1 and chances[leads[0]] >= CLEAR
    return Candidates(tuple(units), tuple(leads), clear)


def _guess(pack: Pack, unit: str, role: str, confidence: float, category: str) -> UnitGuess:
    return UnitGuess(unit, pack.units[unit].name, role, min(confidence, 1.0), pack.duties[category].entry)
