"""People, webhooks and the live stream on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from tests.ledger.desk import dispatched, order
from triage.desk.alerts import Wanted, list_alerts
from triage.desk.live import LiveView
from triage.desk.orders.intake import receive
from triage.desk.orders.recording import record
from triage.desk.people.given import AbsenceIn, PersonIn, ShiftIn
from triage.desk.people.keeping import erase_person, put_absence, put_duty, put_people, withdraw_absence
from triage.desk.people.views import show_people, show_who
from triage.desk.webhooks.addresses import Reach
from triage.desk.webhooks.finding import tick
from triage.desk.webhooks.registering import list_deliveries, list_webhooks, register, remove, resend
from triage.desk.webhooks.retries import MOST_TRIES
from triage.desk.webhooks.sending import Outcome
from triage.desk.webhooks.worker import claim_due, settle_try
from triage.domain.moments import SHANGHAI
from triage.domain.people import Actor
from triage.domain.vocabulary import AlertKind, Role
from triage.records.entries import kept_from
from triage.records.ledger import Ledger
from triage.records.people import PEOPLE_KINDS, project_people, roster_at
from triage.records.people_tables import ABSENCES, PERSONS, SHIFTS
from triage.records.tables import ENTRIES

CENTRE, ADMIN = Actor("key:centre", Role.CENTRE, "tangqiao"), Actor("key:admin", Role.ADMIN)
START = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)


class Clock:
    now = START

    def __call__(self):
        return self.now

    def pass_(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(books, clock):
    return replace(books, now=clock, ledger=Ledger(books.ledger.database, clock))


def handler(key, name, rank="A"):
    post = {"role": "unit", "unit": "power-company", "rank": rank}
    return PersonIn.model_validate({"id": key, "name": name, "telephones": ["13700009999"], "posts": [post]})


def rung(desk, role="unit", at=START, unit="power-company", as_of=None):
    view = show_who("tangqiao", Role(role), desk, CENTRE, at, unit=unit, as_of=as_of or desk.now())
    return view.person and view.person.name


def test_people_are_known_as_they_were_at_each_time(desk, clock):
    put_people("tangqiao", [handler("p-1", "慕容小满"), handler("p-2", "司徒明月", "B")], desk, CENTRE)
    before = clock.now
    clock.pass_(minutes=1)
    week = {"since": "2026-03-02T00:00", "until": "2026-03-07T00:00"}
    absence = put_absence("tangqiao", "p-1", AbsenceIn.model_validate(week), desk, CENTRE)
    assert (rung(desk), rung(desk, as_of=before)) == ("司徒明月", "慕容小满")
    clock.pass_(minutes=1)
    withdraw_absence("tangqiao", "p-1", absence.id, desk, CENTRE)
    night = {"role": "centre", "person": "p-2", "since": "2026-03-08T17:00", "until": "2026-03-09T09:00"}
    put_duty("tangqiao", "2026-W10", [ShiftIn.model_validate(night)], desk, CENTRE)
    assert rung(desk) == "慕容小满"
    assert rung(desk, at=START.replace(day=8, hour=23)) == "司徒明月"
    clock.pass_(minutes=1)
    erase_person("tangqiao", "p-1", desk, CENTRE)
    shown = show_people("tangqiao", desk, CENTRE, before)
    assert [one.name for one in shown.people] == [None, "司徒明月"]
    assert rung(desk, at=clock.now) == "司徒明月"
    assert desk.ledger.broken_link() is None


def test_the_tables_of_people_follow_from_the_ledger(desk, clock):
    put_people("tangqiao", [handler("p-1", "慕容小满")], desk, CENTRE)
    clock.pass_(minutes=1)
    put_people("tangqiao", [handler("p-1", "慕容大满", "B")], desk, CENTRE)
    with desk.ledger.turn() as turn:
        before = roster_at(turn.connection, "tangqiao", START), roster_at(turn.connection, "tangqiao", clock.now)
        for table in (PERSONS, ABSENCES, SHIFTS):
            turn.connection.execute(delete(table))
        rows = turn.connection.execute(select(ENTRIES).where(ENTRIES.c.kind.in_(PEOPLE_KINDS)).order_by(ENTRIES.c.seq))
        for row in rows.all():
            project_people(turn.connection, kept_from(row))
        after = roster_at(turn.connection, "tangqiao", START), roster_at(turn.connection, "tangqiao", clock.now)
    assert before == after and before[0] != before[1]


@pytest.fixture
def told(desk, clock, dispatcher):
    """A webhook, and an order with alerts since."""
    hook = register("http://127.0.0.1:65000/", "a secret of sixteen", desk, ADMIN, Reach()).id
    live = LiveView(desk, dispatcher)
    live.news()
    clock.pass_(hours=1)
    facts = {"issue_today": 10}
    receive(order("a-1", at="2026-03-02T10:30", facts=facts), desk, dispatcher)
    record("a-1", [dispatched("2026-03-02T10:45")], desk, dispatcher)
    return hook, live


def test_alerts_are_listed_told_and_sent(desk, clock, told, dispatcher):
    hook, live = told
    shown, _ = list_alerts(Wanted(clock.now, policy="tangqiao", kind=AlertKind.RED), desk, dispatcher)
    assert [one.kind for one in shown] == ["red"]
    assert {"order", "event", "alert_raised"} == {one.what for one in live.news()}
    assert live.news() == []
    tick(desk, clock.now)
    first = [one.alert for one in list_deliveries(hook, desk, ADMIN)]
    tick(desk, clock.now)
    assert [one.alert for one in list_deliveries(hook, desk, ADMIN)] == first and first


def test_a_message_is_tried_till_it_is_dead_and_again_when_asked(desk, clock, told):
    hook, _ = told
    tick(desk, clock.now)
    waiting = len(list_deliveries(hook, desk, ADMIN))
    for _ in range(MOST_TRIES * waiting):
        ((delivery, _message),) = claim_due(desk, clock.now, 8)
        settle_try(desk, delivery, Outcome(500, "answered 500"), clock.now, 0.0)
        clock.pass_(hours=13)
    assert not claim_due(desk, clock.now, 8)
    assert (list_webhooks(desk, ADMIN)[0].dead, list_webhooks(desk, ADMIN)[0].waiting) == (waiting, 0)
    resend(hook, 1, desk, ADMIN)
    ((delivery, _message),) = claim_due(desk, clock.now, 8)
    settle_try(desk, delivery, Outcome(204), clock.now, 0.0)
    assert [one.number for one in list_deliveries(hook, desk, ADMIN, state="delivered")] == [1]
    remove(hook, desk, ADMIN)
    assert list_webhooks(desk, ADMIN) == []
