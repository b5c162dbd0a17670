"""Replay: what a changed pack would have decided on past orders, as a diff with counts and examples.

Pure: two packs and an order in, what differs out. `Tally` adds up many orders and can be added to another, so that
parts of a backlog may be replayed side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.domain.decisions import Obligation
from triage.policy.admission import refused_events
from triage.policy.cases import ReadCase
from triage.policy.judge import Judgement, judge
from triage.policy.pack import Pack
from triage.policy.workdays import WorkingTime


@dataclass(frozen=True, slots=True)
class Side:
    """A pack with the office hours of its jurisdiction."""

    pack: Pack
    hours: WorkingTime

    def judge(self, order: ReadCase) -> Judgement:
        return judge(self.pack, order.under(self.pack), order.as_of, self.hours)

    def refused(self, order: ReadCase) -> set[str]:
        """`3 nanmatou:rules/8.3`: the position of each event that would have been refused, with the clause."""
        found = refused_events(self.pack, order.under(self.pack), order.as_of, self.hours)
        return {f"{place} {reason.clause}" for place, reasons in found.items() for reason in reasons}


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
        for change in changes:
            self.counts[change.what] += 1
            self._keep(change.what, {"id": order_id, "before": change.before, "after": change.after})

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
    found = [*_dispatch(old, new), *_obligations(old, new), *_alerts(old, new), *_closing(old, new)]
    if refusals:
        found += _set("refused", before.refused(order), after.refused(order))
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
        if one.due_at != other.due_at:
            yield Change(f"obligations.{name}.due_at", _time(one.due_at), _time(other.due_at))
        if one.state is not other.state:
            yield Change(f"obligations.{name}.state {one.state} -> {other.state}", str(one.state), str(other.state))


def _alerts(old: Judgement, new: Judgement) -> Iterator[Change]:
    was, is_now = ({f"{one.kind} {one.clause}" for one in side.alerts} for side in (old, new))
    yield from _set("alerts", was, is_now)
    told = {(one.kind, one.clause, one.level): set(one.notify) for one in old.alerts}
    for alert in new.alerts:
        before = told.get((alert.kind, alert.clause, alert.level))
        if before is not None and before != set(alert.notify):
            yield Change(f"alerts.{alert.kind} {alert.clause} notify", sorted(before), sorted(alert.notify))


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
