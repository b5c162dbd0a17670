"""Scores over HTTP: the pack's own scoring out of the ledger, with the orders behind each figure."""

from dataclasses import replace
from functools import partial

import pytest

from api.performance.routes import performance_routes
from tests.integration.kept import CENTRE, DISPATCHER, Clock, Door, at, served
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.performance import past_orders
from triage.desk.requests import check_request
from triage.desk.town import Town
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.policy.scoring.period import Period
from triage.policy.scoring.scores import score
from triage.records.entries import SCORED, Entry
from triage.records.ledger import entries_of_all

LIGHT = "浦三路雪野路路口的路灯坏了三天没有人修，晚上走路看不清"


@pytest.fixture
def clock():
    return Clock(at("2026-04-10T09:00"))


@pytest.fixture
def door():
    return Door(CENTRE)


@pytest.fixture
def client(books, door):
    with served(door, partial(performance_routes, books)) as client:
        yield client


def _receive(books, order_id, received_at, *events, **facts):
    order = {"id": order_id, "received_at": received_at, "text": LIGHT}
    receive(check_request({"policy": "nanmatou", "order": order, "facts": facts}), books, DISPATCHER)
    if events:
        record(order_id, list(events), books, DISPATCHER)


def _units(books):
    return list(books.town("nanmatou").pack.units)[:2]


def _life(unit, sent, replied=None, called=None, satisfaction="satisfied"):
    yield {"at": sent, "kind": "dispatched", "unit": unit, "by": "dispatcher"}
    if replied:
        yield {"at": replied, "kind": "replied", "unit": unit, "outcome": "solved"}
    if called:
        yield {
            "at": called,
            "kind": "called_back",
            "contacted": True,
            "answered": True,
            "solved": True,
            "satisfaction": satisfaction,
        }


def _month(books):
    """Two units in March, beside orders of February and April that count in it or do not."""
    one, two = _units(books)
    _receive(books, "good", "2026-03-02T09:00", *_life(one, "2026-03-02T09:30", "2026-03-03T09:00", "2026-03-04T09:00"))
    _receive(
        books,
        "fair",
        "2026-03-09T09:00",
        *_life(two, "2026-03-09T09:30", "2026-03-10T09:00", "2026-03-11T09:00", "fair"),
    )
    _receive(books, "late", "2026-03-10T09:00", *_life(two, "2026-03-10T09:30"))
    _receive(books, "due-in-march", "2026-02-27T16:00", *_life(one, "2026-02-27T16:30", "2026-02-27T16:50"))
    _receive(
        books,
        "asked-in-march",
        "2025-11-03T09:00",
        *_life(one, "2025-11-03T09:30", "2025-11-04T09:00", "2026-03-20T09:00", "unsatisfied"),
    )
    _receive(books, "long-ago", "2025-06-02T09:00", *_life(one, "2025-06-02T09:30", "2025-06-03T09:00"))
    _receive(books, "next", "2026-04-01T09:00", *_life(one, "2026-04-01T09:30", "2026-04-02T09:00"))


