"""Where things happen and who calls: the pack's own roads and compounds, invented shops, invented people."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from triage.demo.sayings import words
from triage.policy.pack.pack import Pack

_PREFIXES = ("130", "131", "132", "135", "136", "137", "138", "139")
_DIGITS = "0000"
"""The middle of every invented number: none of these blocks is a subscriber's."""
_FULL_NAME, _NO_NAME = 0.4, 0.08
_INVENTED = 50
"""Compounds beside those of the pack."""
_OF_A_KIND = 4
"""Businesses of each kind on a road."""


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """An invented caller."""

    name: str
    phone: str

    def __repr__(self) -> str:
        return "Person(…)"


class Town:
    """Draws places and people.

    A compound keeps its road, its lane and its manager, a road its businesses; no two people share a number.
    """

    def __init__(self, pack: Pack, rng: Random) -> None:
        inside = pack.territory.inside
        self._rng = rng
        self._roads = {road: self._businesses() for road in inside.roads or words()["roads"]}
        invented = ("".join(rng.choice(part) for part in words()["compounds"]) for _ in range(_INVENTED))
        self._compounds = {name: self._where() for name in (*inside.compounds, *invented)}
        self._sizes = [rng.uniform(0.5, 2) for _ in self._compounds]
        self._phones: set[str] = set()

    def names(self) -> dict[str, str]:
        """The names that hold for one matter: its place, a home there, and a business of each kind nearby."""
        rng = self._rng
        compound, where = rng.choices(list(self._compounds.items()), self._sizes)[0]
        businesses = {kind: rng.choice(known) for kind, known in self._roads[where["road"]].items()}
        return {"compound": compound, **businesses, **where, **self.home()}

    def home(self) -> dict[str, str]:
        """A building and a room."""
        rng = self._rng
        return {"no": str(rng.randrange(1, 48)), "room": f"{rng.randrange(1, 7)}0{rng.randrange(1, 5)}"}

    def person(self) -> Person:
        """Somebody who has not called yet."""
        rng, known = self._rng, words()
        surname, chance = rng.choice(known["surnames"]), rng.random()
        given = known["given"] if chance < _FULL_NAME else known["titles"]
        return Person("" if chance > 1 - _NO_NAME else surname + rng.choice(given), self._phone())

    def _where(self) -> dict[str, str]:
        return {
            "road": self._rng.choice(list(self._roads)),
            "lane": str(self._rng.randrange(11, 980)),
            "manager": self._called("manager"),
        }

    def _businesses(self) -> dict[str, list[str]]:
        return {kind: [self._called(kind) for _ in range(_OF_A_KIND)] for kind in words()["names"]}

    def _called(self, kind: str) -> str:
        return "".join(self._rng.choice(parts) for parts in words()["names"][kind])

    def _phone(self) -> str:
        while True:
            phone = f"{self._rng.choice(_PREFIXES)}{_DIGITS}{self._rng.randrange(10_000):04}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone
