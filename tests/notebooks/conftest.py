"""A small town's month, kept with what dispatchers said of it, for whoever looks at it as an analyst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from pydantic import SecretStr

from tests.integration.kept import Clock, at, open_books
from triage.bootstrap import Service, build
from triage.demo.happenings import NewOrder
from triage.demo.month import month
from triage.desk.analysis.opening import open_for_analysis
from triage.desk.feedback import Feedback, give_feedback
from triage.desk.orders.books import Books
from triage.desk.orders.demo import fill
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.orders import orders_by_id
from triage.settings import Settings

PARAMETERS = {"tangqiao": {"finish_workdays": 5}}
_START, _SIZE = date(2026, 9, 1), 0.075
_CENTRE = Actor("key:centre", Role.CENTRE, "tangqiao")
_AGREED_EVERY = 5


@dataclass(frozen=True)
class KeptMonth:
    """The ledger's address, the service that filled it, its orders as they were made, and what may be seen nowhere."""

    url: str
    service: Service
    orders: tuple[NewOrder, ...] = field(repr=False)
    personal: frozenset[str] = field(repr=False)


@pytest.fixture(scope="session")
def kept_month(tmp_path_factory: pytest.TempPathFactory) -> KeptMonth:
    """A ledger of 201 orders and all that happened to them; what was misread is corrected, every fifth agreed to."""
    settings = Settings(
        model=None, packs=None, calendar=None, parameters=PARAMETERS, secret=SecretStr("only tests know this")
    )
    service = build(settings)
    books = open_books(service, tmp_path_factory.mktemp("month"), Clock(at("2026-10-05T09:00")))
    fill(books, "tangqiao", _START, size=_SIZE, say=lambda line: None)
    town = service.town("tangqiao")
    made = month(town.pack, 1, _START, hours=town.hours, size=_SIZE)
    orders = tuple(one for one in made if isinstance(one, NewOrder))
    _give_feedback(orders, service, books)
    books.ledger.database.close()
    return KeptMonth(str(books.ledger.database.url), service, orders, frozenset(_personal(orders)))


@pytest.fixture
def analysts(kept_month: KeptMonth) -> Iterator[Books]:
    """The month's books as an analyst opens them."""
    books = open_for_analysis(kept_month.url, kept_month.service.town)
    yield books
    books.ledger.database.close()


def _give_feedback(orders: tuple[NewOrder, ...], service: Service, books: Books) -> None:
    with books.ledger.database.reading() as connection:
        rows = orders_by_id(connection, [order.order_id for order in orders])
    for number, order in enumerate(orders):
        if rows[order.order_id].category != order.category:
            said = Feedback(category=order.category, why="所述事项属于这一类")
        elif number % _AGREED_EVERY == 0:
            said = Feedback(accepted=True)
        else:
            continue
        give_feedback(order.order_id, said, None, books, _CENTRE, service.taxonomy.ids)


def _personal(orders: tuple[NewOrder, ...]) -> Iterator[str]:
    """Names, numbers and addresses of the callers, as the orders came in."""
    for order in orders:
        said = order.body["order"]
        caller = said.get("caller") or {}
        yield from (one for one in (caller.get("name"), caller.get("phone"), said.get("address")) if one)
