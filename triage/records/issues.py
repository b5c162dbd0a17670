"""What is asked of issues: which orders are in them, in which words, and which alerts stand on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, func, select

from triage.domain.vocabulary import AlertKind
from triage.records.tables import ALERTS, ENTRIES, ORDERS

_PART = 500

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Member:
    """An order as one of an issue's: what counts, heat and time line ask, without its words."""

    id: str
    policy: str
    issue: str
    received_at: datetime
    caller: str | None
    status: str
    satisfaction: str | None


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """One kind of alert that stands on orders of an issue: since when, on how many, and whom it goes to."""

    kind: str
    clause: str
    level: str | None
    notify: Sequence[str]
    because: str
    raised_at: datetime
    orders: int


_COLUMNS = [ORDERS.c[field.name] for field in fields(Member)]


def collective_members(
    connection: Connection, policy: str | None, since: datetime, as_of: datetime, min_callers: int
) -> list[Member]:
    """All orders received by `as_of` of the issues that had one since `since` and have so many different callers."""
    lately = select(ORDERS.c.issue).where(*_of(policy), ORDERS.c.received_at.between(since, as_of))
    several = select(ORDERS.c.issue).where(ORDERS.c.issue.in_(lately), ORDERS.c.received_at <= as_of)
    if min_callers > 1:  # an issue whose callers are all unknown has one
        several = several.group_by(ORDERS.c.issue).having(func.count(ORDERS.c.caller.distinct()) >= min_callers)
    wanted = select(*_COLUMNS).where(ORDERS.c.issue.in_(several), ORDERS.c.received_at <= as_of)
    return [Member(*row) for row in connection.execute(wanted)]


def received_between(connection: Connection, policy: str | None, since: datetime, until: datetime) -> dict[str, str]:
    """The orders received from `since` up to and including `until`: their policies by id."""
    wanted = select(ORDERS.c.id, ORDERS.c.policy).where(*_of(policy), ORDERS.c.received_at.between(since, until))
    return {row.id: row.policy for row in connection.execute(wanted)}


def members_of(connection: Connection, issue: str) -> list[Member]:
    """The orders that are in an issue now."""
    return [Member(*row) for row in connection.execute(select(*_COLUMNS).where(ORDERS.c.issue == issue))]


def members_by_id(connection: Connection, order_ids: Collection[str]) -> dict[str, Member]:
    """Orders by id, each as a member of the issue that it is in now."""
    found: dict[str, Member] = {}
    for part in parts(sorted(order_ids)):
        rows = connection.execute(select(*_COLUMNS).where(ORDERS.c.id.in_(part), ORDERS.c.issue.is_not(None)))
        found |= {row.id: Member(*row) for row in rows}
    return found


def words_of(connection: Connection, order_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """The redacted titles and texts of orders by id."""
    found: dict[str, tuple[str, str]] = {}
    for part in parts(sorted(order_ids)):
        wanted = select(ORDERS.c.id, ORDERS.c.title, ORDERS.c.text).where(ORDERS.c.id.in_(part))
        found |= {row.id: (row.title, row.text) for row in connection.execute(wanted)}
    return found


def policy_of_issue(connection: Connection, issue: str) -> str | None:
    """The policy of an issue that has orders now."""
    return connection.execute(select(ORDERS.c.policy).where(ORDERS.c.issue == issue).limit(1)).scalar()


def policies_with_orders(connection: Connection) -> list[str]:
    """The policies that any order came under."""
    return sorted(connection.execute(select(ORDERS.c.policy).distinct()).scalars())


def changed_after(connection: Connection, order_ids: Collection[str], moment: datetime) -> set[str]:
    """Those of the orders to which something happened after a moment."""
    found: set[str] = set()
    for part in parts(sorted(order_ids)):
        wanted = select(ENTRIES.c.order_id).where(ENTRIES.c.order_id.in_(part), ENTRIES.c.at > moment).distinct()
        found |= {str(order_id) for order_id in connection.execute(wanted).scalars()}
    return found


def standing_alerts(connection: Connection, order_ids: Collection[str], as_of: datetime) -> list[StandingAlert]:
    """The alerts that stand on these orders at a moment, those of one clause and level as one; the latest first.

    That a parameter is missing says something of the pack and nothing of the issue.
    """
    lifted = ALERTS.c.lifted_at
    stands = and_(
        ALERTS.c.raised_at <= as_of, lifted.is_(None) | (lifted > as_of), ALERTS.c.kind != AlertKind.MISSING_PARAMETER
    )
    kinds: dict[tuple[str, str, str | None], list[Any]] = {}
    for part in parts(sorted(order_ids)):
        for row in connection.execute(select(ALERTS).where(ALERTS.c.order_id.in_(part), stands)):
            kinds.setdefault((row.kind, row.clause, row.level), []).append(row)
    found = [_standing(key, rows) for key, rows in kinds.items()]
    return sorted(found, key=lambda one: (one.raised_at, one.clause), reverse=True)


def parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """A long list in parts that one statement can take."""
    for start in range(0, len(items), _PART):
        yield items[start : start + _PART]


def _standing(key: tuple[str, str, str | None], rows: Sequence[Any]) -> StandingAlert:
    """The words are those of the alert that was raised last: it counts highest."""
    kind, clause, level = key
    last = max(rows, key=lambda row: (row.raised_at, row.order_id))
    return StandingAlert(
        kind=kind,
        clause=clause,
        level=level,
        notify=last.notify,
        because=last.because,
        raised_at=last.raised_at,
        orders=len({row.order_id for row in rows}),
    )


def _of(policy: str | None) -> list[ColumnElement[bool]]:
    return [] if policy is None else [ORDERS.c.policy == policy]
