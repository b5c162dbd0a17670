"""The live desk: what is told to whom, and a served stream that another process's order reaches."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from api.access.gate import Gate
from api.errors import install_errors
from api.live.routes import live_routes
from api.live.streams import LiveStreams
from tests.integration.kept import DISPATCHER, Clock, Door, at, happens, take_in
from triage.desk.live import LiveView
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

UNIT = "management-office"
OWN = Actor("key:unit", Role.UNIT, "nanmatou", UNIT)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clock():
    return Clock(at("2026-03-02T12:00"))


def watching(books, by=DISPATCHER, after=None):
    view = LiveView(books, by, after)
    view.news()
    return view


def told(view):
    return [(one.what, one.data.get("order_id"), one.data.get("kind")) for one in view.news()]


def dispatched(books, order="a-1", unit=UNIT):
    happens(books, order, at="2026-03-02T11:00", kind="dispatched", unit=unit, by="dispatcher")


# --- what is told ------------------------------------------------------------------------------------------


def test_orders_events_and_alerts_are_told_once_as_they_come(books):
    view = watching(books)
    take_in(books, "a-1", "2026-03-02T10:00", media_exposed=True)
    first = told(view)
    assert first[0] == ("order", "a-1", "received")
    assert ("alert_raised", "a-1", "supervision") in first
    dispatched(books)
    assert told(view)[0] == ("event", "a-1", "dispatched")
    assert told(view) == []


def test_what_was_before_is_not_told(books):
    take_in(books, "a-1", "2026-03-02T10:00", media_exposed=True)
    assert told(watching(books)) == []


def test_an_alert_that_time_alone_raises_is_told_when_its_time_comes(books, clock):
    take_in(books, "a-1", "2026-03-02T10:00", city_supervised=True)
    dispatched(books)
    view = watching(books)
    clock.now = at("2026-03-09T17:00")
    told(view)
    clock.now = at("2026-03-09T17:01")
    assert ("alert_raised", "a-1", "special_report") in told(view)


def test_an_alert_that_ends_is_told(books, clock):
    take_in(books, "a-1", "2026-03-02T10:00")
    view = watching(books)
    raised = []
    for hour in range(13, 18):
        clock.now = at(f"2026-03-02T{hour}:00")
        raised += told(view)
    happens(books, "a-1", at="2026-03-02T17:00", kind="note", by="dispatcher", facts={"media_exposed": True})
    assert ("alert_raised", "a-1", "supervision") in told(view)
    clock.pass_(minutes=5)
    happens(books, "a-1", at="2026-03-02T17:05", kind="note", by="dispatcher", facts={"media_exposed": False})
    assert ("alert_lifted", "a-1", "supervision") in told(view)


def test_a_unit_is_told_of_its_own_orders_only(books):
    view = watching(books, OWN)
    take_in(books, "a-1", "2026-03-02T10:00", media_exposed=True)
    take_in(books, "a-2", "2026-03-02T10:00", media_exposed=True)
    assert told(view) == []
    dispatched(books, "a-1")
    dispatched(books, "a-2", "police-station")
    assert {order for _, order, _ in told(view)} == {"a-1"}


def test_another_policy_is_told_nothing(books):
    view = watching(books, Actor("key:far", Role.DISPATCHER, "tangqiao"))
    take_in(books, "a-1", "2026-03-02T10:00", media_exposed=True)
    assert told(view) == []


def test_nothing_personal_is_told(books):
    view = watching(books)
    take_in(books, "a-1", "2026-03-02T10:00", "欧阳晓晓反映路灯不亮，电话13987654321", media_exposed=True)
    written = json.dumps([dict(one.data) for one in view.news()], ensure_ascii=False)
    assert "欧阳" not in written and "13987654321" not in written and "路灯" not in written


def test_who_comes_back_goes_on_where_they_were(books):
    take_in(books, "a-1", "2026-03-02T10:00")
    take_in(books, "a-2", "2026-03-02T10:00")
    view = LiveView(books, DISPATCHER, after=1)
    assert view.news() == []
    assert [order for what, order, _ in told(view) if what == "order"] == ["a-2"]


@pytest.mark.parametrize("after", [0, 99])
def test_who_comes_from_nowhere_known_is_told_to_read_anew(books, after):
    take_in(books, "a-1", "2026-03-02T10:00")
    (reset,) = LiveView(books, DISPATCHER, after).news()
    assert (reset.what, reset.seq) == ("reset", 1)


def test_who_was_away_for_days_is_told_to_read_anew(books, clock):
    take_in(books, "a-1", "2026-03-02T10:00")
    clock.pass_(days=3)
    take_in(books, "a-2", "2026-03-02T10:00")
    assert [one.what for one in LiveView(books, DISPATCHER, after=1).news()] == ["reset"]


# --- served ------------------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """Ends the streams before it waits for them, as the service's own server does."""

    streams: LiveStreams

    async def shutdown(self, sockets=None):
        self.streams.stop()
        await super().shutdown(sockets)


