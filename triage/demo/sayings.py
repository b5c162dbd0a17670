"""The grammar: sentences with gaps, read from the YAML files beside this module and filled at random."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import yaml

GAP = re.compile(r"\{(\w+)\}")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Saying:
    """What people say about one kind of matter: its category, how often as which request type, and the sentences.

    `says` are titles with what is said; `rain` is how many times as often it comes on the day of rain; `site` whether
    there is something to look at; `stored` whether it is put on file in the end.
    """

    category: str
    says: tuple[tuple[str, str], ...]
    detail: tuple[str, ...]
    want: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    rain: float = 1.0
    site: bool = False
    stored: bool = False


@dataclass(frozen=True)
class Collective:
    """A matter that many call about: orders of each day from its first, names that hold for all of them.

    `starts` are the first and the last day of the month, from 0, on which it may begin; `hours` when people call;
    `neglected` how many orders of its last day are left undone after an unsatisfied call-back.
    """

    saying: Saying
    starts: tuple[int, int]
    days: tuple[int, ...]
    neglected: int
    fixed: Mapping[str, str]
    hours: str


def filled(template: str, names: Mapping[str, str], rng: Random) -> str:
    """A template with every gap filled: by a name of the matter, or by one of the shared phrases.

    >>> filled("{road}路灯不亮", {"road": "丰收街"}, Random(1))
    '丰收街路灯不亮'
    """
    shared = words()["shared"]

    def fill(gap: re.Match[str]) -> str:
        name = gap[1]
        return names[name] if name in names else filled(rng.choice(shared[name]), names, rng)

    return GAP.sub(fill, template)


@cache
def words() -> Mapping[str, Any]:
    """Names and phrases that all matters share."""
    known: Mapping[str, Any] = _read("words.yaml")
    return known


@cache
def sayings() -> tuple[Saying, ...]:
    """The matters that people call about once."""
    return tuple(_saying(entry) for entry in _read("matters.yaml"))


@cache
def lasting() -> tuple[Saying, ...]:
    """The matters that one caller calls about again, each about one and the same thing."""
    return tuple(_saying(entry) for entry in _read("lasting.yaml"))


@cache
def collectives() -> tuple[Collective, ...]:
    """The matters that many callers have."""
    return tuple(
        Collective(
            saying=_saying(entry),
            starts=(entry["starts"][0], entry["starts"][1]),
            days=tuple(entry["days"]),
            neglected=entry["neglected"],
            fixed=entry["fixed"],
            hours=entry["hours"],
        )
        for entry in _read("collective.yaml")
    )


def _saying(entry: Mapping[str, Any]) -> Saying:
    return Saying(
        category=entry["category"],
        says=tuple((title, what) for title, what in entry["says"]),
        detail=tuple(entry["detail"]),
        want=tuple(entry.get("want", ())),
        weights=entry.get("weights", _NOTHING),
        rain=entry.get("rain", 1.0),
        site=entry.get("site", False),
        stored=entry.get("stored", False),
    )


def _read(name: str) -> Any:
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
