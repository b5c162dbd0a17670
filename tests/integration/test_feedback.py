"""Feedback over HTTP: what a dispatcher chose instead, kept once and without names."""

from functools import partial

import pytest

from api.feedback.routes import feedback_routes
from tests.integration.kept import CENTRE, DISPATCHER, Clock, Door, at, new_service, open_books, served
from triage.desk.orders.intake import receive
from triage.desk.orders.views import show_order
from triage.desk.requests import check_request
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.ledger import entries_of
from triage.records.orders import get_order

NAME, PHONE = "张建国", "13812341234"
SMOKE = f"市民{NAME}来电：临沂路金浦小区门口烧烤店每天半夜油烟很大，熏得睡不着"


@pytest.fixture(scope="module")
def keeping():
    return new_service()


@pytest.fixture
def clock():
    return Clock(at("2026-03-10T09:00"))


@pytest.fixture
def books(keeping, tmp_path, clock):
    opened = open_books(keeping, tmp_path, clock)
    order = {"received_at": "2026-03-10T08:00", "title": "油烟扰民", "text": SMOKE}
    for name in ("1", "2"):
        body = {"policy": "nanmatou", "order": {**order, "id": name, "caller": {"name": NAME, "phone": PHONE}}}
        receive(check_request(body), opened, DISPATCHER)
    yield opened
    opened.ledger.database.close()


@pytest.fixture
def door():
    return Door(DISPATCHER)


@pytest.fixture
def client(books, door, keeping):
    with served(door, partial(feedback_routes, books, categories=keeping.taxonomy.ids)) as client:
        yield client


@pytest.fixture
def other(keeping, books):
    """A category that was not suggested."""
    return next(name for name in sorted(keeping.taxonomy.ids) if name != _row(books).category)


def _row(books, order_id="1"):
    with books.ledger.database.reading() as connection:
        return get_order(connection, order_id)


def _say(client, order_id="1", **said):
    return client.post(f"/v1/orders/{order_id}/feedback", json=said)


def test_a_chosen_category_is_the_orders_from_then_on_and_the_suggestion_stays(client, books, other):
    suggested = _row(books).category
    decision = show_order("1", books, CENTRE, books.now()).decision
    answer = _say(client, category=other, why="其实是另一类")
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["fields"]["suggested"]["category"] == suggested
    row = _row(books)
    assert (row.category, row.version) == (other, 2)
    shown = show_order("1", books, CENTRE, books.now())
    assert shown.decision == decision
    assert [(event["kind"], event["category"]) for event in shown.events] == [("feedback", other)]
    assert books.ledger.broken_link() is None


def test_the_same_feedback_again_changes_nothing_and_another_under_its_id_is_refused(client, books, other):
    first = _say(client, id="f-1", category=other, why="其实是另一类")
    again = _say(client, id="f-1", category=other, why="其实是另一类")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert _say(client, id="f-1", category=other, why="改主意了").status_code == 409
    assert _row(books).version == 2
    assert _say(client, order_id="2", id="f-1", accepted=True).status_code == 201


def test_names_in_the_reason_are_seen_by_who_may_see_them_only(client, books, other):
    _say(client, category=other, why=f"{NAME}，电话{PHONE}，说不是油烟")
    with books.ledger.database.reading() as connection:
        kept = entries_of(connection, "1")[-1]
    assert kept.entry.fields["why"] == "[姓名]，电话[电话]，说不是油烟"
    assert kept.entry.seal is not None
    assert PHONE in str(show_order("1", books, CENTRE, books.now()).events)
    analyst = Actor("key:analyst", Role.ANALYST, "nanmatou")
    assert PHONE not in str(show_order("1", books, analyst, books.now()).events)


def test_every_fault_is_named(client, books):
    answer = _say(
        client,
        category="none",
        units=["none", "none"],
        request_type="x",
        urgency="very",
        mode="none",
        decider="me",
        issue="i-none",
    )
    assert answer.status_code == 422
    places = [error["loc"][0] for error in answer.json()["errors"]]
    assert set(places) == {"category", "units", "request_type", "urgency", "mode", "decider", "issue"}
    assert places.count("units") == 3
    assert _row(books).version == 1


@pytest.mark.parametrize(
    "said",
    [{}, {"why": "没说什么"}, {"accepted": True, "urgency": "urgent"}, {"units": []}, {"colour": "red"}, {"why": 1}],
)
def test_feedback_that_says_nothing_or_two_things_is_refused(client, said):
    assert _say(client, **said).status_code == 422


def test_everything_that_was_decided_can_be_said_otherwise(client, books, keeping, other):
    unit = next(iter(keeping.town("nanmatou").pack.units))
    said = {
        "category": other,
        "units": [unit],
        "request_type": "help",
        "urgency": "urgent",
        "mode": "designated",
        "decider": "duty_leader",
        "issue": _row(books, "2").issue,
    }
    answer = _say(client, **said, why="值班领导定的")
    assert answer.status_code == 201, answer.text
    assert {name: answer.json()["fields"][name] for name in said} == said
    assert (_row(books).request_type, _row(books).urgency) != ("help", "urgent")  # a note's facts change these


def test_who_may_not_say_so_does_not(client, door):
    for role, status in ((Role.UNIT, 403), (Role.ANALYST, 403), (Role.ADMIN, 403), (Role.DUTY_LEADER, 201)):
        door.actor = Actor("key:x", role, "nanmatou", "urban-squad")
        assert _say(client, accepted=True).status_code == status, role
    door.actor = Actor("key:other", Role.DISPATCHER, "tangqiao")
    assert _say(client, accepted=True).status_code == 404
    assert _say(client, order_id="none", accepted=True).status_code == 404