@contextmanager
def serving(books, door, streams):
    app = FastAPI()
    install_errors(app)
    app.include_router(live_routes(books, Gate(door), streams))
    server = _Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    server.streams = streams
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1/live"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def stream(url, **headers):
    with httpx2.Client(timeout=20, trust_env=False) as client, client.stream("GET", url, headers=headers) as answer:
        yield answer


def events(lines):
    """Events one by one; heartbeats and the like are left out."""
    event = {}
    for line in lines:
        if line == "":
            if "event" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            name, value = line.split(": ", 1)
            event[name] = value


@pytest.fixture
def streams():
    return LiveStreams(every=0.02, beat=2, of_one_key=2)


def until_heartbeat(lines):
    """The stream has begun: what happens from now on is told."""
    for line in lines:
        if line == ": beat":
            return


def test_an_order_that_another_process_takes_in_arrives(books, streams, tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[2])\nfrom tests.integration.kept import *\n"
        "books = open_books(new_service(), Path(sys.argv[1]), Clock(at('2026-03-02T12:00')))\n"
        "take_in(books, 'from-afar', '2026-03-02T10:00')\n"
    )
    with serving(books, Door(DISPATCHER), streams) as url, stream(url) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        until_heartbeat(lines)
        subprocess.run([sys.executable, "-c", script, str(tmp_path), str(ROOT)], cwd=ROOT, check=True, timeout=120)
        event = next(events(lines))
    assert (event["event"], event["id"], json.loads(event["data"])["order_id"]) == ("order", "1", "from-afar")


def test_a_stream_goes_on_from_the_last_event_id(books, streams):
    take_in(books, "a-1", "2026-03-02T10:00")
    take_in(books, "a-2", "2026-03-02T10:00")
    with serving(books, Door(DISPATCHER), streams) as url, stream(url, **{"Last-Event-ID": "1"}) as answer:
        event = next(events(answer.iter_lines()))
    assert (event["id"], json.loads(event["data"])["order_id"]) == ("2", "a-2")


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "１"])
def test_a_nonsense_place_is_the_present(books, streams, nonsense):
    told = {"Last-Event-ID": nonsense.encode()}
    with serving(books, Door(DISPATCHER), streams) as url, stream(url, **told) as answer:
        assert answer.status_code == 200
        until_heartbeat(answer.iter_lines())


@pytest.mark.parametrize("change", [None, Actor("key:desk", Role.DISPATCHER, "tangqiao")])
def test_a_key_that_is_taken_back_or_changed_ends_its_stream(books, streams, change):
    door = Door(DISPATCHER)
    with serving(books, door, streams) as url, stream(url) as answer:
        lines = answer.iter_lines()
        until_heartbeat(lines)
        door.actor = change
        assert next(events(lines))["event"] == "end"
        assert list(events(lines)) == []


def test_a_key_has_so_many_streams_and_gives_back_those_it_ended(books, streams):
    with serving(books, Door(DISPATCHER), streams) as url:
        with stream(url) as one, stream(url) as other:
            open_ones = [one.iter_lines(), other.iter_lines()]  # an iterator that is dropped ends its stream
            for lines in open_ones:
                until_heartbeat(lines)
            refused = httpx2.get(url, trust_env=False)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        end = time.monotonic() + 20
        while streams._open and time.monotonic() < end:
            time.sleep(0.02)
        with stream(url) as again:
            assert again.status_code == 200


def test_streams_end_when_the_server_stops_and_by_themselves_after_a_while(books, streams):
    with serving(books, Door(DISPATCHER), LiveStreams(every=0.01, longest=3)) as url, stream(url) as answer:
        assert [event["event"] for event in events(answer.iter_lines())] == ["end"]
    with serving(books, Door(DISPATCHER), streams) as url, stream(url) as answer:
        lines = answer.iter_lines()
        until_heartbeat(lines)
        streams.stop()
        assert [event["event"] for event in events(lines)] == ["end"]


def test_without_a_key_or_a_right_there_is_no_stream(books, streams):
    door = Door(None)
    with serving(books, door, streams) as url:
        assert httpx2.get(url, trust_env=False).status_code == 401
        door.actor = Actor("key:admin", Role.ADMIN)
        assert httpx2.get(url, trust_env=False).status_code == 403


def test_the_stream_is_described(books, streams):
    app = FastAPI()
    app.include_router(live_routes(books, Gate(Door(None)), streams))
    told = app.openapi()["paths"]["/v1/live"]["get"]["responses"]["200"]
    assert "text/event-stream" in told["content"]
