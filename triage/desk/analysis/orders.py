"""Orders as an analyst counts them: when, what about, where, by which pseudonym, how they stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.classify.taxonomy import Taxonomy
from triage.desk.orders.books import Books
from triage.desk.orders.projection import case_of
from triage.domain.moments import SHANGHAI, in_shanghai
from triage.language.clean import clean
from triage.language.places import PlaceFinder
from triage.policy.judging.past import PastOrder
from triage.records.issues import policies_with_orders
from triage.records.ledger import entries_of_all
from triage.records.orders import OrderRow, orders_received
from triage.trends.series import Event

_BEGINNING = datetime(1900, 1, 1, tzinfo=SHANGHAI)
_LANE = re.compile(r"\d.*")

PUBLIC = frozenset({"road", "compound", "committee", "landmark", "station", "school", "hospital", "village"})
"""Kinds of places that tell of nobody. A shop may bear its owner's name, a building is somebody's door, and the
sub-district itself says nothing of where in it."""


@dataclass(frozen=True, slots=True)
class AnalysedOrder:
    """One order without its text: names of category and domain, the public place that its redacted words name,
    the caller's pseudonym, and which call of this caller about this issue it was."""

    id: str
    received_at: datetime
    domain: str
    category: str
    request_type: str
    urgency: str
    place: str | None
    issue: str | None
    caller: str | None
    call: int
    unit: str | None
    status: str
    satisfaction: str | None


UNREAD = "未分类"
"""Stands for the category and the domain of an order in which nothing could be read."""


def policies(books: Books) -> list[str]:
    """The policies that the ledger has orders of."""
    with books.ledger.database.reading() as connection:
        return policies_with_orders(connection)


def analysed_orders(
    books: Books, policy: str, taxonomy: Taxonomy, since: datetime | None = None
) -> list[AnalysedOrder]:
    """A policy's orders received from `since` on (all, unless given), in the order of time."""
    places = books.town(policy).places
    return [_analysed(row, places, taxonomy) for row in _rows(books, policy, since)]


def kept_orders(books: Books, policy: str, since: datetime | None = None) -> list[PastOrder]:
    """The same orders as the judge looks at them: what was read of each when it came, and all its events."""
    rows = _rows(books, policy, since)
    with books.ledger.database.reading() as connection:
        entries = entries_of_all(connection, [row.id for row in rows])
    return [PastOrder(row.id, case_of(row, entries[row.id]), row.category) for row in rows]


def _rows(books: Books, policy: str, since: datetime | None) -> list[OrderRow]:
    with books.ledger.database.reading() as connection:
        return orders_received(connection, policy, since or _BEGINNING, books.now() + timedelta(microseconds=1))


def _analysed(row: OrderRow, places: PlaceFinder, taxonomy: Taxonomy) -> AnalysedOrder:
    category = taxonomy.categories.get(row.category or "")
    return AnalysedOrder(
        id=row.id,
        received_at=in_shanghai(row.received_at),
        domain=UNREAD if category is None else category.domain,
        category=UNREAD if category is None else category.name,
        request_type=row.request_type,
        urgency=row.urgency,
        place=public_place(f"{row.title}\n{row.text}", places),
        issue=row.issue,
        caller=row.caller,
        call=int(row.derived.get("repeat_count", 1)),
        unit=row.unit,
        status=row.status,
        satisfaction=row.satisfaction,
    )


def public_place(text: str, places: PlaceFinder) -> str | None:
    """The most telling public place that a text names; one of the gazetteer before one that only looks like a place.

    >>> finder = PlaceFinder({"roads": ["蓝村路"], "compounds": ["金浦小区"]})
    >>> public_place("蓝村路金浦小区12号王家烧烤店油烟", finder), public_place("王家烧烤店油烟", finder)
    ('金浦小区', None)
    >>> public_place("茂兴路147弄口流动摊贩", finder)  # the lane's number stays out
    '茂兴路'
    """
    found = [place for place in places.find(clean(text).text) if place.kind in PUBLIC]
    known = [place for place in found if place.source == "gazetteer"]
    main = places.main_place(known or found)
    return None if main is None else _LANE.sub("", main.text) or None


def as_events(orders: Iterable[AnalysedOrder]) -> Iterator[Event]:
    """The orders as `triage.trends` counts them: a day, a category, a place."""
    return (Event(order.received_at.date(), order.category, order.place) for order in orders)


@dataclass(frozen=True, slots=True)
class RepeatCaller:
    """A pseudonym that called more than once about one issue; `satisfaction` as last said."""

    caller: str
    issue: str
    calls: int
    first_at: datetime
    last_at: datetime
    satisfaction: str | None


def repeat_callers(orders: Iterable[AnalysedOrder]) -> list[RepeatCaller]:
    """Who called again about the same issue, the most calls first."""
    calls: defaultdict[tuple[str, str], list[AnalysedOrder]] = defaultdict(list)
    for order in orders:
        if order.caller and order.issue:
            calls[order.caller, order.issue].append(order)
    again = [_repeat(caller, issue, ones) for (caller, issue), ones in calls.items() if len(ones) > 1]
    return sorted(again, key=lambda one: (-one.calls, one.first_at, one.caller))


def _repeat(caller: str, issue: str, ones: list[AnalysedOrder]) -> RepeatCaller:
    said = [one.satisfaction for one in ones if one.satisfaction is not None]
    last = said[-1] if said else None
    return RepeatCaller(caller, issue, len(ones), ones[0].received_at, ones[-1].received_at, last)
