"""Whether one condition always holds where another does: tried on every combination of the facts they ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from triage.policy.conditions import Activation, Condition
from triage.policy.vocabulary import FACTS, FactValue

MOST = 20_000
"""Combinations that are tried; conditions that ask more are not compared."""

_NUMBER = re.compile(r"\d+")
_LIST_SIZES = (0, 1, 2, 3)


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whether `wide` holds in every case in which `narrow` does; False where that cannot be found out by trying.

    >>> implies(Condition("return_count >= 2"), Condition("return_count >= 1"))
    True
    >>> implies(Condition("return_count >= 1"), Condition("return_count >= 2"))
    False
    """
    if wide.source == "true":
        return True
    if not set(wide.names) <= set(narrow.names):  # a fact that the narrow one does not ask can always be otherwise
        return False
    values = [tuple(_values(name, narrow.source + wide.source)) for name in narrow.names]
    combinations = 1
    for one in values:
        combinations *= len(one)
    if combinations > MOST:
        return False
    defaults = {name: fact.default for name, fact in FACTS.items()}
    met = False
    for chosen in product(*values):
        activation = Activation({**defaults, **dict(zip(narrow.names, chosen, strict=True))})
        if narrow.holds(activation):
            met = True
            if not wide.holds(activation):
                return False
    return met


def _values(name: str, sources: str) -> Iterator[FactValue]:
    """The values of a fact that could make a difference to a condition."""
    fact = FACTS[name]
    match fact.type:
        case "flag":
            yield from (False, True)
        case "count":
            numbers = {int(found) for found in _NUMBER.findall(sources)}
            yield from sorted(
                {0} | {near for number in numbers for near in (number - 1, number, number + 1) if near >= 0}
            )
        case "texts":
            yield from (tuple((fact.values or ("a", "b", "c"))[:size]) for size in _LIST_SIZES)
            yield from ((value,) for value in fact.values)
        case _:
            yield from fact.values or ("", "a")
