"""Fill a ledger with a believable month: its orders are received and its events recorded like any others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from triage.demo.happenings import NewOrder
from triage.demo.month import month
from triage.demo.roster import duty, people
from triage.desk.orders.books import Books
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.people.given import DutyIn, PeopleIn
from triage.desk.people.keeping import put_duty, put_people
from triage.desk.requests import check_request
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.policy.pack.pack import Pack

_SAID_EVERY = 50
_ROSTERS = timedelta(days=60)
DEMO = Actor("demo", Role.CENTRE)
"""Who records the month."""


def fill(
    books: Books, policy: str, start: date, *, seed: int = 1, size: float = 1.0, say: Callable[[str], None]
) -> dict[str, int]:
    """Put down who is who, receive the month's orders and record its events, each at its own time; how many there were.

    The same arguments again change nothing.
    """
    town = books.town(policy)
    persons = _put_down_people(books, town.pack, start, seed)
    orders = events = 0
    for one in month(town.pack, seed, start, hours=town.hours, size=size):
        if isinstance(one, NewOrder):
            receive(check_request(one.body), books, DEMO)
            orders += 1
            if orders % _SAID_EVERY == 0:
                say(f"{orders} orders, {events} events")
        else:
            events += len(record(one.order_id, one.events, books, DEMO).ids)
    return {"orders": orders, "events": events, "people": persons}


def _put_down_people(books: Books, pack: Pack, start: date, seed: int) -> int:
    """Who holds which post, and the rosters of the month and of the weeks in which its last orders are finished."""
    known = people(pack, seed)
    put_people(pack.id, PeopleIn.model_validate({"people": known}).people, books, DEMO)
    for week, shifts in duty(pack, known, start, start + _ROSTERS):
        put_duty(pack.id, week, DutyIn.model_validate({"shifts": shifts}).shifts, books, DEMO)
    return len(known)
