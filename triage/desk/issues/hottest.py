"""The list of issues, hottest first, and one issue with its orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.desk.issues.members import AsOf, collective, one_issue
from triage.desk.issues.names import Names
from triage.desk.issues.views import IssueSummary, heat_of, summary_at
from triage.desk.orders.books import Books
from triage.desk.orders.wording import storable
from triage.domain.people import Actor
from triage.records.issues import Member, words_of
from triage.similar.heat import BEFORE, WEEK

LOOKED_BACK = (BEFORE + 1) * WEEK
"""Heat looks at so many weeks; an issue silent for longer is only listed where an earlier `since` is asked."""

MOST_SHOWN = 500


@dataclass(frozen=True)
class Place:
    """Where a page ended: the heat and the id of its last issue, and as of when the list is."""

    as_of: datetime
    score: float
    issue: str


@dataclass(frozen=True)
class IssueOrder:
    """One order of an issue: redacted title, time, the caller's pseudonym, where it stands."""

    id: str
    received_at: datetime
    title: str
    caller: str | None
    status: str
    satisfaction: str | None


@dataclass(frozen=True)
class IssueView:
    """An issue with its latest orders, the latest first; `more` where it has others besides."""

    issue: IssueSummary
    orders: Sequence[IssueOrder]
    more: bool


def hottest(
    books: Books,
    names: Names,
    *,
    policy: str | None,
    since: datetime | None,
    as_of: datetime | None,
    min_callers: int,
    after: Place | None,
    limit: int,
) -> tuple[list[IssueSummary], Place | None]:
    """One page of the issues that had an order since then, hottest first, and where the next page begins.

    As of now unless `as_of` is given, and as of the first page's moment on all that follow; `since` is as long ago as
    heat looks back unless given.
    """
    asked = _asked(after.as_of if after else as_of, books)
    moment = asked.moment
    with books.ledger.database.reading() as connection:
        found = collective(
            connection, books, policy and storable(policy), since or moment - LOOKED_BACK, asked, min_callers
        )
        heats = {issue: heat_of(members, moment) for issue, members in found.items()}
        ranked = sorted((-hot.score, issue) for issue, hot in heats.items())
        if after is not None:
            ranked = [one for one in ranked if one > (-after.score, after.issue)]
        page = ranked[:limit]
        shown = [summary_at(connection, books, names, issue, found[issue], heats[issue], asked) for _, issue in page]
    return shown, Place(moment, -page[-1][0], page[-1][1]) if len(ranked) > limit else None


def show_issue(issue: str, books: Books, names: Names, by: Actor, as_of: datetime | None) -> IssueView:
    """One issue, or the one that took it in; NotFound where there is none for this actor."""
    asked = _asked(as_of, books)
    with books.ledger.database.reading() as connection:
        found, members = one_issue(connection, books, issue, by, asked)
        summary = summary_at(connection, books, names, found, members, heat_of(members, asked.moment), asked)
        latest = sorted(members, key=lambda one: (one.received_at, one.id), reverse=True)[:MOST_SHOWN]
        words = words_of(connection, [one.id for one in latest])
    return IssueView(summary, [_order(one, words[one.id][0]) for one in latest], len(members) > len(latest))


def _asked(as_of: datetime | None, books: Books) -> AsOf:
    now = books.now()
    return AsOf(as_of or now, past=as_of is not None and as_of < now)


def _order(one: Member, title: str) -> IssueOrder:
    return IssueOrder(one.id, one.received_at, title, one.caller, one.status, one.satisfaction)
