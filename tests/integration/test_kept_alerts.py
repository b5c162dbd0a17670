"""Alerts of kept orders: what stands when, whose it is, and who must be told by name."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from api.alerts.routes import alert_routes
from api.cursors import cursor_of
from tests.integration.kept import (
    CENTRE,
    DISPATCHER,
    Clock,
    Door,
    at,
    happens,
    new_service,
    open_books,
    served,
    take_in,
)
from triage.desk.people.given import PersonIn
from triage.desk.people.keeping import put_people
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.tables import AUDIT

UNIT = "management-office"
NAME = "慕容小满"


@pytest.fixture(scope="session")
def keeping():
    return new_service()


@pytest.fixture
def books(keeping, tmp_path):
    opened = open_books(keeping, tmp_path, Clock(at("2026-03-02T15:00")))
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def door():
    return Door(DISPATCHER)


@pytest.fixture
def client(books, door):
    """Three orders, two of them supervised, one of these with a unit."""
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    take_in(books, "a-2", "2026-03-02T09:30")
    take_in(books, "a-3", "2026-03-02T10:00", city_supervised=True)
    happens(books, "a-3", at="2026-03-02T11:00", kind="dispatched", unit=UNIT, by="dispatcher")
    with served(door, partial(alert_routes, books)) as client:
        yield client


def ask(client, **params):
    answer = client.get("/v1/alerts", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(page):
    return {(item["order_id"], item["kind"], item["clause"]) for item in page["items"]}


def test_an_alert_names_its_clause_with_its_text_its_order_and_whom_to_tell(client):
    item = next(one for one in ask(client, kind="supervision")["items"] if one["order_id"] == "a-3")
    assert (item["kind"], item["clause"], item["notify"]) == (
        "supervision",
        "nanmatou:rules/8.9.3.1",
        ["deputy_leader"],
    )
    assert item["text"] and item["because"] and item["unit"] == UNIT
    assert item["raised_at"].endswith("+08:00") and item["lifted_at"] is None


def test_an_alert_that_time_alone_raises_stands_from_its_time_on(client):
    before, after = (ask(client, as_of=f"2026-03-09T17:0{minute}") for minute in (0, 1))
    assert told(after) - told(before) == {("a-3", "special_report", "nanmatou:bulletin/2.1.2")}


def test_alerts_are_asked_by_kind_and_by_unit(client):
    assert {item["kind"] for item in ask(client, kind="supervision")["items"]} == {"supervision"}
    assert {item["order_id"] for item in ask(client, unit=UNIT)["items"]} == {"a-3"}
    assert client.get("/v1/alerts", params={"kind": "purple"}).status_code == 422


def test_a_unit_sees_the_alerts_of_its_own_orders_only(client, door):
    door.actor = Actor("key:unit", Role.UNIT, "nanmatou", UNIT)
    assert {item["order_id"] for item in ask(client)["items"]} == {"a-3"}
    assert client.get("/v1/alerts", params={"unit": "police-station"}).status_code == 403
    door.actor = Actor("key:other", Role.UNIT, "nanmatou", "police-station")
    assert ask(client)["items"] == []


def test_another_policys_alerts_are_not_shown(client, door):
    door.actor = Actor("key:far", Role.DISPATCHER, "tangqiao")
    assert ask(client)["items"] == []
    assert client.get("/v1/alerts", params={"policy": "nanmatou"}).status_code == 403
    door.actor = Actor("key:admin", Role.ADMIN)
    assert client.get("/v1/alerts").status_code == 403


def test_pages_follow_each_other_without_a_gap_or_a_repeat(client):
    whole = ask(client, as_of="2026-03-20T12:00")["items"]
    found, cursor = [], None
    while True:
        page = ask(client, limit=1, **({"cursor": cursor} if cursor else {"as_of": "2026-03-20T12:00"}))
        found += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == whole and len(whole) > 3
    assert client.get("/v1/alerts", params={"cursor": "WzFd"}).status_code == 422


def put_leader(books):
    person = {"id": "p-1", "name": NAME, "posts": [{"role": "deputy_leader", "leader": "deputy-management"}]}
    put_people("nanmatou", [PersonIn.model_validate(person)], books, CENTRE)


def test_who_must_be_told_is_a_person_with_a_reason(client, books):
    put_leader(books)
    items = {item["order_id"]: item for item in ask(client)["items"] if item["kind"] == "supervision"}
    (leader,) = items["a-3"]["persons"]
    assert (leader["role"], leader["person"], leader["name"]) == ("deputy_leader", "p-1", NAME)
    assert "办公时间" in leader["why"]
    (nobody,) = items["a-1"]["persons"]
    assert nobody["person"] is None and "未说明是哪个单位" in nobody["why"]
    assert "telephones" not in leader


def test_an_analyst_gets_no_name_and_names_that_are_read_are_audited(client, books, door):
    put_leader(books)
    door.actor = Actor("key:analyst", Role.ANALYST, "nanmatou")
    assert {one["name"] for item in ask(client)["items"] for one in item["persons"]} == {None}
    door.actor = DISPATCHER
    assert ask(client, persons=False)["items"][0]["persons"] is None
    ask(client)
    with books.ledger.database.reading() as connection:
        read = [row.who for row in connection.execute(select(AUDIT).where(AUDIT.c.action == "read people's names"))]
    assert read == ["key:desk"]


def test_a_forged_cursor_is_a_place_like_any_other(client):
    ask(client, cursor=cursor_of("2026-03-02T12:00", "2026-03-02T09:00", "a\x00", 1))


@pytest.mark.parametrize("number", [10**40, -(10**40)])
def test_a_cursor_with_a_number_that_no_database_takes_is_refused(client, number):
    cursor = cursor_of("2026-03-02T12:00", "2026-03-02T09:00", "a-1", number)
    assert client.get("/v1/alerts", params={"cursor": cursor}).status_code == 422


def test_a_cursor_whose_times_are_none_is_refused(client):
    assert client.get("/v1/alerts", params={"cursor": cursor_of("x", "y", "a-1", 1)}).status_code == 422
    assert ask(client, unit="a\x00")["items"] == []
