"""Callers by pseudonym over HTTP, and their erasure: what they said is unreadable for good, figures and chain stay."""

import json
from functools import partial

import pytest
from sqlalchemy import select

from api.callers.routes import caller_routes
from api.issues.routes import issue_routes
from tests.integration.kept import CENTRE, DISPATCHER, Clock, Door, at, open_books, served
from triage.desk.callers import erase_caller
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.orders.views import show_order
from triage.desk.requests import check_request
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.orders import get_order
from triage.records.tables import AUDIT, ENTRIES, KEYS

NAME, PHONE = "张建国", "13812341234"
LIGHT = "浦三路雪野路路口的路灯坏了三天没有人修，晚上走路看不清"
SMOKE = "临沂路金浦小区门口烧烤店每天半夜油烟很大，熏得睡不着"
CITIZEN = Actor("command line", Role.ADMIN)


@pytest.fixture
def clock():
    return Clock(at("2026-03-10T09:00"))


@pytest.fixture
def door():
    return Door(CENTRE)


@pytest.fixture
def client(books, door):
    routes = [partial(one, books) for one in (caller_routes, issue_routes)]
    with served(door, *routes) as client:
        yield client


def _receive(books, order_id, received_at, text=LIGHT, phone=PHONE, policy="nanmatou"):
    order = {
        "id": order_id,
        "received_at": received_at,
        "title": text[:20],
        "text": f"市民{NAME}来电：{text}" if phone == PHONE else text,
        "caller": {"name": NAME if phone == PHONE else "", "phone": phone},
    }
    return receive(check_request({"policy": policy, "order": order}), books, DISPATCHER)


def _town(books):
    """One caller: three calls about a lamp (one in February), one about smoke; another caller about the lamp."""
    _receive(books, "1", "2026-02-27T08:00")
    _receive(books, "2", "2026-03-02T08:00")
    _receive(books, "3", "2026-03-03T08:00", SMOKE)
    _receive(books, "4", "2026-03-04T08:00")
    _receive(books, "5", "2026-03-05T08:00", phone="13900000001")


def _row(books, order_id):
    with books.ledger.database.reading() as connection:
        return get_order(connection, order_id)


def _shown(books, order_id):
    return show_order(order_id, books, CENTRE, books.now())


def _everything(books):
    """All that the database says, as text."""
    with books.ledger.database.reading() as connection:
        raw = connection.connection.driver_connection
        return "\n".join(raw.iterdump())


def test_a_callers_matters_are_shown_with_their_calls_and_nothing_personal(client, books):
    _town(books)
    record(
        "3",
        [{"at": "2026-03-03T09:00", "kind": "dispatched", "unit": "urban-squad", "by": "dispatcher"}],
        books,
        DISPATCHER,
    )
    token = _row(books, "1").caller
    answer = client.get(f"/v1/callers/{token}")
    shown = answer.json()
    assert (shown["token"], shown["strength"], shown["orders"], shown["more"]) == (token, "phone", 4, False)
    assert shown["statuses"] == {"dispatched": 1, "to_dispatch": 3}
    lamp, smoke = shown["matters"]
    assert [(order["id"], order["call"]) for order in lamp["orders"]] == [("1", 1), ("2", 2), ("4", 3)]
    assert lamp["because"].startswith("该来电人就同一事项第3次来电")
    assert (smoke["calls"], smoke["status"], smoke["orders"][0]["unit"]) == (1, "dispatched", "urban-squad")
    assert NAME not in answer.text and PHONE not in answer.text


def test_reading_a_caller_is_audited_without_the_pseudonym(client, books):
    _town(books)
    token = _row(books, "1").caller
    client.get(f"/v1/callers/{token}")
    with books.ledger.database.reading() as connection:
        (audited,) = connection.execute(select(AUDIT).where(AUDIT.c.action == "read caller"))
    assert (audited.who, audited.target) == (CENTRE.id, "of order 4")


def test_who_may_not_see_a_caller_does_not(client, books, door):
    _town(books)
    token = _row(books, "1").caller
    for role, status in ((Role.UNIT, 403), (Role.ADMIN, 403), (Role.ANALYST, 200), (Role.MAIN_LEADER, 200)):
        door.actor = Actor("key:x", role, "nanmatou", "urban-squad")
        assert client.get(f"/v1/callers/{token}").status_code == status, role
    door.actor = Actor("key:other", Role.CENTRE, "tangqiao")
    assert client.get(f"/v1/callers/{token}").status_code == 404
    assert client.post(f"/v1/callers/{token}/erase", json={"why": "本人要求"}).status_code == 404
    for role in (Role.DISPATCHER, Role.ANALYST, Role.UNIT, Role.MAIN_LEADER):
        door.actor = Actor("key:x", role, "nanmatou", "urban-squad")
        assert client.post(f"/v1/callers/{token}/erase", json={"why": "本人要求"}).status_code == 403, role
    door.actor = CENTRE
    assert client.get("/v1/callers/c1-nobody").status_code == 404
    assert client.post("/v1/callers/c1-nobody/erase", json={"why": "本人要求"}).status_code == 404


