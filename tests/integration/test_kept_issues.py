"""Issues over HTTP: hottest first, as they were at any moment; merged and split by persons, for good."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from api.issues.routes import issue_routes
from tests.integration.kept import DISPATCHER, Clock, Door, at, open_books, served
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.requests import check_request
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.orders import get_order
from triage.records.tables import AUDIT, ENTRIES
from triage.similar.heat import WEIGHTS

ANALYST = Actor("key:analyst", Role.ANALYST, "nanmatou")
LIGHT = "浦三路雪野路路口的路灯坏了三天没有人修，晚上走路看不清"
SMOKE = "临沂路金浦小区门口烧烤店每天半夜油烟很大，熏得睡不着"
SECRETIVE = "本人张建国13812341234，" + LIGHT


@pytest.fixture
def clock():
    return Clock(at("2026-03-10T09:00"))


@pytest.fixture
def door():
    return Door(DISPATCHER)


@pytest.fixture
def client(books, door):
    with served(door, partial(issue_routes, books)) as client:
        yield client


def _receive(books, order_id, received_at, text=LIGHT, phone=None, policy="nanmatou"):
    caller = {"caller": {"name": "", "phone": phone}} if phone else {}
    order = {"id": order_id, "received_at": received_at, "title": text[:20], "text": text, **caller}
    return receive(check_request({"policy": policy, "order": order}), books, DISPATCHER)


def _town(books):
    """Two matters: five calls of four callers about a street lamp over three days, three of two about smoke."""
    days = ["2026-03-07T08:00", "2026-03-08T08:00", "2026-03-08T20:00", "2026-03-09T21:00", "2026-03-10T08:00"]
    for number, day in enumerate(days):
        _receive(books, f"light-{number}", day, phone=f"1390000000{number % 4}")
    for number in range(3):
        _receive(books, f"smoke-{number}", f"2026-03-0{number + 6}T23:00", SMOKE, phone=f"1370000000{number % 2}")
    _receive(books, "alone", "2026-03-09T10:00", "老年食堂几点开门，怎么办就餐卡", phone="13600000000")


def _issues(client, **asked):
    answer = client.get("/v1/issues", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def _issue_of(books, order_id):
    with books.ledger.database.reading() as connection:
        return get_order(connection, order_id).issue


def _every_issue(books, *names):
    return {name: _issue_of(books, name) for name in names}


def test_issues_of_several_callers_are_listed_hottest_first_with_the_parts_of_their_heat(client, books):
    _town(books)
    light, smoke = _issues(client)
    assert (light["orders"], smoke["orders"]) == (5, 3)
    assert (light["callers"], light["today"], light["week"], light["callers_week"]) == (4, 1, 5, 4)
    assert (light["first"], light["last"]) == ("light-0", "light-4")
    assert light["statuses"] == {"to_dispatch": 5}
    assert "路灯" in light["title"] and "油烟" in smoke["title"]
    assert "路灯" in light["summary"]
    assert light["timeline"][0]["text"] == "2026年3月7日 首次反映"
    heat = light["heat"]
    assert {part["name"]: part["weight"] for part in heat["parts"]} == WEIGHTS
    assert heat["score"] == pytest.approx(sum(part["points"] for part in heat["parts"]))
    assert heat["score"] > smoke["heat"]["score"]
    assert len(_issues(client, min_callers=1)) == 3
    assert [issue["id"] for issue in _issues(client, min_callers=3)] == [light["id"]]


def test_an_issue_that_was_silent_for_long_is_listed_only_when_asked_for(client, books, clock):
    _town(books)
    clock.pass_(days=60)
    assert _issues(client) == []
    assert len(_issues(client, since="2026-03-01T00:00")) == 2
    assert len(_issues(client, since="2026-03-09T00:00")) == 1


def test_nothing_that_came_after_the_moment_asked_for_is_seen(client, books):
    _town(books)
    now = {issue["id"]: issue for issue in _issues(client)}
    record(
        "light-0",
        [{"at": "2026-03-09T10:00", "kind": "dispatched", "unit": "urban-squad", "by": "dispatcher"}],
        books,
        DISPATCHER,
    )
    (light,) = [one for one in _issues(client, as_of="2026-03-08T21:00") if "路灯" in one["title"]]
    assert (light["orders"], light["callers"], light["last"]) == (3, 3, "light-2")
    assert light["statuses"] == {"to_dispatch": 3}
    assert light["heat"]["score"] < now[light["id"]]["heat"]["score"]
    then = client.get(f"/v1/issues/{light['id']}", params={"as_of": "2026-03-08T21:00"}).json()
    assert [order["id"] for order in then["orders"]] == ["light-2", "light-1", "light-0"]
    assert client.get(f"/v1/issues/{light['id']}", params={"as_of": "2026-03-01T00:00"}).status_code == 404


def test_issues_merged_later_were_two_before(client, books, clock):
    _town(books)
    light, smoke = (issue["id"] for issue in _issues(client))
    clock.pass_(hours=1)
    done = client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "都是同一条街"})
    assert done.status_code == 201
    before = _issues(client, as_of="2026-03-10T09:30")
    assert sorted(issue["orders"] for issue in before) == [3, 5]
    clock.pass_(hours=1)
    assert [issue["orders"] for issue in _issues(client, as_of="2026-03-10T10:30")] == [8]


def test_how_callers_answered_is_seen_from_the_day_they_did(client, books):
    _town(books)
    told = [
        {"at": "2026-03-08T09:00", "kind": "dispatched", "unit": "urban-squad", "by": "dispatcher"},
        {"at": "2026-03-08T15:00", "kind": "replied", "unit": "urban-squad", "outcome": "solved"},
        {
            "at": "2026-03-09T09:00",
            "kind": "called_back",
            "contacted": True,
            "answered": True,
            "solved": False,
            "satisfaction": "unsatisfied",
        },
    ]
    record("light-0", told, books, DISPATCHER)
    (light,) = [one for one in _issues(client) if "路灯" in one["title"]]
    assert light["unsatisfied"] == 1
    (light,) = [one for one in _issues(client, as_of="2026-03-08T21:00") if "路灯" in one["title"]]
    assert light["unsatisfied"] == 0
    assert light["statuses"] == {"replied": 1, "to_dispatch": 2}


def test_pages_are_of_one_list_whatever_comes_meanwhile(client, books, clock):
    _town(books)
    first = client.get("/v1/issues", params={"limit": 1, "min_callers": 1}).json()
    clock.pass_(minutes=5)
    _receive(books, "smoke-9", "2026-03-10T09:01", SMOKE, phone="13700000009")
    second = client.get("/v1/issues", params={"limit": 2, "min_callers": 1, "cursor": first["cursor"]}).json()
    assert second["cursor"] is None
    assert [issue["orders"] for issue in first["items"] + second["items"]] == [5, 3, 1]
    assert {issue["as_of"] for issue in second["items"]} == {"2026-03-10T09:00:00+08:00"}


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "WyJ4IiwxLjAsImEiXQ"])
def test_a_cursor_that_the_list_did_not_give_is_refused(client, cursor):
    assert client.get("/v1/issues", params={"cursor": cursor}).status_code == 422


def test_an_issue_is_shown_with_its_orders_and_nothing_personal(client, books, door):
    _receive(books, "1", "2026-03-09T08:00", SECRETIVE, phone="13812341234")
    _receive(books, "2", "2026-03-09T09:00", phone="13900000001")
    for actor in (DISPATCHER, ANALYST):
        door.actor = actor
        answer = client.get(f"/v1/issues/{_issue_of(books, '1')}")
        shown = answer.json()
        assert [order["id"] for order in shown["orders"]] == ["2", "1"]
        assert shown["orders"][1]["caller"].startswith("c1-")
        assert not shown["more"]
        assert "13812341234" not in answer.text + client.get("/v1/issues").text
        assert "张建国" not in answer.text + client.get("/v1/issues").text


def test_two_issues_that_a_person_merges_are_one_under_both_ids(client, books):
    _town(books)
    light, smoke = (issue["id"] for issue in _issues(client))
    done = client.post(f"/v1/issues/{smoke}/merge", json={"other": light, "why": "物业说是同一处，张建国13812341234"})
    assert done.status_code == 201
    kept = done.json()["issue"]
    assert done.json()["other"] == ({light, smoke} - {kept}).pop()
    assert client.get(f"/v1/issues/{light}").json() == client.get(f"/v1/issues/{smoke}").json()
    assert client.get(f"/v1/issues/{light}").json()["issue"]["orders"] == 8
    again = client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "再说一次"})
    assert (again.status_code, again.json()["issue"]) == (200, kept)


def test_orders_that_a_person_splits_off_stay_apart(client, books):
    _town(books)
    light = _issue_of(books, "light-0")
    done = client.post(f"/v1/issues/{light}/split", json={"orders": ["light-0", "light-3"], "why": "另一盏灯"})
    assert done.status_code == 201
    new = done.json()["other"]
    assert _every_issue(books, "light-0", "light-3", "light-1") == {"light-0": new, "light-3": new, "light-1": light}
    assert client.get(f"/v1/issues/{new}").json()["issue"]["orders"] == 2


def test_what_cannot_be_split_off_is_named_and_changes_nothing(client, books):
    _town(books)
    light = _issue_of(books, "light-0")
    answer = client.post(f"/v1/issues/{light}/split", json={"orders": ["smoke-0", "light-0", "none"], "why": "不对"})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["errors"]] == [["orders", 0], ["orders", 2]]
    everything = [f"light-{number}" for number in range(5)]
    assert client.post(f"/v1/issues/{light}/split", json={"orders": everything, "why": "全部"}).status_code == 422
    assert client.post(f"/v1/issues/{light}/split", json={"orders": [], "why": "无"}).status_code == 422
    assert client.post(f"/v1/issues/{light}/merge", json={"other": "i-none", "why": "无"}).status_code == 404
    assert _issue_of(books, "light-0") == light
    assert books.ledger.broken_link() is None


def test_after_a_restart_the_issues_are_those_that_persons_made(client, books, keeping, tmp_path, clock):
    _town(books)
    names = [*(f"light-{number}" for number in range(5)), *(f"smoke-{number}" for number in range(3)), "alone"]
    light, smoke = (issue["id"] for issue in _issues(client))
    client.post(f"/v1/issues/{light}/split", json={"orders": ["light-1"], "why": "另一盏灯"})
    clock.pass_(minutes=5)
    merged = client.post(f"/v1/issues/{smoke}/merge", json={"other": _issue_of(books, "alone"), "why": "同一家店"})
    clock.pass_(minutes=5)
    _receive(books, "light-8", "2026-03-10T09:11", phone="13900000008")
    again = open_books(keeping, tmp_path, clock)
    linking = again.linking("nanmatou")
    with again.ledger.database.reading() as connection:
        linking.follow(connection)
    assert linking.issue_id(merged.json()["other"]) == merged.json()["issue"]
    for name in [*names, "light-8"]:
        text = SMOKE if name.startswith("smoke") else LIGHT
        order = check_request(
            {"policy": "nanmatou", "order": {"id": name, "received_at": "2026-03-10T09:00", "text": text}}
        ).order.to_order()
        assert linking.recall(order, at("2026-03-10T10:00")).issue == _issue_of(books, name), name
    split = client.post(f"/v1/issues/{light}/split", json={"orders": ["light-2"], "why": "又一盏"}).json()["other"]
    with again.ledger.database.reading() as connection:
        linking.follow(connection)
    assert linking.issue_id(split) == split
    again.ledger.database.close()


def test_a_deed_that_could_not_be_kept_is_forgotten(books, client):
    _town(books)
    light, smoke = (issue["id"] for issue in _issues(client))
    with books.ledger.database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE OF issue ON orders BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    for _ in range(2):
        assert client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "同一处"}).status_code == 503
    assert client.get(f"/v1/issues/{smoke}").json()["issue"]["id"] == smoke
    assert books.ledger.broken_link() is None
    with books.ledger.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "同一处"}).status_code == 201


def test_a_unit_sees_no_issues_an_analyst_changes_none_and_another_policy_is_not_there(client, books, door):
    _town(books)
    light, smoke = (issue["id"] for issue in _issues(client))
    door.actor = Actor("key:unit", Role.UNIT, "nanmatou", "urban-squad")
    assert client.get("/v1/issues").status_code == client.get(f"/v1/issues/{light}").status_code == 403
    door.actor = ANALYST
    assert client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "同一处"}).status_code == 403
    door.actor = Actor("key:other", Role.CENTRE, "tangqiao")
    assert client.get("/v1/issues").json()["items"] == []
    assert client.get("/v1/issues", params={"policy": "nanmatou"}).status_code == 403
    assert client.get(f"/v1/issues/{light}").status_code == 404
    assert client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "同一处"}).status_code == 404
    door.actor = None
    assert client.get("/v1/issues").status_code == 401


def test_issues_of_two_policies_are_never_merged(client, books, door):
    _receive(books, "a", "2026-03-09T08:00")
    _receive(books, "b", "2026-03-09T08:00", policy="tangqiao")
    door.actor = Actor("key:district", Role.CENTRE)
    answer = client.post(f"/v1/issues/{_issue_of(books, 'a')}/merge", json={"other": _issue_of(books, "b"), "why": "?"})
    assert answer.status_code == 422


def test_a_deed_is_in_the_ledger_without_names_and_in_the_audit_log(client, books):
    _town(books)
    light, smoke = (issue["id"] for issue in _issues(client))
    client.post(f"/v1/issues/{light}/merge", json={"other": smoke, "why": "来电人13812341234说是同一处"})
    with books.ledger.database.reading() as connection:
        (entry,) = connection.execute(select(ENTRIES).where(ENTRIES.c.kind == "issues_merged"))
        (audited,) = connection.execute(select(AUDIT).where(AUDIT.c.action == "merge issues"))
    assert {entry.fields["issue"], entry.fields["other"]} == {light, smoke}
    assert entry.fields["why"] == "来电人[电话]说是同一处"
    assert audited.who == DISPATCHER.id
    assert books.ledger.broken_link() is None


def test_what_persons_did_can_be_learnt_from(client, books):
    _town(books)
    client.post(f"/v1/issues/{_issue_of(books, 'light-0')}/split", json={"orders": ["light-1"], "why": "另一盏"})
    lessons = books.linking("nanmatou").lessons()
    assert {(one.id_a, one.id_b, one.same) for one in lessons} == {
        *(("light-1", f"light-{number}", False) for number in (2, 3, 4)),
        ("light-0", "light-1", False),
    }
