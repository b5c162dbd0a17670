"""Books opened for analysis: redacted rows and figures, nothing sealed, nothing written."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import select

from tests.integration.kept import at
from triage.desk.analysis.handling import owed_by_units
from triage.desk.analysis.opening import open_for_analysis
from triage.desk.analysis.orders import analysed_orders, kept_orders, policies
from triage.desk.analysis.suggestions import suggested_orders
from triage.desk.requests import check_request
from triage.domain.errors import BadInput, Forbidden
from triage.policy.scoring.period import Period
from triage.policy.scoring.work import Assessment
from triage.records.database import Database
from triage.records.tables import ORIGINALS
from triage.records.vault import CannotOpen

pytestmark = pytest.mark.xdist_group("notebooks")


def test_the_clock_stands_at_the_last_thing_that_happened_to_an_order(analysts):
    assert analysts.now() == at("2026-10-05T09:00")  # when dispatchers said what they thought of the suggestions


def test_nothing_sealed_opens(analysts):
    with analysts.ledger.database.reading() as connection:
        sealed = list(connection.execute(select(ORIGINALS.c.seq).limit(3)).scalars())
        with pytest.raises(CannotOpen):
            analysts.originals.open(connection, sealed)


def test_nothing_is_decided_or_linked(analysts, kept_month):
    with pytest.raises(Forbidden):
        analysts.consider(check_request(kept_month.orders[0].body))
    with pytest.raises(Forbidden):
        analysts.linking("tangqiao")


def test_a_ledger_that_is_not_there_is_told_and_none_is_made(kept_month, tmp_path):
    with pytest.raises(BadInput, match="no ledger"):
        open_for_analysis(f"sqlite:///{tmp_path}/mistyped.db", kept_month.service.town)
    assert not list(tmp_path.iterdir())


def test_a_ledger_without_orders_is_told(kept_month, tmp_path):
    url = f"sqlite:///{tmp_path}/empty.db"
    Database(url).migrate()
    with pytest.raises(BadInput, match="no order yet"):
        open_for_analysis(url, kept_month.service.town)


def test_every_order_is_there_once_and_says_what_it_is_about(analysts, kept_month):
    assert policies(analysts) == ["tangqiao"]
    found = analysed_orders(analysts, "tangqiao", kept_month.service.taxonomy)
    assert sorted(order.id for order in found) == sorted(order.order_id for order in kept_month.orders)
    names = {order.order_id: kept_month.service.taxonomy.categories[order.category] for order in kept_month.orders}
    assert {order.id: (order.category, order.domain) for order in found} == {
        name: (category.name, category.domain) for name, category in names.items()
    }  # what was misread, dispatchers corrected


def test_rows_hold_nothing_personal(analysts, kept_month):
    rows = [asdict(one) for one in analysed_orders(analysts, "tangqiao", kept_month.service.taxonomy)]
    rows += [asdict(one) for one in suggested_orders(analysts, "tangqiao")]
    told = str(rows)
    assert not [said for said in kept_month.personal if said in told]


def test_since_leaves_out_what_came_before(analysts, kept_month):
    late = analysts.now().replace(day=20, month=9)
    orders = analysed_orders(analysts, "tangqiao", kept_month.service.taxonomy, since=late)
    assert orders
    assert min(order.received_at for order in orders) >= late


def test_what_was_suggested_stays_beside_what_was_corrected(analysts, kept_month):
    made = {order.order_id: order.category for order in kept_month.orders}
    found = suggested_orders(analysts, "tangqiao")
    assert {one.order_id: one.category_now for one in found} == made
    assert [one for one in found if one.category != one.category_now]
    assert all(0 < one.chance <= 1 for one in found)


def test_units_owe_what_fell_due_in_the_month(analysts, kept_month):
    town, period = kept_month.service.town("tangqiao"), Period.parse("2026-09")
    under = Assessment(town.pack, period, analysts.now(), town.hours)
    found = owed_by_units(kept_orders(analysts, "tangqiao"), under)
    assert found
    assert all(period.holds(one.due_at) and one.state in ("met", "missed") for one in found)
    assert {one.obligation for one in found} <= {"finish", "rework_finish"}
