"""People over HTTP and in the ledger."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import delete, select

from api.people.routes import people_routes
from tests.integration.kept import CENTRE, Clock, Door, at, served
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.entries import kept_from
from triage.records.people import PEOPLE_KINDS, project_people, roster_at
from triage.records.people_tables import ABSENCES, PERSONS, SHIFTS
from triage.records.tables import AUDIT, ENTRIES, KEYS

UNIT, LINE = "management-office", "deputy-management"
NAME, NUMBER = "慕容小满", "13700009999"


@pytest.fixture
def clock():
    return Clock(at("2026-03-02T10:00"))


@pytest.fixture
def door():
    return Door(CENTRE)


@pytest.fixture
def client(books, door):
    with served(door, partial(people_routes, books)) as client:
        yield client


def person(key="p-1", name=NAME, posts=None, **more):
    return {"id": key, "name": name, "telephones": [NUMBER], "posts": posts or [{"role": "unit", "unit": UNIT}], **more}


def put(client, *people, **headers):
    return client.put("/v1/people", json={"people": list(people)}, headers=headers)


def as_role(door, role, unit=None):
    door.actor = Actor(f"key:{role}", Role(role), "nanmatou", unit)


def faults(answer, status=422):
    assert answer.status_code == status, answer.text
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in answer.json()["errors"]}


def audited(books):
    with books.ledger.database.reading() as connection:
        return [(row.who, row.action, row.target) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.seq))]


def test_who_was_put_down_is_listed_and_found_behind_a_role(client):
    assert put(client, person()).json() == {"policy": "nanmatou", "changed": ["p-1"]}
    (listed,) = client.get("/v1/people").json()["items"]
    assert (listed["name"], listed["telephones"]) == (NAME, [NUMBER])
    found = client.get("/v1/people/who", params={"role": "unit", "unit": UNIT, "at": "2026-03-02T10:00"}).json()
    assert (found["person"]["name"], found["via"], found["on_duty"]) == (NAME, "post", True)


def test_the_same_again_is_no_entry(client, books):
    put(client, person())
    head = books.ledger.head()
    assert put(client, person()).json()["changed"] == []
    assert books.ledger.head() == head
    assert put(client, person(name="慕容大满")).json()["changed"] == ["p-1"]


def test_names_and_numbers_stand_sealed_in_the_database_and_nowhere_else(client, books, tmp_path):
    put(client, person())
    client.get("/v1/people")
    books.ledger.database.close()
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert NAME.encode() not in content and NUMBER.encode() not in content
        assert json.dumps(NAME).strip('"').encode() not in content


@pytest.mark.parametrize(
    ("role", "name", "number"),
    [
        ("dispatcher", True, True),
        ("centre", True, True),
        ("deputy_leader", True, True),
        ("main_leader", True, True),
        ("unit", True, False),
        ("party_office", True, False),
        ("district", True, False),
        ("admin", True, False),
        ("analyst", False, False),
    ],
)
def test_numbers_are_for_whoever_rings_and_names_for_the_house(client, door, role, name, number):
    put(client, person())
    as_role(door, role, UNIT if role == "unit" else None)
    for shown in (
        client.get("/v1/people").json()["items"][0],
        client.get("/v1/people/who", params={"role": "unit", "unit": UNIT}).json()["person"],
    ):
        assert (shown["name"] is not None, shown["telephones"] is not None) == (name, number)


def test_reading_names_and_numbers_and_every_change_is_audited(client, books, door):
    put(client, person())
    client.get("/v1/people")
    as_role(door, "unit", UNIT)
    client.get("/v1/people")
    as_role(door, "analyst")
    client.get("/v1/people")
    assert audited(books) == [
        ("key:centre", "put person", "nanmatou/p-1"),
        ("key:centre", "read people's numbers", "nanmatou/people"),
        ("key:unit", "read people's names", "nanmatou/people"),
    ]


@pytest.mark.parametrize("role", ["dispatcher", "unit", "analyst", "admin", "main_leader"])
def test_only_the_centre_changes_people(client, door, role):
    as_role(door, role, UNIT if role == "unit" else None)
    assert put(client, person()).status_code == 403
    assert client.put("/v1/duty", params={"week": "2026-W10"}, json={"shifts": []}).status_code == 403


def test_every_fault_is_told_at_once_and_nothing_is_kept(client, books):
    answer = put(
        client,
        person(posts=[{"role": "unit", "unit": "management-ofice"}]),
        person(),
        person("p-2", posts=[{"role": "main_leader", "leader": LINE}]),
    )
    found = faults(answer)
    assert "did you mean management-office" in found["people.0.posts.0.unit"]
    assert "there twice" in found["people.1.id"]
    assert "is deputy_leader" in found["people.2.posts.0.leader"]
    assert books.ledger.head() == 0


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"telephones": ["call me"]}, "people.0.telephones.0"),
        ({"name": "  "}, "people.0.name"),
        ({"id": "Zhang San"}, "people.0.id"),
        ({"posts": [{"role": "unit"}]}, "people.0.posts.0"),
        ({"posts": [{"role": "duty_leader"}]}, "people.0.posts.0"),
        ({"since": "2026-03-02T09:00", "until": "2026-03-01T09:00"}, "people.0"),
        ({"why": "?"}, "people.0.why"),
    ],
)
def test_what_does_not_fit_is_told_without_repeating_it(client, change, where):
    answer = put(client, {**person(), **change})
    assert where in faults(answer)
    assert NUMBER not in answer.text and NAME not in answer.text and "call me" not in answer.text


def test_two_who_change_people_at_once_do_not_overwrite_each_other(client):
    put(client, person())
    tag = client.get("/v1/people").headers["etag"]
    assert put(client, person("p-2"), **{"If-Match": tag}).status_code == 200
    assert put(client, person("p-3"), **{"If-Match": tag}).status_code == 412


def test_somebody_away_is_stood_in_for_until_they_are_back(client, clock):
    put(client, person(), person("p-2", posts=[{"role": "unit", "unit": UNIT, "rank": "B"}]))
    span = {"since": "2026-03-02T00:00", "until": "2026-03-05T00:00"}
    kept = client.post("/v1/people/p-1/absences", json=span)
    assert kept.status_code == 201
    assert client.post("/v1/people/p-1/absences", json=span).json() == kept.json()
    ask = {"role": "unit", "unit": UNIT, "at": "2026-03-03T10:00"}
    assert client.get("/v1/people/who", params=ask).json()["person"]["id"] == "p-2"
    overlapping = client.post("/v1/people/p-1/absences", json={**span, "since": "2026-03-04T00:00"})
    assert "overlaps the absence" in faults(overlapping)["since"]
    clock.pass_(hours=1)
    assert client.delete(f"/v1/people/p-1/absences/{kept.json()['id']}").status_code == 204
    assert client.get("/v1/people/who", params=ask).json()["person"]["id"] == "p-1"


@pytest.mark.parametrize("stand_in", ["p-1", "nobody"])
def test_a_stand_in_is_another_person_that_is_known(client, stand_in):
    put(client, person())
    span = {"since": "2026-03-02T00:00", "until": "2026-03-05T00:00", "stand_in": stand_in}
    assert "stand_in" in faults(client.post("/v1/people/p-1/absences", json=span))


def test_what_concerns_nobody_known_is_not_found(client):
    span = {"since": "2026-03-02T00:00", "until": "2026-03-05T00:00"}
    assert client.post("/v1/people/p-9/absences", json=span).status_code == 404
    assert client.delete("/v1/people/p-9").status_code == 404
    assert client.delete("/v1/people/p-9/absences/x").status_code == 404


def shift(**more):
    night = {"role": "centre", "person": "p-1", "since": "2026-03-08T17:00", "until": "2026-03-09T09:00"}
    return {**night, **more}


def roster(client, *shifts, week="2026-W10"):
    return client.put("/v1/duty", params={"week": week}, json={"shifts": list(shifts)})


def test_who_is_rung_on_a_sunday_night(client):
    put(client, person())
    kept = roster(client, shift())
    assert kept.status_code == 200
    asked = {"role": "unit_head", "unit": UNIT, "at": "2026-03-08T23:00"}
    found = client.get("/v1/people/who", params=asked).json()
    assert (found["via"], found["person"]["telephones"]) == ("duty", [NUMBER])
    assert {"centre", "duty_leader"} == {gap["role"] for gap in kept.json()["gaps"]}
    week = client.get("/v1/duty", params={"week": "2026-W10"}).json()
    assert week["shifts"] == kept.json()["shifts"] and week["people"][0]["name"] == NAME


def test_a_week_put_down_again_replaces_the_week_and_the_same_again_is_no_entry(client, books, clock):
    put(client, person(), person("p-2"))
    roster(client, shift())
    head = books.ledger.head()
    roster(client, shift())
    assert books.ledger.head() == head
    clock.pass_(minutes=1)
    assert len(roster(client, shift(person="p-2")).json()["shifts"]) == 1
    assert books.ledger.head() == head + 1


def test_faults_of_a_roster_are_told_by_their_place(client):
    put(client, person())
    answer = roster(
        client,
        shift(),
        shift(since="2026-03-08T20:00"),
        shift(person="ghost", since="2026-03-20T17:00", until="2026-03-21T09:00"),
        shift(role="unit", unit="moon-office"),
    )
    assert set(faults(answer)) == {"shifts.1", "shifts.2.since", "shifts.2.person", "shifts.3.unit"}
    roster(client, shift())
    next_week = roster(client, shift(since="2026-03-09T08:00", until="2026-03-09T17:00"), week="2026-W11")
    assert "another week" in faults(next_week)["shifts.0"]
    assert roster(client, week="2026-10").status_code == 422


@pytest.mark.parametrize(
    "change", [{"role": "analyst"}, {"unit": UNIT}, {"until": "2026-03-20T09:00"}, {"until": "2026-03-08T16:00"}]
)
def test_a_shift_that_is_none_is_told(client, change):
    put(client, person())
    assert "shifts.0" in faults(roster(client, shift(**change)))


def test_what_was_known_last_march_can_be_told(client, clock):
    put(client, person())
    roster(client, shift())
    march = clock.now
    clock.pass_(days=100)
    put(client, person(posts=[{"role": "party_office"}]), person("p-2", "司徒明月"))
    roster(client, shift(person="p-2"))
    asked = {"role": "centre", "at": "2026-03-08T23:00"}
    assert client.get("/v1/people/who", params=asked).json()["person"]["id"] == "p-2"
    then = client.get("/v1/people/who", params={**asked, "as_of": march.isoformat()}).json()
    assert then["person"]["id"] == "p-1" and then["person"]["posts"][0]["role"] == "unit"
    assert len(client.get("/v1/people", params={"as_of": march.isoformat()}).json()["items"]) == 1


def test_who_left_can_be_erased_and_their_duties_stay_told(client, books, clock):
    put(client, person())
    roster(client, shift())
    before = clock.now
    clock.pass_(days=30)
    assert client.delete("/v1/people/p-1").status_code == 204
    with books.ledger.database.reading() as connection:
        assert connection.execute(select(KEYS.c.wrapped)).scalars().all() == [None]
    (gone,) = client.get("/v1/people").json()["items"]
    assert gone["name"] is None and gone["until"] is not None
    then = client.get("/v1/duty", params={"week": "2026-W10", "as_of": before.isoformat()}).json()
    assert then["shifts"][0]["person"] == "p-1" and then["people"][0]["name"] is None
    assert books.ledger.broken_link() is None


def test_the_tables_can_be_drawn_up_from_the_ledger_again(client, books, clock):
    put(client, person(), person("p-2"))
    clock.pass_(minutes=1)
    roster(client, shift())
    kept = client.post("/v1/people/p-1/absences", json={"since": "2026-03-02T00:00", "until": "2026-03-05T00:00"})
    clock.pass_(minutes=1)
    client.delete(f"/v1/people/p-1/absences/{kept.json()['id']}")
    put(client, person(posts=[]))
    with books.ledger.turn() as turn:
        before = [roster_at(turn.connection, "nanmatou", moment) for moment in (clock.now, at("2026-03-02T10:01"))]
        for table in (PERSONS, ABSENCES, SHIFTS):
            turn.connection.execute(delete(table))
        rows = turn.connection.execute(select(ENTRIES).where(ENTRIES.c.kind.in_(PEOPLE_KINDS)).order_by(ENTRIES.c.seq))
        for row in rows.all():
            project_people(turn.connection, kept_from(row))
        after = [roster_at(turn.connection, "nanmatou", moment) for moment in (clock.now, at("2026-03-02T10:01"))]
    assert after == before and before[1].absences


def test_another_policys_people_are_not_shown_and_an_unknown_policy_is_told(client, door):
    assert client.get("/v1/people", params={"policy": "tangqiao"}).status_code == 403
    door.actor = replace(CENTRE, policy=None)
    assert "is needed" in faults(client.get("/v1/people"))["policy"]
    assert client.get("/v1/people", params={"policy": "nowhere"}).status_code == 404
    door.actor = None
    assert client.get("/v1/people").status_code == 401


def test_an_unknown_unit_is_told(client):
    answer = client.get("/v1/people/who", params={"role": "unit", "unit": "moon-office"})
    assert "moon-office" in faults(answer)["unit"]
