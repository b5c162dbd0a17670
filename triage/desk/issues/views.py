"""What is shown of an issue: its heat with the formula's parts, its name, its time line, where its orders stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.issues.members import AsOf, callers, with_status
from triage.desk.issues.names import Names
from triage.desk.orders.books import Books
from triage.domain.moments import start_of_day
from triage.domain.vocabulary import Satisfaction
from triage.records.issues import Member, StandingAlert, standing_alerts
from triage.similar.counts import start_of_week
from triage.similar.heat import Call, Heat, heat
from triage.similar.naming.timeline import Moment, timeline_of
from triage.similar.naming.told import Told


@dataclass(frozen=True)
class IssueSummary:
    """An issue at a moment: counts, heat with its parts, title, summary and time line, and where its orders stand.

    `callers` are those proven: different pseudonyms, or one where all are unknown. `today` is the calendar day of the
    moment, `week` the seven times 24 hours before it. `first` and `last` are ids of orders. Nothing personal is in it.
    """

    id: str
    policy: str
    as_of: datetime
    title: str
    place: str
    object: str
    matters: Sequence[str]
    summary: str
    timeline: Sequence[Moment]
    heat: Heat
    orders: int
    callers: int
    today: int
    week: int
    callers_week: int
    first: str
    first_at: datetime
    last: str
    last_at: datetime
    statuses: Mapping[str, int]
    unsatisfied: int
    alerts: Sequence[StandingAlert]


def heat_of(members: Sequence[Member], as_of: datetime) -> Heat:
    """How hot an issue of these orders is."""
    bad = Satisfaction.UNSATISFIED
    return heat([Call(one.received_at, one.caller, one.satisfaction == bad) for one in members], as_of)


def summary_at(
    connection: Connection,
    books: Books,
    names: Names,
    issue: str,
    members: Sequence[Member],
    hot: Heat,
    as_of: AsOf,
) -> IssueSummary:
    """An issue of these orders, all received by a moment, and so hot then, as it stood then."""
    moment = as_of.moment
    members = sorted(with_status(connection, books, members, as_of), key=lambda one: (one.received_at, one.id))
    first, last = members[0], members[-1]
    week = [one for one in members if one.received_at >= start_of_week(moment)]
    name = names.name(connection, books, members)
    return IssueSummary(
        id=issue,
        policy=first.policy,
        as_of=moment,
        title=name.title,
        place=name.place,
        object=name.object,
        matters=name.matters,
        summary=name.summary,
        timeline=timeline_of([Told(one.id, one.received_at, "", "", one.caller) for one in members]),
        heat=hot,
        orders=len(members),
        callers=callers(members),
        today=sum(one.received_at >= start_of_day(moment) for one in members),
        week=len(week),
        callers_week=callers(week),
        first=first.id,
        first_at=first.received_at,
        last=last.id,
        last_at=last.received_at,
        statuses=dict(sorted(Counter(one.status for one in members).items())),
        unsatisfied=sum(one.satisfaction == Satisfaction.UNSATISFIED for one in members),
        alerts=standing_alerts(connection, [one.id for one in members], moment),
    )
