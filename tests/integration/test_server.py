"""`triage serve` as it is started and stopped by people and by supervisors."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
import urllib.request
from contextlib import closing

import pytest

from tests.integration.serving import serving

PHONE = "13987654321"


def _get(url: str) -> tuple[int, bytes]:
    with closing(urllib.request.urlopen(url, timeout=10)) as answer:
        return answer.status, answer.read()


def test_it_says_when_it_is_ready_answers_and_stops_when_told(environment):
    with serving(environment, "--demo") as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/", url)
        assert _get(url + "readyz") == (200, b'{"status":"ready"}')
        assert b"<html" in _get(url)[1]
        body = {"policy": "nanmatou", "order": {"received_at": "2026-03-02T09:00", "text": f"路灯坏了 {PHONE}"}}
        request = urllib.request.Request(
            f"{url}v1/decisions?from={PHONE}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with closing(urllib.request.urlopen(request, timeout=10)) as answer:
            assert json.load(answer)["category"][0]["name"] == "路灯照明"
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert time.monotonic() - started < 5
        assert process.returncode in (0, -signal.SIGTERM)
        assert out == ""
        assert all(line.startswith("log-in: demo-") for line in err.splitlines()), "nothing of what was asked is logged"


def test_an_interrupt_stops_it_without_a_traceback(environment):
    with serving(environment, "--demo") as (process, url):
        assert url.startswith("http://")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        assert "Traceback" not in err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])
def test_an_address_that_others_can_reach_is_refused(triage, host):
    answer = triage("serve", "--host", host, "--port", "0")
    assert answer.code == 2
    assert f"--host: {host!r} is not a loopback address" in answer.err
    assert answer.out == ""


def test_a_port_in_use_is_named(triage):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        answer = triage("serve", "--port", port)
    assert answer.code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TRIAGE_MODEL": "/nowhere"}, "model /nowhere: cannot read manifest.json"),
        ({"TRIAGE_PACKS": "/nowhere"}, "/nowhere is not a folder"),
        ({"TRIAGE_BODY_LIMIT": "0"}, "TRIAGE_BODY_LIMIT"),
    ],
)
def test_what_keeps_it_from_serving_is_told_before_it_says_ready(triage, settings, said):
    answer = triage("serve", "--demo", "--port", "0", **settings)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
