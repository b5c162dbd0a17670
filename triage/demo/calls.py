"""Who calls when about what: the published mix, callers who call again, and the matters that many have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from triage.demo.rhythm import DAYS, Rhythm
from triage.demo.sayings import Collective, Saying, collectives, lasting, sayings
from triage.demo.town import Person, Town
from triage.domain.errors import BadInput, Problem
from triage.domain.vocabulary import RequestType
from triage.policy.pack.pack import Pack

MIX: Mapping[RequestType, int] = {
    RequestType.COMPLAINT: 1808,
    RequestType.HELP: 758,
    RequestType.CONSULTATION: 77,
    RequestType.SUGGESTION: 37,
    RequestType.OTHER: 1,
}
"""The published mix of Tangqiao's monthly bulletin."""
WHOLE = sum(MIX.values())
BY_APP = 38
"""Of the whole so many came by application; the others by telephone."""
LEAST = 200
"""Fewer orders have no room for all that a month must show."""

_AGAIN = (6, 4, 3, 2, 2, 2)
"""How often callers who call again call, for every three hundred orders or so."""
_ORDERS_FOR_EACH = 300
_STORED_DAYS = (0, 4, 8, 12, 15, 18)


@dataclass(frozen=True)
class Concern:
    """One matter of one caller; `id` is shared by all who have the same."""

    id: str
    saying: Saying
    names: Mapping[str, str]
    caller: Person


@dataclass(frozen=True)
class Call:
    """One call: the `nth` of its caller about the matter, 0 where there is only one.

    `course` is what will happen to the order, where the story needs it.
    """

    at: datetime
    concern: Concern
    request_type: RequestType
    nth: int = 0
    by_app: bool = False
    course: str | None = None


def calls(pack: Pack, rhythm: Rhythm, rng: Random, size: float) -> list[Call]:
    """Every call of the month, the earliest first; `size` 1.0 is the whole published month.

    BadInput where the month would have fewer than LEAST orders or more than ten times the whole.
    """
    mix = mix_of(size)
    planner = _Planner(pack, rhythm, rng)
    told = [*planner.collective(), *planner.stored(), *planner.again(max(1, sum(mix.values()) // _ORDERS_FOR_EACH))]
    single = [
        call
        for kind, count in mix.items()
        for call in planner.single(kind, count - (len(told) if kind is RequestType.COMPLAINT else 0))
    ]
    every = sorted([*told, *single], key=lambda call: call.at)
    return _some_by_app(every, max(1, round(BY_APP * size)), rng)


def mix_of(size: float) -> dict[RequestType, int]:
    """How many orders of each request type a month of this size has; they add up to the whole times `size`.

    >>> sum(mix_of(1.0).values()), mix_of(300 / WHOLE)[RequestType.COMPLAINT]
    (2681, 202)
    """
    if not LEAST <= WHOLE * size <= 10 * WHOLE:
        known = f"{LEAST / WHOLE:.3f} to 10, 1 being {WHOLE} orders"
        raise BadInput("demo", [Problem(("size",), f"{size!r} is not within {known}")])
    exact = {kind: count * size for kind, count in MIX.items()}
    mix = {kind: int(count) for kind, count in exact.items()}
    by_rest = sorted(exact, key=lambda kind: mix[kind] - exact[kind])
    for kind in by_rest[: round(WHOLE * size) - sum(mix.values())]:
        mix[kind] += 1
    return mix


def _some_by_app(every: list[Call], count: int, rng: Random) -> list[Call]:
    chosen = set(rng.sample(range(len(every)), count))
    return [replace(call, by_app=True) if at in chosen else call for at, call in enumerate(every)]


class _Planner:
    """Draws calls of each kind; only matters that the pack has a duty for."""

    def __init__(self, pack: Pack, rhythm: Rhythm, rng: Random) -> None:
        self._rhythm = rhythm
        self._rng = rng
        self._town = Town(pack, rng)
        self._sayings = [saying for saying in sayings() if saying.category in pack.duties]
        self._lasting = [saying for saying in lasting() if saying.category in pack.duties]
        self._collectives = [one for one in collectives() if one.saying.category in pack.duties]
        self._concerns = 0

    def collective(self) -> Iterator[Call]:
        """Matters of many callers, each growing over days."""
        for one in self._collectives:
            names, first = {**self._town.names(), **one.fixed}, self._rng.randint(*one.starts)
            self._concerns += 1
            for day, count in enumerate(one.days):
                last = day == len(one.days) - 1
                moments = sorted(self._rhythm.moment(first + day, one.hours) for _ in range(count))
                for place, at in enumerate(moments):
                    neglected = last and place >= count - one.neglected
                    yield Call(
                        at=at,
                        concern=self._joined(one, names),
                        request_type=RequestType.COMPLAINT,
                        course="neglected" if neglected else None,
                    )

    def stored(self) -> Iterator[Call]:
        """One caller who calls six times about what is found not true each time; the sixth call is put on file."""
        known = [saying for saying in self._lasting if saying.stored]
        if not known:
            return
        concern, last = self._concern(known[0]), len(_STORED_DAYS)
        for nth, day in enumerate(_STORED_DAYS, start=1):
            course = "stored" if nth == last else "not_true"
            yield Call(self._rhythm.moment(day), concern, RequestType.COMPLAINT, nth, course=course)

    def again(self, groups: int) -> Iterator[Call]:
        """Callers who call again about the same matter, some days apart."""
        for times in _AGAIN * groups:
            concern = self._concern(self._drawn(self._lasting, RequestType.COMPLAINT))
            day = self._rng.randrange(DAYS - 4 * times)
            for nth in range(1, times + 1):
                course = "unsatisfied_twice" if nth == times - 1 and times >= 5 else None
                yield Call(self._rhythm.moment(day), concern, RequestType.COMPLAINT, nth, course=course)
                day += self._rng.randint(2, 4)

    def single(self, kind: RequestType, count: int) -> Iterator[Call]:
        """Calls of people who call once."""
        for _ in range(count):
            day = self._rhythm.day()
            yield Call(self._rhythm.moment(day), self._concern(self._drawn(self._sayings, kind, day)), kind)

    def _drawn(self, among: Sequence[Saying], kind: RequestType, day: int | None = None) -> Saying:
        known = [saying for saying in among if kind in saying.weights]
        rains = day == self._rhythm.rain_day
        weights = [saying.weights[kind] * (saying.rain if rains else 1.0) for saying in known]
        return self._rng.choices(known, weights)[0]

    def _concern(self, saying: Saying) -> Concern:
        self._concerns += 1
        return Concern(f"c{self._concerns}", saying, self._town.names(), self._town.person())

    def _joined(self, one: Collective, names: Mapping[str, str]) -> Concern:
        """A further caller's part in a matter that many have: the place is the same, the home is another."""
        own = {**names, **self._town.home(), **one.fixed}
        return Concern(f"c{self._concerns}", one.saying, own, self._town.person())