def _board(client, month="2026-03", **asked):
    answer = client.get("/v1/performance", params={"policy": "nanmatou", "month": month, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _part(board, unit, part):
    row = next(row for row in board["units"] if row["unit"] == unit)
    return next(one for one in row["parts"] if one["id"] == part)


def test_every_figure_has_the_orders_behind_it(client, books):
    _month(books)
    one, two = _units(books)
    board = _board(client)
    assert (board["policy"], board["period"]) == ("nanmatou", "2026年3月")
    timely = _part(board, two, "timely")["figures"][0]
    assert [order["order_id"] for order in timely["counted"]] == ["fair"]
    assert (timely["among"], timely["value"]) == (["fair", "late"], 0.5)
    satisfied = _part(board, one, "satisfied")
    assert satisfied["figures"][0]["among"] == ["asked-in-march", "good"]
    assert satisfied["score"] == 15.0
    assert satisfied["because"] == "（满意1件×100）÷（回访评价2件×100）×30分＝15分"
    assert _part(board, one, "timely")["figures"][0]["among"] == ["due-in-march", "good"]


def test_the_orders_that_are_read_are_enough_and_not_all(books):
    _month(books)
    pack, hours = books.town("nanmatou").pack, books.town("nanmatou").hours
    period, as_of = Period.parse("2026-03"), at("2026-04-10T09:00")
    names = ["good", "fair", "late", "due-in-march", "asked-in-march", "long-ago", "next"]
    with books.ledger.database.reading() as connection:
        read = past_orders(connection, pack, period, as_of)
        whole = past_orders(connection, pack, Period.parse("2025"), as_of) + read
        assert set(entries_of_all(connection, names)) == set(names)
    assert {order.id for order in read} == set(names) - {"long-ago", "next"}
    everything = {order.id: order for order in whole}.values()
    assert score(pack, read, period, as_of, hours) == score(pack, everything, period, as_of, hours)


def test_an_order_whose_extension_runs_into_the_month_is_read(books):
    one, _ = _units(books)
    granted = [
        {"at": "2025-10-10T10:00", "kind": "extension_requested", "unit": one, "reason": "等候材料"},
        {"at": "2025-10-10T11:00", "kind": "extension_granted", "by": "centre", "until": "2026-03-20T17:00"},
    ]
    _receive(books, "extended", "2025-10-09T09:00", *_life(one, "2025-10-09T09:30"), *granted, complexity="hard")
    with books.ledger.database.reading() as connection:
        read = past_orders(connection, books.town("nanmatou").pack, Period.parse("2026-03"), at("2026-04-10T09:00"))
        later = past_orders(connection, books.town("nanmatou").pack, Period.parse("2026-06"), at("2026-07-10T09:00"))
    assert [order.id for order in read] == ["extended"]
    assert later == []


def test_what_had_not_happened_yet_does_not_count(client, books):
    _month(books)
    one, _ = _units(books)
    then = _board(client, as_of="2026-03-03T12:00")
    assert [row["unit"] for row in then["units"]] == [one]
    assert _part(then, one, "satisfied")["score"] is None


def test_a_unit_sees_its_own_row_with_its_rank_alone(client, books, door):
    _month(books)
    one, two = _units(books)
    whole = _board(client)
    door.actor = Actor("key:unit", Role.UNIT, "nanmatou", two)
    mine = _board(client)
    assert mine["units"] == [row for row in whole["units"] if row["unit"] == two]
    assert set(mine["last"]) <= {two}
    assert "good" not in str(mine) and one not in str(mine["units"])
    assert mine["notes"] == []


def test_who_may_not_see_scores_does_not(client, door):
    asked = {"policy": "nanmatou", "month": "2026-03"}
    for role, status in ((Role.ANALYST, 200), (Role.PARTY_OFFICE, 200), (Role.ADMIN, 403)):
        door.actor = Actor("key:x", role, "nanmatou")
        assert client.get("/v1/performance", params=asked).status_code == status, role
    door.actor = Actor("key:other", Role.CENTRE, "tangqiao")
    assert client.get("/v1/performance", params=asked).status_code == 403


@pytest.mark.parametrize("month", ["2026-13", "2026/03", "", "March", "1826-03"])
def test_a_month_that_is_none_is_refused(client, month):
    answer = client.get("/v1/performance", params={"policy": "nanmatou", "month": month})
    assert answer.status_code == 422


def test_a_quarter_and_a_year_can_be_asked_too(client, books):
    _month(books)
    assert _board(client, "2026-Q1")["period"] == "2026年第1季度"
    assert _board(client, "2026")["period"] == "2026年度"


def test_an_unknown_policy_is_not_found(client, door):
    door.actor = Actor("key:centre", Role.CENTRE)
    assert client.get("/v1/performance", params={"policy": "none", "month": "2026-03"}).status_code == 404


def test_every_pack_answers_for_a_month(client, books, door):
    door.actor = Actor("key:centre", Role.CENTRE)
    for policy in ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu"):
        answer = client.get("/v1/performance", params={"policy": policy, "month": "2026-03"})
        assert answer.status_code == 200, answer.text


def test_a_pack_without_scoring_says_so(books, door, keeping):
    town = keeping.town("nanmatou")
    bare = replace(books, town=lambda *_asked: Town(replace(town.pack, scoring=None), town.hours))
    with served(door, partial(performance_routes, bare)) as client:
        answer = client.get("/v1/performance", params={"policy": "nanmatou", "month": "2026-03"})
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["msg"] == "pack nanmatou has no scoring"


def _praise(books, **changes):
    unit, _ = _units(books)
    return {"policy": "nanmatou", "unit": unit, "item": "district-bulletin", "at": "2026-03-12T09:00", **changes}


def test_what_a_person_enters_counts_and_is_kept_once(client, books):
    _month(books)
    one, _ = _units(books)
    before = next(row for row in _board(client)["units"] if row["unit"] == one)
    body = _praise(books, id="p-1", note="来电人13812341234表扬", order_id="good")
    first, again = (client.post("/v1/performance/entries", json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["note"] == "来电人[电话]表扬"
    after = next(row for row in _board(client)["units"] if row["unit"] == one)
    if before["total"] is not None:
        assert after["total"] == before["total"] + 1
    bonus = next(part for part in after["parts"] if part["id"] == "bonus")
    assert bonus["score"] == 1.0
    assert [entry["order_id"] for entry in bonus["entries"]] == ["good"]
    other = client.post("/v1/performance/entries", json={**body, "at": "2026-03-13T09:00"})
    assert other.status_code == 409
    assert books.ledger.broken_link() is None


def test_entries_without_an_id_are_each_their_own(client, books):
    first, second = (client.post("/v1/performance/entries", json=_praise(books)).json() for _ in range(2))
    assert first["id"] != second["id"]
    one, _ = _units(books)
    assert _part(_board(client), one, "bonus")["score"] == 2.0


@pytest.mark.parametrize(
    "changes", [{"unit": "none"}, {"item": "none"}, {"points": 3}, {"order_id": "none"}, {"at": "yesterday"}, {"x": 1}]
)
def test_what_the_pack_does_not_let_people_enter_is_refused(client, books, changes):
    assert client.post("/v1/performance/entries", json=_praise(books, **changes)).status_code == 422


def test_only_the_centre_and_the_district_enter(client, books, door):
    for role, status in ((Role.DISPATCHER, 403), (Role.UNIT, 403), (Role.ANALYST, 403), (Role.DISTRICT, 201)):
        door.actor = Actor("key:x", role, "nanmatou", _units(books)[0])
        assert client.post("/v1/performance/entries", json=_praise(books)).status_code == status, role
    door.actor = Actor("key:x", Role.CENTRE, "tangqiao")
    assert client.post("/v1/performance/entries", json=_praise(books)).status_code == 403


def test_an_entry_that_the_pack_no_longer_knows_is_told_and_not_counted(client, books):
    fields = {"unit": "none", "item": "gone", "order": None, "note": "", "points": None}
    with books.ledger.turn() as turn:
        turn.add(Entry("nanmatou", SCORED, at("2026-03-12T09:00"), fields, "key:centre"))
    assert _board(client)["notes"][-1] == "2026-03-12登记的none gone不合本期规则，未计入"
