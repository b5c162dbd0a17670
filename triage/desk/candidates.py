"""From categories to units: who has the statutory duty, and is it clear?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.decisions import Matter, UnitGuess
from triage.policy.pack.pack import Pack

PLAUSIBLE = 0.2
"""A unit is put forward from this probability on …"""

TOGETHER = 0.5
"""… where all that are put forward are together at least as likely right as wrong; else none is, and a person looks."""

CLEAR = 0.5
"""The duty is clear where one unit alone is put forward, with at least this probability."""

SHARE = 0.1
"""From this probability on a category beside the best one is no noise: measured, the matter is then nearly as often its
kind as the best one's. A unit that leads such a category of the set, without being plausible, assists."""

MOST = 3

NOTHING = 0.0001
"""What lies below adds nothing; categories come best first, so that the rest is skipped."""


@dataclass(frozen=True)
class Candidates:
    """The units put forward, best first, the assisting ones last. `leads` are those the rules choose among."""

    units: tuple[UnitGuess, ...]
    leads: tuple[str, ...]
    duty_clear: bool


NOBODY = Candidates((), (), False)


def leads_of(pack: Pack, category: str) -> tuple[str, ...]:
    """The units with the duty for a category; none where the pack's list of duties lacks it."""
    return pack.duties[category].lead if category in pack.duties else ()


def candidates(pack: Pack, categories: Mapping[str, float], in_set: Collection[str] = ()) -> Candidates:
    """Units whose duties cover the matter, from the probabilities of its categories, best first.

    A unit's probability is the sum over the categories it leads; where a category has several leads, its boundary is
    unclear and each lead counts in full, so that none of them looks like the only one. `in_set` are the categories
    that together hold the right one: where one unit is clearly ahead, those that lead another of them assist it.
    """
    chances: dict[str, float] = {}
    best_category: dict[str, str] = {}
    for category, chance in categories.items():
        if chance < NOTHING:
            break
        for unit in leads_of(pack, category):
            best_category.setdefault(unit, category)
            chances[unit] = chances.get(unit, 0.0) + chance
    leads = sorted((unit for unit in chances if chances[unit] >= PLAUSIBLE), key=lambda unit: -chances[unit])[:MOST]
    if sum(chances[unit] for unit in leads) < TOGETHER:
        return NOBODY
    units = [_guess(pack, unit, "lead", chances[unit], best_category[unit]) for unit in leads]
    first = best_category[leads[0]]
    units += [_guess(pack, unit, "assist", categories[first], first) for unit in pack.duties[first].assist]
    clear = len(leads) == 1 and chances[leads[0]] >= CLEAR
    if clear:
        units += _of_the_set(pack, categories, in_set)
    return Candidates(_once(units), tuple(leads), clear)


def shared_out(pack: Pack, matters: Sequence[Matter], best: str) -> Candidates:
    """Units for an order with several matters: the one that has the category `best` leads, the other matters' assist.

    The rules choose among all of them: a matter for several units, or partly for none, is no unit's clear duty.
    """
    owned = sorted((one for one in matters if one.units), key=lambda one: one.category.id != best)
    if not owned:
        return NOBODY
    units: list[UnitGuess] = []
    for rank, one in enumerate(owned):
        role = "assist" if rank else "lead"
        units += [_guess(pack, unit, role, one.category.confidence, one.category.id) for unit in one.units]
    leads = tuple(dict.fromkeys(unit.id for unit in units))[:MOST]
    main = owned[0].category
    units += [_guess(pack, unit, "assist", main.confidence, main.id) for unit in pack.duties[main.id].assist]
    return Candidates(_once(units), leads, len(leads) == 1 and len(owned) == len(matters))


def _of_the_set(pack: Pack, categories: Mapping[str, float], in_set: Collection[str]) -> Iterator[UnitGuess]:
    for category in in_set:
        if categories[category] >= SHARE:
            for unit in leads_of(pack, category):
                yield _guess(pack, unit, "assist", categories[category], category)


def _once(units: Sequence[UnitGuess]) -> tuple[UnitGuess, ...]:
    """Each unit in the first of its roles."""
    first: dict[str, UnitGuess] = {}
    for unit in units:
        first.setdefault(unit.id, unit)
    return tuple(first.values())


def _guess(pack: Pack, unit: str, role: str, confidence: float, category: str) -> UnitGuess:
    return UnitGuess(unit, pack.units[unit].name, role, min(confidence, 1.0), pack.duties[category].entry)