def test_of_an_erased_caller_nothing_can_be_read_and_the_figures_stay(client, books):
    _town(books)
    token, issue = _row(books, "1").caller, _row(books, "1").issue
    before = client.get(f"/v1/issues/{issue}").json()["issue"]
    assert _shown(books, "1").caller["phone"] == PHONE
    answer = client.post(f"/v1/callers/{token}/erase", json={"why": f"{NAME}，{PHONE}本人要求"})
    assert answer.json() == {"orders": 4, "keys": 2}
    shown = _shown(books, "1")
    assert not shown.personal and shown.caller["phone"] is None
    assert NAME not in str(shown) and PHONE not in str(shown) and "路灯" in shown.text
    after = client.get(f"/v1/issues/{issue}").json()["issue"]
    assert after == before
    assert client.get(f"/v1/callers/{token}").status_code == 404
    stranger = _row(books, "1").caller
    assert stranger.startswith("x-") and {_row(books, name).caller for name in "1234"} == {stranger}
    assert client.get(f"/v1/callers/{stranger}").json()["strength"] is None
    assert _row(books, "5").caller.startswith("c1-")
    assert _shown(books, "5").personal
    assert books.ledger.broken_link() is None
    for personal in (token, NAME, PHONE):
        assert personal not in _everything(books)


def test_an_erased_caller_who_calls_again_is_somebody_new(client, books):
    _town(books)
    token = _row(books, "1").caller
    client.post(f"/v1/callers/{token}/erase", json={"why": "本人要求"})
    again = _receive(books, "6", "2026-03-10T08:00")
    assert (again.decision["caller"]["token"], again.decision["caller"]["repeat_count"]) == (token, 1)
    assert client.get(f"/v1/callers/{token}").json()["orders"] == 1
    assert _shown(books, "6").personal


def test_the_same_order_again_is_still_known_after_the_erasure(client, books):
    _town(books)
    client.post(f"/v1/callers/{_row(books, '1').caller}/erase", json={"why": "本人要求"})
    again = _receive(books, "1", "2026-02-27T08:00")
    assert not again.is_new
    assert (
        record(
            "1",
            [
                {
                    "at": "2026-03-10T09:00",
                    "kind": "dispatched",
                    "unit": "urban-squad",
                    "by": "dispatcher",
                    "reason": f"来电人姓名：{NAME}",
                }
            ],
            books,
            DISPATCHER,
        ).order.status
        == "dispatched"
    )
    assert NAME not in str(_shown(books, "1"))


def test_another_process_and_a_restarted_one_forget_the_caller_too(client, books, keeping, tmp_path, clock):
    _town(books)
    other = open_books(keeping, tmp_path, clock)
    linking = other.linking("nanmatou")
    with other.ledger.database.reading() as connection:
        linking.follow(connection)
    client.post(f"/v1/callers/{_row(books, '1').caller}/erase", json={"why": "本人要求"})
    restarted = open_books(keeping, tmp_path, clock)
    for place, one in enumerate((other, restarted)):
        again = _receive(one, f"again-{place}", f"2026-03-10T08:0{place}")
        assert again.decision["caller"]["repeat_count"] == 1 + place  # the call just before it is new and known
        assert again.order.issue == _row(books, "1").issue
        one.ledger.database.close()


def test_a_caller_whose_orders_are_of_two_policies_is_erased_by_who_is_of_both(client, books):
    _town(books)
    _receive(books, "t", "2026-03-05T08:00", policy="tangqiao")
    token = _row(books, "1").caller
    assert client.post(f"/v1/callers/{token}/erase", json={"why": "本人要求"}).status_code == 409
    assert _shown(books, "1").personal
    done = erase_caller(token, "本人要求", books, CITIZEN)
    assert done.orders == 5
    with books.ledger.database.reading() as connection:
        erased = list(connection.execute(select(ENTRIES).where(ENTRIES.c.kind == "caller_erased")))
    assert [(one.policy, one.fields["orders"]) for one in erased] == [
        ("nanmatou", ["1", "2", "3", "4"]),
        ("tangqiao", ["t"]),
    ]


def test_an_erasure_that_could_not_be_kept_destroyed_nothing(client, books):
    _town(books)
    token = _row(books, "1").caller
    with books.ledger.database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE OF caller ON orders BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    assert client.post(f"/v1/callers/{token}/erase", json={"why": "本人要求"}).status_code == 503
    assert _shown(books, "1").personal
    with books.ledger.database.reading() as connection:
        assert all(row.wrapped for row in connection.execute(select(KEYS)))


@pytest.mark.parametrize("body", [{}, {"why": ""}, {"why": "x", "token": "c1"}, []])
def test_an_erasure_needs_a_reason(client, books, body):
    assert client.post("/v1/callers/c1-x/erase", json=body).status_code == 422


def test_a_caller_is_erased_from_the_command_line(triage, books, tmp_path, keeping):
    _town(books)
    secret = keeping.settings.secret.get_secret_value()
    address = f"sqlite:///{tmp_path}/kept.db"
    token = _row(books, "1").caller
    done = triage("caller", "erase", token, "--why", "本人要求", "--database", address, TRIAGE_SECRET=secret)
    assert (done.code, json.loads(done.out)) == (0, {"orders": 4, "keys": 2}), done.err
    again = triage("caller", "erase", token, "--why", "本人要求", "--database", address, TRIAGE_SECRET=secret)
    assert again.code == 2 and "no such caller" in again.err and token not in again.err
