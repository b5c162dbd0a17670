"""The orders that a bulletin looks at, each judged once: those that stand in its period, and those that came in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from triage.domain.vocabulary import EventKind
from triage.policy.conditions import Activation, Condition
from triage.policy.judging.past import PastOrder
from triage.policy.pack.pack import Pack
from triage.policy.scoring.board import Entry, Scoreboard
from triage.policy.scoring.period import Period
from triage.policy.scoring.scores import board_of, by_id
from triage.policy.scoring.work import Assessment, Judged, UnitWork, judged_order, works


@dataclass(frozen=True, eq=False)
class Filed:
    """A judged order with its category, ready for further conditions."""

    order: Judged
    category: str
    activation: Activation

    @property
    def id(self) -> str:
        return self.order.id

    @property
    def lead(self) -> str:
        """The unit that leads it, empty while it is not dispatched."""
        return self.order.lead or ""

    @property
    def units(self) -> tuple[str, ...]:
        """All units that have to do with it; before it is dispatched, those put forward."""
        if self.order.lead is not None:
            return (self.order.lead, *self.order.assist)
        put_forward = self.order.facts["candidate_units"]
        assert isinstance(put_forward, tuple)
        return put_forward


class Backlog:
    """A backlog as of one time; whatever the order it was handed in, its orders come by id."""

    def __init__(self, under: Assessment, orders: Iterable[PastOrder], entries: Iterable[Entry]) -> None:
        self.under = under
        self._entries = tuple(entries)
        self._filed = tuple(_filed(under, order) for order in by_id(orders))

    @property
    def pack(self) -> Pack:
        return self.under.pack

    @cached_property
    def works(self) -> dict[str, UnitWork]:
        """The orders laid to their units."""
        return works(filed.order for filed in self._filed)

    def standing(self, pick: Condition) -> list[Filed]:
        """Orders that stood at some time of the period and that the condition holds of, as of now."""
        period = self.under.period
        return [one for one in self._filed if _stands_in(one.order, period) and pick.holds(one.activation)]

    def received(self, period: Period, pick: Condition) -> list[Filed]:
        """Orders that came in a period and that the condition holds of, as of now."""
        came = (one for one in self._filed if one.order.received_at and period.holds(one.order.received_at))
        return [one for one in came if pick.holds(one.activation)]

    def board(self, period: Period) -> Scoreboard:
        """The scores of a period, from the same judgements."""
        under = Assessment(self.pack, period, self.under.as_of, self.under.hours)
        return board_of(under, self.works, self._entries)


def _filed(under: Assessment, order: PastOrder) -> Filed:
    judged = judged_order(under, order)
    return Filed(judged, order.category or "", Activation(judged.facts))


def _stands_in(order: Judged, period: Period) -> bool:
    """Whether it had come before the period ended and was not closed all through it."""
    if not order.seen or order.seen[0].at >= period.end:
        return False
    closed = False
    for event in order.seen:
        if event.at < period.end and event.kind is EventKind.REOPENED:
            closed = False
        elif event.at < period.start and event.kind is EventKind.CLOSED:
            closed = True
    return not closed
