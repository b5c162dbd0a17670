"""A policy pack ready for use: one jurisdiction's principles, units and duties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from triage.domain.clauses import Clause
from triage.policy.bulletins.schema import BulletinPart
from triage.policy.pack.rules import (
    AlertRule,
    Approval,
    Clock,
    ClosingRule,
    DispatchRule,
    Escalation,
    Refusal,
    Reminder,
)
from triage.policy.pack.schema import (
    Duty,
    Leader,
    OfficeHoursPart,
    Override,
    Parameter,
    Source,
    TerritoryPart,
    Unit,
)
from triage.policy.scoring.schema import Scoring


@dataclass(frozen=True)
class Pack:
    """What `load.py` makes of a pack file: adopted clauses joined in, everything checked and compiled."""

    id: str
    name: str
    version: str
    valid_from: date | None
    kind: str
    source: Source
    office_hours: OfficeHoursPart
    parameters: Mapping[str, Parameter]
    leaders: Mapping[str, Leader]
    units: Mapping[str, Unit]
    duties: Mapping[str, Duty]
    territory: TerritoryPart
    words: tuple[str, ...]
    clauses: Mapping[str, Clause]
    overrides: tuple[Override, ...]
    dispatch: tuple[DispatchRule, ...]
    clocks: tuple[Clock, ...]
    alerts: tuple[AlertRule, ...]
    escalations: tuple[Escalation, ...]
    reminders: tuple[Reminder, ...]
    refusals: tuple[Refusal, ...]
    approvals: tuple[Approval, ...]
    closing: tuple[ClosingRule, ...]
    scoring: Scoring | None
    bulletins: tuple[BulletinPart, ...]

    def share_leader(self, unit_ids: tuple[str, ...]) -> bool:
        """Whether one deputy leader is over all of these units; one unit alone always has one leader.

        A unit this pack does not know has an unknown leader, so that several with such a one share none.
        """
        if len(unit_ids) < 2:
            return bool(unit_ids)
        leaders = {self.units[unit].leader if unit in self.units else None for unit in unit_ids}
        return len(leaders) == 1 and None not in leaders
