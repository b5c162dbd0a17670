"""A made-up sub-district whose people complain: the same matter in different words, and different matters at one place.

What is said stands in `matters.yaml`; every sentence, place, name and number is invented.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

START = datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=8)))

_SIZES = {1: 7, 2: 4, 3: 3, 4: 2, 5: 2, 6: 1, 7: 1}
"""How many orders a matter brings, and how often that is: most bring one or two."""

_NEAR = 0.5
"""How often the matter that looks alike is complained about at the same place too."""

_HOURS = (7, 22)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "建华 秀英 志强 小梅 国平 丽娟 海燕 文斌".split()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens; `kind` is compound, road, plaza or eatery, `also` are other ways to write its name."""

    name: str
    kind: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saying:
    """One way to say a matter, with {place} for the place; many orders have no title."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter, the kinds of places that it happens at, and the id of one that looks alike and is another."""

    id: str
    thing: str
    at: tuple[str, ...]
    said: tuple[Saying, ...]
    near: str = ""


@dataclass(frozen=True, slots=True)
class TownOrder:
    """An order as it comes down; `place` and `matter` say what it is truly about."""

    order_id: str
    received_at: datetime
    title: str
    text: str
    address: str
    caller: str
    phone: str
    place: str
    matter: str


INVENTED = (
    Place("锦澜庭小区", "compound", ("锦澜庭",)),
    Place("柏庐雅苑", "compound", ("柏庐雅苑小区",)),
    Place("栗园新村", "compound"),
    Place("棠溪名邸", "compound", ("棠溪名邸小区",)),
    Place("禾悦家园", "compound"),
    Place("樟溪路", "road"),
    Place("望潮支路", "road"),
    Place("万棠广场", "plaza", ("万棠商业广场",)),
    Place("汇禾生活中心", "plaza", ("汇禾中心",)),
    Place("老灶坊烧烤店", "eatery", ("老灶坊", "老灶坊烧烤")),
    Place("蜀巷小炒", "eatery", ("蜀巷小炒店",)),
    Place("阿毛面馆", "eatery"),
)
"""Places that no pack knows."""

KNOWN = (
    Place("临沂二村", "compound", ("临沂二村小区",)),
    Place("东三小区", "compound"),
    Place("鹏欣家园", "compound"),
    Place("金谊河畔", "compound", ("金谊河畔小区",)),
    Place("兰陵路", "road"),
    Place("浦三路", "road"),
    Place("上海数字产业园", "plaza"),
)
"""Places that the pack of Nanmatou knows."""

PLACES = INVENTED + KNOWN


@cache
def all_matters() -> tuple[Matter, ...]:
    """The corpus, as `matters.yaml` has it.

    >>> len(all_matters()), all_matters()[0].thing
    (60, '搅拌站')
    """
    rows = yaml.load((Path(__file__).parent / "matters.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return tuple(_matter(row) for row in rows)


def _matter(row: dict[str, Any]) -> Matter:
    said = tuple(Saying(**one) for one in row["said"])
    return Matter(row["id"], row["thing"], tuple(row["at"]), said, row.get("near", ""))


def orders(
    seed: int,
    places: Sequence[Place],
    matters: Sequence[Matter],
    *,
    subjects: int = 40,
    start: datetime = START,
    days: int = 14,
    lasts: int = 5,
) -> list[TownOrder]:
    """The orders about so many `subjects` (a matter at a place), in the order of time; the same seed gives the same.

    Each subject begins within `days` days and brings one to seven orders within `lasts` days, each of another caller in
    other words. Callers come back with other matters. A subject too many for places and matters is left out.

    >>> stream = orders(1, PLACES, all_matters(), subjects=3)
    >>> len({(order.place, order.matter) for order in stream})
    3
    """
    rng = random.Random(seed)
    people = list(_people(max(20, 2 * subjects)))
    uses: Counter[Saying] = Counter()
    found: list[TownOrder] = []
    for place, matter in _subjects(rng, places, matters, subjects):
        said, first = _sayings(rng, matter, uses), start + timedelta(days=rng.randrange(days))
        for saying, person in zip(said, rng.sample(people, len(said)), strict=True):
            day = first + timedelta(days=rng.randrange(lasts))
            found.append(_order(rng, place, matter.id, saying, person, day))
    found.sort(key=lambda order: order.received_at)
    return [replace(order, order_id=f"T{number:05}") for number, order in enumerate(found, 1)]


def _subjects(
    rng: random.Random, places: Sequence[Place], matters: Sequence[Matter], count: int
) -> list[tuple[Place, Matter]]:
    fitting = [(place, matter) for place in places for matter in matters if place.kind in matter.at]
    known = {matter.id: matter for matter in matters}
    rng.shuffle(fitting)
    chosen: dict[tuple[Place, Matter], None] = {}
    for place, matter in fitting:
        chosen[place, matter] = None
        near = known.get(matter.near)
        if near and place.kind in near.at and rng.random() < _NEAR:
            chosen[place, near] = None
        if len(chosen) >= count:
            break
    return list(chosen)[:count]


def _sayings(rng: random.Random, matter: Matter, uses: Counter[Saying]) -> list[Saying]:
    """One to seven, first what was said least, so that few sentences come again at another place."""
    [size] = rng.choices(list(_SIZES), list(_SIZES.values()))
    said = sorted(rng.sample(matter.said, len(matter.said)), key=lambda saying: uses[saying])[:size]
    uses.update(said)
    return said


def _order(
    rng: random.Random, place: Place, matter: str, saying: Saying, person: tuple[str, str], day: datetime
) -> TownOrder:
    name, (caller, phone) = rng.choice((place.name, *place.also)), person
    return TownOrder(
        order_id="",  # numbered when all are in the order of time
        received_at=day + timedelta(minutes=rng.randrange(60 * _HOURS[0], 60 * _HOURS[1])),
        title=saying.title.format(place=name),
        text=saying.text.format(place=name),
        address=_address(rng, place),
        caller=caller,
        phone=phone,
        place=place.name,
        matter=matter,
    )


def _address(rng: random.Random, place: Place) -> str:
    """Half of the orders have none; a compound's may name the building."""
    house = f"{rng.randint(1, 40)}号" if place.kind == "compound" else ""
    return rng.choice(("", place.name + house))


def _people(count: int) -> Iterator[tuple[str, str]]:
    for number in range(count):
        surname, given = _SURNAMES[number % len(_SURNAMES)], _GIVEN[number // len(_SURNAMES) % len(_GIVEN)]
        yield surname + given, f"1390001{number:04}"
