"""Retention: after a set time callers are taken out; it can be stopped and begun again; figures and chain stay."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.integration.kept import DISPATCHER, Clock, at, new_service, open_books
from triage.desk.orders.intake import receive
from triage.desk.requests import check_request
from triage.desk.retention import months_before, retain
from triage.domain.errors import BadInput
from triage.domain.moments import SHANGHAI
from triage.records.orders import get_order
from triage.records.tables import ENTRIES, KEYS

LIGHT = "浦三路雪野路路口的路灯坏了三天没有人修，晚上走路看不清"


@pytest.fixture(scope="module")
def keeping():
    return new_service()


@pytest.fixture
def books(keeping, tmp_path):
    opened = open_books(keeping, tmp_path, Clock(at("2026-03-10T09:00")))
    yield opened
    opened.ledger.database.close()


def _receive(books, order_id, received_at, phone=""):
    order = {"id": order_id, "received_at": received_at, "text": LIGHT, "caller": {"name": "", "phone": phone}}
    return receive(check_request({"policy": "nanmatou", "order": order}), books, DISPATCHER).order


def _town(books):
    """Two callers and an unknown one in November and December, one of them in February too."""
    for number, (month, phone) in enumerate(
        [("11", "13900000001"), ("12", "13900000001"), ("12", "13900000002"), ("11", ""), ("12", "")]
    ):
        _receive(books, f"o{number}", f"2025-{month}-05T08:00", phone)
    _receive(books, "late", "2026-02-05T08:00", "13900000001")
    _receive(books, "nobody", "2026-02-05T08:00", "")


def _row(books, order_id):
    with books.ledger.database.reading() as connection:
        return get_order(connection, order_id)


def _readable(books):
    with books.ledger.database.reading() as connection:
        names = [f"o{number}" for number in range(5)] + ["late", "nobody"]
        return [name for name in names if books.originals.open(connection, [get_order(connection, name).seq])]


def test_callers_of_months_that_are_over_are_taken_out_and_later_orders_left_alone(books):
    _town(books)
    token = _row(books, "late").caller
    said = []
    done = retain(books, 2, lambda keys, orders: said.append((keys, orders)))
    assert (done.before, done.keys, done.orders) == ("2026-01", 5, 5)
    assert said == [(5, 5)]
    assert _readable(books) == ["late", "nobody"]
    assert _row(books, "late").caller == token
    first, second, third = (_row(books, f"o{number}").caller for number in range(3))
    assert first == second != third and first.startswith("x-")
    assert _row(books, "o3").caller is None
    assert _row(books, "o0").issue == _row(books, "late").issue
    assert books.ledger.broken_link() is None


def test_a_second_run_finds_nothing_to_do(books):
    _town(books)
    retain(books, 2)
    again = retain(books, 2)
    assert (again.keys, again.orders) == (0, 0)
    assert retain(books, 1).keys == 0  # February is not over for a month yet
    assert _readable(books) == ["late", "nobody"]


def test_what_was_stopped_in_the_middle_is_finished_later(books):
    _town(books)

    class Stopped(Exception):
        pass

    def stop(keys, orders):
        if keys >= 3:
            raise Stopped

    with pytest.raises(Stopped):
        retain(books, 2, stop, at_once=1)
    assert 0 < len(_readable(books)) < 7
    rest = retain(books, 2)
    assert 0 < rest.keys < 5
    assert _readable(books) == ["late", "nobody"]
    with books.ledger.database.reading() as connection:
        erased = connection.execute(select(ENTRIES.c.fields).where(ENTRIES.c.kind == "caller_erased")).scalars().all()
        held = connection.execute(select(func.count()).select_from(KEYS).where(KEYS.c.wrapped.is_not(None))).scalar()
    assert sorted(name for fields in erased for name in fields["orders"]) == ["o0", "o1", "o2", "o3", "o4"]
    assert held == 2
    assert books.ledger.broken_link() is None


def test_it_can_be_run_from_the_command_line_and_by_its_setting(triage, books, tmp_path, keeping):
    _town(books)
    secret = keeping.settings.secret.get_secret_value()
    address = f"sqlite:///{tmp_path}/kept.db"
    done = triage("retain", "--database", address, TRIAGE_SECRET=secret, TRIAGE_RETENTION_MONTHS="1")
    assert done.code == 0, done.err
    assert json.loads(done.out)["keys"] == 7  # by the real clock all months are over
    assert "7 keys, 7 orders" in done.err
    assert triage("retain", "--older-than-months", "0", "--database", address, TRIAGE_SECRET=secret).code == 2


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31)), st.integers(1, 600))
def test_the_month_that_is_left_alone_is_so_many_months_back(moment, months):
    before = months_before(moment.replace(tzinfo=SHANGHAI), months)
    assert (before.day, before.hour) == (1, 0)
    assert (moment.year - before.year) * 12 + moment.month - before.month == months


@pytest.mark.parametrize("months", [0, -1, 100_000])
def test_a_number_of_months_that_is_none_is_refused(months):
    with pytest.raises(BadInput):
        months_before(at("2026-03-10T09:00") + timedelta(0), months)
