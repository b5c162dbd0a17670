"""One order on its way: what has happened to it, and what the pack says of the next step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from triage.demo.happenings import NewOrder
from triage.domain.moments import in_shanghai
from triage.domain.vocabulary import EventKind, Role
from triage.policy.calendar.workdays import WorkingTime
from triage.policy.events import parse_events
from triage.policy.judging.admission import refusals
from triage.policy.judging.awaiting import approval_of
from triage.policy.judging.facts import Case
from triage.policy.judging.judge import Judgement, judge
from triage.policy.pack.pack import Pack
from triage.policy.vocabulary import check_facts

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Office:
    """Where orders are handled: the pack, and when its offices are open."""

    pack: Pack
    hours: WorkingTime


class Docket:
    """Writes down the events of one order, each at a plausible time after the last and only where the pack allows it.

    `at` is the time now, `unit` who has the order (None: the hotline itself), `raw` what was written down. Facts are
    those stated with the order; the rest is supposed as its sentences mean it.
    """

    def __init__(self, office: Office, rng: Random, order: NewOrder) -> None:
        self.office = office
        self.rng = rng
        self.at = order.at
        self.duty = office.pack.duties[order.category]
        self.unit: str | None = self.duty.lead[0]
        self.raw: list[dict[str, Any]] = []
        self._order_id = order.order_id
        self._case = Case(
            received_at=order.at,
            derived={
                "request_type": order.body["order"]["request_type"],
                "territory": "inside",
                "candidate_units": self.duty.lead,
                "duty_clear": len(self.duty.lead) == 1,
            },
            stated=check_facts(order.body.get("facts", {})),
        )

    def later(self, low: int, high: int) -> None:
        """Some minutes pass on the clock."""
        self.at += self.rng.randint(low, high) * _MINUTE

    def worked(self, low: float, high: float) -> None:
        """Some office hours pass; what is over at closing time is over then."""
        hours = self.rng.uniform(low, high)
        end = self.office.hours.add_office_hours(self.at, hours).at
        self.at = max(self.at + _MINUTE, in_shanghai(end).replace(second=0, microsecond=0))

    @property
    def is_office_time(self) -> bool:
        return self.office.hours.is_office_time(self.at)

    def judged(self) -> Judgement:
        """What the pack says of the order now."""
        return judge(self.office.pack, self._case, self.at, self.office.hours)

    def write(self, kind: EventKind, **fields: Any) -> str:
        """Write down that something happens now; the event's id."""
        raw = self._raw(kind, fields)
        self.raw.append(raw)
        self._case = replace(self._case, events=(*self._case.events, *parse_events([raw])))
        return str(raw["id"])

    def write_if_allowed(self, kind: EventKind, **fields: Any) -> bool:
        """Write it down unless the pack refuses it; whether it was."""
        event = parse_events([self._raw(kind, fields)])[0]
        if refusals(self.office.pack, self._case, event, self.office.hours):
            return False
        self.write(kind, **fields)
        return True

    def who_answers(self, asked: str) -> Role:
        """Who answers a return or an extension, as things stand; the centre where the pack names nobody."""
        approval = approval_of(self.office.pack, self.judged().activation, asked)
        return Role.CENTRE if approval is None else approval.by[0]

    def someone_else(self) -> str:
        """A unit that the matter might be thought to belong to instead: one with a part in it, else a neighbour."""
        pack = self.office.pack
        leader = pack.units[self.duty.lead[0]].leader
        near = [unit.id for unit in pack.units.values() if unit.leader == leader]
        return next(unit for unit in (*self.duty.lead, *self.duty.assist, *near, *pack.units) if unit != self.unit)

    def _raw(self, kind: EventKind, fields: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.raw) + 1
        told = {name: value for name, value in fields.items() if value is not None}
        raw = {"id": f"{self._order_id}-{number:02}", "at": self.at.isoformat(), "kind": kind, **told}
        plain: dict[str, Any] = json.loads(json.dumps(raw))  # words of the closed lists become texts
        return plain
