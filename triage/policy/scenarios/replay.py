"""Replay: what a changed pack would have decided on past orders, as a diff with counts and examples.

Pure: two packs and an order in, what differs out. `Tally` adds up many orders and can be added to another, so that
parts of a backlog may be replayed side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.domain.decisions import Obligation
from triage.domain.vocabulary import Role
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.judging.admission import refused_events
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.pack import Pack
from triage.policy.scenarios.cases import ReadCase

Roles = tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A pack with the office hours of its jurisdiction."""

    pack: Pack
    hours: WorkingTime

    def judge(self, order: ReadCase) -> Judgement:
        return judge(self.pack, order.under(self.pack), order.as_of, self.hours)

    def refused(self, order: ReadCase) -> set[tuple[int, str]]:
        """The position of each event that would have been refused, with the clause."""
        found = refused_events(self.pack, order.under(self.pack), order.as_of, self.hours)
        return {(place, reason.clause) for place, reasons in found.items() for reason in reasons}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have been otherwise; `what` names it alike for all orders."""

    what: str
    before: Any
    after: Any


@dataclass
class Tally:
    """Counts of changes over many orders, with the first few orders of each as examples."""

    most_examples: int = 3
    orders: int = 0
    changed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, order_id: str, changes: list[Change]) -> None:
        """Count one order."""
        self.orders += 1
        self.changed += bool(changes)
        first: dict[str, Change] = {}
        for change in changes:  # an order counts once, however often it shows the same
            first.setdefault(change.what, change)
        for what, change in first.items():
            self.counts[what] += 1
            self._keep(what, {"id": order_id, "before": change.before, "after": change.after})

    def join(self, later: Tally) -> None:
        """Add the counts of a part that came after this one."""
        self.orders += later.orders
        self.changed += later.changed
        self.counts.update(later.counts)
        for what, examples in later.examples.items():
            for example in examples:
                self._keep(what, example)

    def _keep(self, what: str, example: dict[str, Any]) -> None:
        kept = self.examples.setdefault(what, [])
        if len(kept) < self.most_examples:
            kept.append(example)

    def report(self) -> dict[str, Any]:
        """What changed, the most frequent first; JSON."""
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return {
            "orders": self.orders,
            "changed": self.changed,
            "changes": [{"what": what, "orders": count, "examples": self.examples[what]} for what, count in ordered],
        }


def changes(before: Side, after: Side, order: ReadCase, *, refusals: bool = False) -> list[Change]:
    """What the pack `after` says otherwise of one order; `refusals` compares each of its events too, which costs
    a judgement an event that can be refused."""
    old, new = before.judge(order), after.judge(order)
    found = [*_dispatch(old, new), *_obligations(old, new), *_alerts(old, new), *_awaits(old, new), *_closing(old, new)]
    if refusals:
        found += _refusals(order, before.refused(order), after.refused(order))
    return found


def _dispatch(old: Judgement, new: Judgement) -> Iterator[Change]:
    for name in ("mode", "decider", "clause"):
        was, is_now = str(getattr(old.dispatch, name)), str(getattr(new.dispatch, name))
        if was != is_now:
            yield Change(f"dispatch.{name} {was} -> {is_now}", was, is_now)


def _obligations(old: Judgement, new: Judgement) -> Iterator[Change]:
    was, is_now = {one.id: one for one in old.obligations}, {one.id: one for one in new.obligations}
    for name in dict.fromkeys((*was, *is_now)):
        one, other = was.get(name), is_now.get(name)
        if one is None or other is None:
            yield Change(f"obligations.{name} {'gone' if other is None else 'new'}", _owed(one), _owed(other))
            continue
        for part in ("clause", "actor"):
            had, has = str(getattr(one, part)), str(getattr(other, part))
            if had != has:
                yield Change(f"obligations.{name}.{part} {had} -> {has}", had, has)
        if one.due_at != other.due_at:
            yield Change(f"obligations.{name}.due_at", _time(one.due_at), _time(other.due_at))
        if one.state is not other.state:
            yield Change(f"obligations.{name}.state {one.state} -> {other.state}", str(one.state), str(other.state))


def _alerts(old: Judgement, new: Judgement) -> Iterator[Change]:
    yield from _told("alerts", "notify", _alerted(old), _alerted(new))


def _alerted(side: Judgement) -> dict[str, Roles]:
    return {" ".join(filter(None, (one.kind, one.level, one.clause))): one.notify for one in side.alerts}


def _awaits(old: Judgement, new: Judgement) -> Iterator[Change]:
    """Who answers a request; who names the unit is told under dispatch."""
    yield from _told("awaits", "by", _asked(old), _asked(new))


def _asked(side: Judgement) -> dict[str, Roles]:
    return {one.what: one.by for one in side.awaits if one.what != "dispatch"}


def _told(name: str, whom: str, was: Mapping[str, Roles], is_now: Mapping[str, Roles]) -> Iterator[Change]:
    yield from _set(name, set(was), set(is_now))
    for one in was:
        if one in is_now and set(was[one]) != set(is_now[one]):
            yield Change(f"{name}.{one} {whom}", sorted(was[one]), sorted(is_now[one]))


def _refusals(order: ReadCase, was: set[tuple[int, str]], is_now: set[tuple[int, str]]) -> Iterator[Change]:
    """Named by the event's kind; an example tells its position."""
    kinds = [event.kind for event in order.case.events]
    for place, clause in sorted(was - is_now):
        yield Change(f"refused - {kinds[place]} {clause}", place, None)
    for place, clause in sorted(is_now - was):
        yield Change(f"refused + {kinds[place]} {clause}", None, place)


def _closing(old: Judgement, new: Judgement) -> Iterator[Change]:
    yield from _set("why_not", {why.clause for why in old.why_not}, {why.clause for why in new.why_not})
    if old.may_close != new.may_close:
        yield Change("may_close", old.may_close, new.may_close)


def _set(name: str, old: set[str], new: set[str]) -> Iterator[Change]:
    for one in sorted(old - new):
        yield Change(f"{name} - {one}", one, None)
    for one in sorted(new - old):
        yield Change(f"{name} + {one}", None, one)


def _owed(one: Obligation | None) -> str | None:
    return None if one is None else f"{one.state}, {_time(one.due_at)}"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
