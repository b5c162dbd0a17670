"""Webhooks: what is told, to whom it may be told, and what happens when nobody listens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from api.cursors import cursor_of
from api.webhooks.routes import webhook_routes
from tests.integration.far_side import FarSide
from tests.integration.kept import ADMIN, Clock, Door, at, happens, open_books, served, take_in
from triage.desk.webhooks.addresses import Reach, RefusedAddress, looked_up
from triage.desk.webhooks.finding import tick
from triage.desk.webhooks.registering import register
from triage.desk.webhooks.retries import MOST_TRIES, wait_after
from triage.desk.webhooks.sending import Message, Outcome, new_client, send
from triage.desk.webhooks.worker import LEASE, WebhookWorker, claim_due, settle_try
from triage.domain.errors import BadInput
from triage.domain.people import Actor
from triage.domain.vocabulary import AlertKind, Role
from triage.records.tables import AUDIT
from triage.records.webhook_tables import DELIVERIES, WEBHOOKS
from triage.records.webhooks import deliveries

SECRET = "a secret of the other system"
URL = "http://127.0.0.1:65000/hook"
OPEN = Reach()


@pytest.fixture
def clock():
    return Clock(at("2026-03-02T08:00"))


@pytest.fixture
def door():
    return Door(ADMIN)


@pytest.fixture
def client(books, door):
    with served(door, partial(webhook_routes, books, reach=Reach(own_port=8000))) as client:
        yield client


def hook(books, url=URL, **wanted):
    return register(url, SECRET, books, ADMIN, OPEN, **wanted).id


def messages(books, hook):
    with books.ledger.database.reading() as connection:
        return deliveries(connection, hook)


def told(books, hook):
    bodies = [json.loads(one.body) for one in messages(books, hook)]
    return {(body["data"]["order_id"], body["data"]["clause"]) for body in bodies}


# --- which alerts ------------------------------------------------------------------------------------------


def test_an_alert_is_told_once_however_often_is_looked(books, clock):
    wh = hook(books)
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    for _ in range(3):
        tick(books, clock.now)
    happens(books, "a-1", at="2026-03-02T09:30", kind="dispatched", unit="management-office", by="dispatcher")
    tick(books, clock.now)
    found = [one.alert for one in messages(books, wh)]
    assert len(found) == len(set(found))
    assert ("a-1", "nanmatou:rules/8.9.3.2") in told(books, wh)


def test_an_alert_that_time_alone_raises_is_told_when_its_time_has_come(books, clock):
    wh = hook(books)
    clock.pass_(hours=4)
    take_in(books, "a-3", "2026-03-02T10:00", city_supervised=True)
    happens(books, "a-3", at="2026-03-02T11:00", kind="dispatched", unit="management-office", by="dispatcher")
    tick(books, at("2026-03-09T17:00"))
    late = ("a-3", "nanmatou:bulletin/2.1.2")
    assert late not in told(books, wh)
    tick(books, at("2026-03-09T17:01"))
    assert late in told(books, wh)


def test_an_event_put_down_late_raises_an_alert_that_is_still_told(books, clock):
    wh = hook(books)
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T08:30")
    tick(books, clock.now)
    facts = {"media_exposed": True}
    happens(books, "a-1", at="2026-03-02T08:40", kind="note", by="dispatcher", facts=facts)
    tick(books, clock.now)
    assert ("a-1", "nanmatou:rules/8.9.3.2") in told(books, wh)


def test_only_what_was_asked_for_is_told_and_nothing_from_before(books, clock):
    take_in(books, "a-0", "2026-03-02T07:00", media_exposed=True)
    kinds, elsewhere = hook(books, kinds=[AlertKind.RED]), hook(books, URL + "2", policy="tangqiao")
    every = hook(books, URL + "3")
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    tick(books, clock.now)
    assert told(books, kinds) == told(books, elsewhere) == set()
    assert {order for order, _ in told(books, every)} == {"a-1"}


def test_a_message_holds_ids_clauses_and_roles_and_nothing_personal(books, clock):
    wh = hook(books)
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", "欧阳晓晓反映路灯不亮，电话13987654321", media_exposed=True)
    tick(books, clock.now)
    for one in messages(books, wh):
        body = json.loads(one.body)
        assert set(body["data"]) >= {"order_id", "policy", "kind", "clause", "because", "notify", "raised_at"}
        assert "欧阳" not in one.body and "13987654321" not in one.body and "13900001234" not in one.body


def test_two_processes_that_look_at_once_put_down_one_message(keeping, books, tmp_path, clock):
    wh = hook(books)
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    others = [open_books(keeping, tmp_path, clock) for _ in range(3)]
    threads = [threading.Thread(target=tick, args=(one, clock.now)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.ledger.database.close()
    found = [one.alert for one in messages(books, wh)]
    assert found and len(found) == len(set(found))


# --- where to ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://oa.example/",
            "oa.example",
            "http://",
            "http:///x",
            "file:///etc/passwd",
            "http://a b/",
            "http://路灯/",
        ),
        *("http://user:pw@oa.example/", "http://oa.example/#x", "http://oa.example:99999/", "http://oa.example:0/"),
        *("http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/"),
        *("http://100.100.100.200/", "http://0.0.0.0/", "http://[::]/", "http://224.0.0.1/", "http://255.255.255.255/"),
        *("http://[64:ff9b::a9fe:a9fe]/", "http://[2002:a9fe:a9fe::1]/", "http://" + "a" * 500),
        *("http://127.0.0.1:8000/v1/orders", "http://localhost:8000/", "http://[::1]:8000/", "http://127.3.2.1:8000/"),
    ],
)
def test_no_message_goes_where_no_receiver_can_be(url):
    with pytest.raises(BadInput):
        Reach(own_port=8000).check(url)


@pytest.mark.parametrize(
    "url",
    ["http://10.1.2.3/hook", "https://192.168.0.7:8443/", "http://oa.example/hook?x=1", "http://127.0.0.1:9000/"],
)
def test_a_closed_network_is_a_private_one(url):
    Reach(own_port=8000).check(url)


@given(st.text("htps:/[]@%#?.019afx\\ ", max_size=40).map(lambda rest: f"http://{rest}") | st.text())
def test_whatever_is_written_is_a_target_or_is_told_to_be_none(url):
    with suppress(BadInput):
        Reach(own_port=8000).check(url)


@pytest.mark.parametrize("written", ["http://2852039166/", "http://0xa9.0xfe.0xa9.0xfe/"])
def test_an_address_written_oddly_is_refused_when_it_is_resolved(written):
    with pytest.raises(RefusedAddress):
        Reach().resolve(written)


def test_this_machines_own_addresses_on_our_port_are_this_service():
    reach = Reach(own_port=8000, look_up=lambda host, port: ["10.0.0.5"], is_ours=lambda address: True)
    with pytest.raises(RefusedAddress, match="this service itself"):
        reach.resolve("http://triage.example:8000/")


def post(url, deadline=5.0, reach=OPEN):
    async def once():
        async with new_client() as client:
            message = Message("alert_1", url, SECRET, b"{}")
            return await send(message, client, reach, at("2026-03-02T09:00"), deadline=deadline)

    return asyncio.run(once())


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    with FarSide() as far:
        answers = iter([["127.0.0.1"], ["169.254.169.254"]])
        reach = Reach(look_up=lambda host, port: next(answers))
        url = f"http://oa.example:{far.port}/hook"
        assert post(url, reach=reach).taken
        assert far.requests[0][0]["host"] == f"oa.example:{far.port}"
        assert "metadata" in post(url, reach=reach).fault
        assert len(far.requests) == 1


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    with FarSide() as far, FarSide() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert post(far.url).taken
        assert not proxy.requests


@pytest.mark.parametrize(
    ("way", "status", "fault"),
    [
        ("ok", 204, None),
        ("failing", 500, "answered 500"),
        ("redirecting", 307, "answered 307"),
        ("cutting", None, "RemoteProtocolError"),
        ("babbling", None, "RemoteProtocolError"),
        ("endless", 200, None),
        ("hanging", None, "no answer within 0.5 seconds"),
    ],
)
def test_whatever_the_far_side_does_it_is_over_and_told(way, status, fault):
    with FarSide() as elsewhere, FarSide(way, elsewhere.url) as far:
        assert post(far.url, deadline=0.5) == Outcome(status, fault)
        assert len(far.requests) == 1 and not elsewhere.requests


def test_a_host_that_nobody_knows_or_that_refuses_is_told():
    def unknown(host, port):
        raise OSError(host)

    assert post("http://oa.example/", reach=Reach(look_up=unknown)).fault == "the host's name is not known"
    assert post("http://127.0.0.1:9/").fault == "ConnectError"


def test_the_next_address_of_a_host_is_tried_where_one_takes_no_connection():
    with FarSide() as far:
        reach = Reach(look_up=lambda host, port: ["127.0.0.2", "127.0.0.1"])
        assert post(f"http://oa.example:{far.port}/", reach=reach).taken


def test_a_message_is_signed_so_that_the_receiver_can_check_it():
    with FarSide() as far:
        post(far.url)
        headers, body = far.requests[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(at("2026-03-02T09:00").timestamp()))
    assert far.paths == ["POST /hook?key=1 HTTP/1.1"]


# --- again and again ---------------------------------------------------------------------------------------


def waiting(books, clock, url=URL):
    """A webhook with one message that is due."""
    wh = hook(books, url, kinds=[AlertKind.SUPERVISION])
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    tick(books, clock.now)
    return wh


def test_waits_grow_from_a_minute_to_twelve_hours_and_end():
    waits = [wait_after(tries, 0.0) for tries in range(1, MOST_TRIES)]
    assert waits == sorted(waits)
    assert (waits[0].total_seconds(), waits[-1].total_seconds()) == (60, 12 * 3600)
    assert wait_after(MOST_TRIES, 0.0) is None
    assert wait_after(1, 1.0).total_seconds() == pytest.approx(72)


def test_a_message_nobody_takes_is_dead_after_the_last_try_and_can_be_sent_again(client, books, clock):
    wh = waiting(books, clock)
    ids = set()
    for _ in range(MOST_TRIES):
        ((delivery, message),) = claim_due(books, clock.now, 8)
        assert not claim_due(books, clock.now, 8)
        ids.add(message.id)
        settle_try(books, delivery, Outcome(500, "answered 500"), clock.now, 0.0)
        assert not claim_due(books, clock.now, 8)
        clock.pass_(hours=13)
    assert not claim_due(books, clock.now, 8)
    (dead,) = client.get(f"/v1/webhooks/{wh}/deliveries", params={"state": "dead"}).json()["items"]
    assert (dead["tries"], dead["status"], dead["fault"], {dead["id"]}) == (MOST_TRIES, 500, "answered 500", ids)
    again = client.post(f"/v1/webhooks/{wh}/deliveries/{dead['number']}/resend")
    assert again.json()["state"] == "waiting"
    ((delivery, message),) = claim_due(books, clock.now, 8)
    settle_try(books, delivery, Outcome(204), clock.now, 0.0)
    assert message.id in ids
    assert client.post(f"/v1/webhooks/{wh}/deliveries/{dead['number']}/resend").status_code == 409


def test_who_was_thought_dead_and_comes_back_changes_nothing(books, clock):
    wh = waiting(books, clock)
    ((slow, _),) = claim_due(books, clock.now, 8)
    clock.now += LEASE
    ((quick, _),) = claim_due(books, clock.now, 8)
    settle_try(books, quick, Outcome(204), clock.now, 0.0)
    settle_try(books, slow, Outcome(None, "no answer"), clock.now, 0.0)
    (only,) = messages(books, wh)
    assert (only.state, only.tries) == ("delivered", 2)


def test_a_secret_that_does_not_open_keeps_its_own_messages_waiting_and_no_others(books, clock, caplog):
    broken, whole = hook(books), hook(books, URL + "2")
    with books.ledger.turn() as turn:
        turn.connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == broken).values(secret=b"0" * 40))
    clock.pass_(hours=2)
    take_in(books, "a-1", "2026-03-02T09:00", media_exposed=True)
    tick(books, clock.now)
    assert {delivery.webhook for delivery, _ in claim_due(books, clock.now, 8)} == {whole}
    assert all(one.tries == 0 for one in messages(books, broken))
    assert broken in caplog.text


class _Running:
    """A worker that runs while the block does."""

    def __init__(self, books, **more):
        self.worker = WebhookWorker(books, OPEN, lambda: 0.0, every=0.02, **more)

    def __enter__(self):
        self.worker.start()

    def __exit__(self, *_error):
        self.worker.stop()


def _until(done, seconds=20.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.02)


def test_a_webhook_that_hangs_keeps_nobody_else_waiting(books, clock):
    with FarSide("hanging") as stuck, FarSide() as far:
        slow, quick = hook(books, stuck.url), hook(books, far.url)
        clock.pass_(hours=2)
        with _Running(books, deadline=3.0):
            for number in range(5):
                take_in(books, f"a-{number}", "2026-03-02T09:00", media_exposed=True)
            _until(lambda: {"delivered"} == {one.state for one in messages(books, quick)} and len(far.requests) >= 5)
            assert "delivered" not in {one.state for one in messages(books, slow)}
            assert sum(one.claimed_until is not None for one in messages(books, slow)) == 1
    ids = [headers["webhook-id"] for headers, _ in far.requests]
    assert len(ids) == len(set(ids))


def test_killed_on_the_way_a_message_is_sent_again_under_its_id_by_the_next_process(books, clock, tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\n"
        "from tests.integration.kept import *\nfrom triage.desk.webhooks.worker import WebhookWorker\n"
        "from triage.desk.webhooks.addresses import Reach\n"
        "books = open_books(new_service(), Path(sys.argv[1]), Clock(at('2026-03-02T10:00')))\n"
        "WebhookWorker(books, Reach(), lambda: 0.0).start()\nimport time\ntime.sleep(60)\n"
    )
    with FarSide("hanging") as far:
        wh = waiting(books, clock, far.url)
        root = Path(__file__).resolve().parents[2]
        process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(root)], cwd=root)
        try:
            assert far.arrived.wait(60)
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        (only,) = messages(books, wh)
        assert (only.state, only.tries) == ("waiting", 1)
        far.way = "ok"
        clock.now += LEASE
        with _Running(books):
            _until(lambda: messages(books, wh)[0].state == "delivered")
    first, second = (headers["webhook-id"] for headers, _ in far.requests)
    assert first == second


# --- over HTTP ---------------------------------------------------------------------------------------------


def new(client, url=URL, **more):
    return client.post("/v1/webhooks", json={"url": url, "secret": SECRET, **more})


def test_an_admin_registers_lists_and_removes(client, books):
    made = new(client, kinds=["red"], policy="nanmatou")
    assert made.status_code == 201
    (listed,) = client.get("/v1/webhooks").json()["items"]
    assert listed == made.json() and "secret" not in listed
    assert new(client, policy="nanmatou").status_code == 409
    assert client.delete(f"/v1/webhooks/{listed['id']}").status_code == 204
    assert client.get("/v1/webhooks").json()["items"] == []
    assert client.get(f"/v1/webhooks/{listed['id']}/deliveries").status_code == 404
    assert client.delete(f"/v1/webhooks/{listed['id']}").status_code == 404
    with books.ledger.database.reading() as connection:
        actions = connection.execute(select(AUDIT.c.action).order_by(AUDIT.c.seq)).scalars().all()
        assert actions == ["register webhook", "remove webhook"]
        assert connection.execute(select(WEBHOOKS.c.secret)).scalar_one() is None


def test_messages_to_a_webhook_that_was_removed_are_not_sent(client, books, clock):
    wh = waiting(books, clock)
    client.delete(f"/v1/webhooks/{wh}")
    assert not claim_due(books, clock.now, 8)
    with books.ledger.database.reading() as connection:
        assert connection.execute(select(DELIVERIES.c.state)).scalars().all() == ["dead"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_has_webhooks(client, door, role):
    door.actor = Actor("key", role, "nanmatou", "management-office")
    assert client.get("/v1/webhooks").status_code == 403
    assert new(client).status_code == 403


def test_an_admin_of_one_policy_has_its_webhooks_only(client, door):
    all_of_them = new(client).json()["id"]
    door.actor = Actor("key:own", Role.ADMIN, "nanmatou")
    assert client.get("/v1/webhooks").json()["items"] == []
    assert client.delete(f"/v1/webhooks/{all_of_them}").status_code == 404
    assert new(client, policy="tangqiao").status_code == 403
    assert new(client).json()["policy"] == "nanmatou"


def test_a_secret_is_never_repeated(client, tmp_path, books):
    short = client.post("/v1/webhooks", json={"url": URL, "secret": "tooshort"})
    assert short.status_code == 422 and "tooshort" not in short.text
    assert SECRET not in new(client).text
    books.ledger.database.close()
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_url_that_may_not_be_told_is_refused_with_its_reason(client):
    answer = new(client, "http://169.254.169.254/")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["url"]
    assert new(client, kinds=[]).status_code == 422
    assert new(client, kinds=["purple"]).status_code == 422


def test_deliveries_come_in_pages(client, books, clock):
    wh = hook(books)
    clock.pass_(hours=2)
    for number in range(3):
        take_in(books, f"a-{number}", "2026-03-02T09:00", media_exposed=True)
    tick(books, clock.now)
    whole = client.get(f"/v1/webhooks/{wh}/deliveries").json()["items"]
    found, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/v1/webhooks/{wh}/deliveries", params=params).json()
        found += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert found == whole and len(whole) >= 3


def test_a_cursor_with_a_number_that_no_database_takes_is_refused(client, books):
    wh = hook(books)
    for number in (10**40, -(10**40)):
        assert client.get(f"/v1/webhooks/{wh}/deliveries", params={"cursor": cursor_of(number)}).status_code == 422


def test_names_are_looked_up_as_the_system_does():
    assert "127.0.0.1" in looked_up("127.0.0.1", 80)
