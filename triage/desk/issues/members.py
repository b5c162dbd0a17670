"""Which orders are in which issue at a moment, and how they stood then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from triage.desk.orders.books import Books
from triage.desk.orders.projection import case_of, status_of
from triage.desk.orders.wording import storable
from triage.domain.errors import NotFound, Problem
from triage.domain.people import Actor
from triage.domain.vocabulary import EventKind
from triage.policy.judging.history import known_at
from triage.policy.judging.judge import judge
from triage.records.issues import (
    Member,
    changed_after,
    collective_members,
    members_by_id,
    members_of,
    policies_with_orders,
    policy_of_issue,
    received_between,
)
from triage.records.ledger import entries_of_all
from triage.records.orders import orders_by_id


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that is asked about; `past` where it is over, so that what came since must not be seen."""

    moment: datetime
    past: bool


Members = Mapping[str, list[Member]]
"""The orders of issues, by the id of the issue."""


def collective(
    connection: Connection, books: Books, policy: str | None, since: datetime, as_of: AsOf, min_callers: int
) -> Members:
    """The issues that had an order since then and have so many different callers, as they were then.

    Of what came after that moment nothing is seen: no order, no merger or split, no call-back.
    """
    if not as_of.past:
        return _by_issue(collective_members(connection, policy, since, as_of.moment, min_callers))
    lately = received_between(connection, policy, since, as_of.moment)
    found = _as_they_were(connection, books, lately, as_of.moment, min_callers)
    return {issue: members for issue, members in found.items() if callers(members) >= min_callers}


def one_issue(connection: Connection, books: Books, issue: str, by: Actor, as_of: AsOf) -> tuple[str, list[Member]]:
    """An issue as it was at a moment, or the one that had taken it in; NotFound where there was none for this actor."""
    policy, now = find_issue(connection, books, issue, by)
    members = [member for member in members_of(connection, now) if member.received_at <= as_of.moment]
    if members and not as_of.past:
        return now, members
    then = _as_they_were(connection, books, {member.id: policy for member in members}, as_of.moment, 1)
    found = issue if issue in then else now
    if found not in then:
        raise _no_such_issue()
    return found, then[found]


def find_issue(connection: Connection, books: Books, issue: str, by: Actor) -> tuple[str, str]:
    """The policy of an issue and the id by which it goes now; NotFound where it is not this actor's."""
    issue = storable(issue)
    policy = policy_of_issue(connection, issue)
    if policy is not None and by.is_of(policy):
        return policy, issue
    asked = policies_with_orders(connection) if by.policy is None else [by.policy]
    for one in asked if policy is None else ():
        linking = books.linking(one)
        linking.follow(connection)
        found = linking.issue_id(issue)
        if found is not None:
            return one, found
    raise _no_such_issue()


def callers(members: Collection[Member]) -> int:
    """How many callers are proven: different tokens, or one where all are unknown."""
    return len({member.caller for member in members} - {None}) or min(len(members), 1)


def with_status(connection: Connection, books: Books, members: Iterable[Member], as_of: AsOf) -> list[Member]:
    """The same orders with the status that each had at a moment."""
    found = list(members)
    if not as_of.past:
        return found
    later = changed_after(connection, [member.id for member in found], as_of.moment)
    orders, entries = orders_by_id(connection, later), entries_of_all(connection, later)
    statuses = {}
    for name, order in orders.items():
        town = books.town(order.policy, order.received_at)
        statuses[name] = status_of(judge(town.pack, case_of(order, entries[name]), as_of.moment, town.hours).facts)
    return [replace(member, status=statuses.get(member.id, member.status)) for member in found]


def _as_they_were(
    connection: Connection, books: Books, policies: Mapping[str, str], as_of: datetime, least: int
) -> dict[str, list[Member]]:
    """The issues of at least so many orders that these were in as of a moment, with their orders as of then."""
    groups: dict[str, list[str]] = {}
    for policy in sorted(set(policies.values())):
        linking = books.linking(policy)
        linking.follow(connection)
        asked = [name for name, of in policies.items() if of == policy]
        groups |= linking.issues_at(asked, as_of)
    groups = {issue: names for issue, names in groups.items() if len(names) >= least}
    known = members_by_id(connection, {name for names in groups.values() for name in names})
    answers = _answers_at(connection, [one for one in known.values() if one.satisfaction], as_of)
    return {
        issue: [replace(known[name], issue=issue, satisfaction=answers.get(name)) for name in names if name in known]
        for issue, names in groups.items()
    }


def _answers_at(connection: Connection, members: Collection[Member], as_of: datetime) -> dict[str, str]:
    """How satisfied callers had said they were by a moment; only of orders that have an answer now."""
    found = {member.id: str(member.satisfaction) for member in members}
    later = changed_after(connection, found, as_of)
    entries = entries_of_all(connection, later)
    for name, order in orders_by_id(connection, later).items():
        seen = known_at(order.received_at, case_of(order, entries[name]).events, as_of)
        said = [event.get("satisfaction") for event in seen if event.kind is EventKind.CALLED_BACK]
        del found[name]
        if said and said[-1] is not None:
            found[name] = str(said[-1])
    return found


def _by_issue(members: Iterable[Member]) -> Members:
    found: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        found[member.issue].append(member)
    return dict(found)


def _no_such_issue() -> NotFound:
    return NotFound("issue", [Problem(("id",), "there is no such issue")])
