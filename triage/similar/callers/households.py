"""How many callers stand behind a set of orders, and behind how many doors they live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.similar.callers.tokens import CallerToken


@dataclass(frozen=True, slots=True)
class Entry:
    """One order as far as it says who called: token and household are None where nobody can tell."""

    order_id: str
    caller: CallerToken | None
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Callers:
    """Who stands behind a set of orders.

    `known` counts different tokens, `weak` those of them that rest on less than a whole number; `households` counts the
    doors of the known, a caller without a known door having one alone; `unknown` counts orders, not persons.
    """

    known: int
    households: int
    weak: int
    unknown: int

    @property
    def callers(self) -> int:
        """How many different callers are proven: those known, or one where all are unknown."""
        return self.known or min(self.unknown, 1)

    @property
    def remark(self) -> str:
        """What a leader should know beside the count, in Chinese; empty where there is nothing to add."""
        parts = []
        if self.households < self.known:
            parts.append(f"{self.known}位来电人按住址计为{self.households}户")
        if self.weak:
            parts.append(f"{self.weak}位来电人未留完整号码，可能与他人混同")
        if self.unknown:
            known = f"另有{self.unknown}件来电人不明，未计入人数"
            parts.append(known if self.known else f"{self.unknown}件均来电人不明，合计为1人")
        return "；".join(parts)


def callers_of(entries: Iterable[Entry]) -> Callers:
    """Counts the callers of a set of orders; an order that comes twice under one id counts once.

    Unknown callers add nobody: each may be one of those counted, and a rule that asks for three or ten different
    callers needs that many proven. Where nobody is known there is still one. Several callers behind one door stay
    several callers (a rule asks for callers, not for households), and `households` shows it.

    >>> a, b = CallerToken("c1-a", "phone"), CallerToken("c1-b", "phone")
    >>> found = callers_of([Entry("1", a, "h1-x"), Entry("2", b, "h1-x"), Entry("3", None)])
    >>> found.callers, found.households, found.remark
    (2, 1, '2位来电人按住址计为1户；另有1件来电人不明，未计入人数')
    """
    orders = {entry.order_id: entry for entry in entries}
    unknown = sum(entry.caller is None for entry in orders.values())
    strengths = {entry.caller.value: entry.caller.weak for entry in orders.values() if entry.caller}
    return Callers(len(strengths), _households(orders.values(), strengths), sum(strengths.values()), unknown)


def _households(entries: Iterable[Entry], callers: Iterable[str]) -> int:
    """The groups into which callers fall when those who share a door are put together."""
    above = {caller: caller for caller in callers}

    def top(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for entry in entries:
        if entry.caller and entry.household:
            above.setdefault(entry.household, entry.household)
            above[top(entry.household)] = top(entry.caller.value)
    return len({top(caller) for caller in list(above)})
