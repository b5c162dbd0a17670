"""Keys and log-ins as people use them: commands and a service in processes of their own."""

from __future__ import annotations

import json
import re
import signal
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from tests.integration.serving import serving

SECRET = {"TRIAGE_SECRET": "a secret that only this test knows"}
ORDER = {"policy": "nanmatou", "order": {"id": "A-1", "received_at": "2026-03-02T09:00", "text": "小区门口路灯不亮"}}


def _call(url: str, key: str | None = None, body: object = None, **headers: str) -> tuple[int, str]:
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    try:
        with closing(urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20)) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with closing(refused):
            return refused.code, refused.read().decode()


@pytest.fixture
def ledger(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


def test_a_key_from_the_command_line_opens_a_running_service_until_it_is_revoked(environment, triage, ledger, tmp_path):
    made = triage(
        "key", "create", "--role", "dispatcher", "--policy", "nanmatou", "--name", "desk", "--database", ledger
    )
    assert made.code == 0, made.err
    key = made.out.splitlines()[-1]
    assert re.fullmatch(r"triage_[\w-]{43}\n", made.out), "the key stands alone"
    with serving(environment | SECRET, "--database", ledger, folder=tmp_path) as (process, url):
        assert _call(url + "v1/orders")[0] == 401
        assert _call(url + "v1/orders", key, ORDER)[0] == 201
        assert _call(url + "v1/orders", key, {**ORDER, "policy": "yanji"})[0] == 403
        unit = ("--role", "unit", "--policy", "nanmatou", "--unit", "market-office")
        other = triage("key", "create", *unit, TRIAGE_DATABASE=ledger).out.strip()
        assert _call(url + "v1/orders/A-1", key)[0] == 200
        assert _call(url + "v1/orders/A-1", other)[0] == 404, "a key made while it runs is known, and sees its own only"
        assert triage("key", "revoke", "1", "--database", ledger).code == 0
        process_out = [_call(url + "v1/orders", key)[0]]
        while process_out[-1] == 200:  # some seconds at most; the test's own time limit ends what does not end
            process_out.append(_call(url + "v1/orders", key)[0])
        assert process_out[-1] == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert key not in out + err and "Traceback" not in err
    rows = json.loads(triage("key", "list", "--database", ledger).out)
    assert [(row["id"], row["name"], row["role"], row["unit"]) for row in rows] == [
        (1, "desk", "dispatcher", None),
        (2, "", "unit", "market-office"),
    ]
    assert rows[0]["revoked_at"] and rows[0]["used_at"] and not rows[1]["revoked_at"]
    assert key not in json.dumps(rows)


def test_a_user_from_the_command_line_logs_in(environment, triage, ledger, tmp_path):
    words = ("user", "create", "--role", "centre", "--database", ledger)
    made = triage(*words, "--name", "wang")
    assert made.code == 0, made.err
    given = triage(*words, "--name", "li", "--password-stdin", stdin="一个很长很长的登录密码吧\n".encode())
    assert (given.code, given.out) == (0, "")
    changed = triage("user", "password", "wang", "--database", ledger)
    with serving(environment | SECRET, "--database", ledger, folder=tmp_path) as (_, url):
        for name, password, status in (
            ("li", "一个很长很长的登录密码吧", 200),
            ("wang", made.out.strip(), 401),
            ("wang", changed.out.strip(), 200),
        ):
            assert _call(url + "console/session", body={"name": name, "password": password})[0] == status
        assert triage("user", "disable", "li", "--database", ledger).code == 0
        assert _call(url + "console/session", body={"name": "li", "password": "一个很长很长的登录密码吧"})[0] == 401
    users = json.loads(triage("user", "list", "--database", ledger).out)
    assert [(user["name"], bool(user["disabled_at"])) for user in users] == [("li", True), ("wang", False)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("key", "create", "--role", "unit", "--policy", "nanmatou", "--unit", "x"), "no unit 'x' in pack nanmatou"),
        (("key", "create", "--role", "admin", "--database", "mysql://x/y"), "'mysql' is not supported"),
        (("key", "revoke", "7"), "there is no key 7"),
        (("user", "create", "--name", "wang", "--role", "admin", "--password-stdin"), "has 0 characters"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_what_cannot_be_made_is_told_with_exit_2(triage, ledger, words, said):
    answer = triage(*words, TRIAGE_DATABASE=ledger)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_an_open_address_without_a_secret_or_a_key_is_refused_with_what_is_missing(triage, ledger):
    words = ("serve", "--host", "0.0.0.0", "--port", "0", "--database", ledger)
    bare = triage(*words)
    assert (bare.code, bare.out) == (2, "")
    assert "TRIAGE_SECRET: is not set" in bare.err and "key: there is none in the database" in bare.err
    demo = triage(*words, "--demo", **SECRET)
    assert demo.code == 2
    assert "--demo: stands open" in demo.err
    triage("key", "create", "--role", "admin", "--database", ledger)
    triage("key", "revoke", "1", "--database", ledger)
    keyless = triage(*words, **SECRET)
    assert keyless.code == 2
    assert "TRIAGE_SECRET:" not in keyless.err and "key: there is none" in keyless.err


def test_an_open_address_with_a_secret_and_a_key_is_served_and_its_figures_are_not_free(
    environment, triage, ledger, tmp_path
):
    key = triage("key", "create", "--role", "admin", "--database", ledger).out.strip()
    with serving(environment | SECRET, "--host", "0.0.0.0", "--database", ledger, folder=tmp_path) as (_, url):
        here = url.replace("0.0.0.0", "127.0.0.1")
        assert _call(here + "metrics")[0] == 401
        assert _call(here + "metrics", key)[0] == 200
        assert _call(here + "v1/policies")[0] == 401
        assert _call(here + "v1/policies", key)[0] == 200


def test_on_this_machine_a_secret_is_needed_and_no_key_is_a_warning(environment, triage, tmp_path):
    bare = triage("serve", "--port", "0", "--database", f"sqlite:///{tmp_path}/ledger.db")
    assert bare.code == 2
    assert "TRIAGE_SECRET: is needed" in bare.err
    with serving(environment | SECRET, folder=tmp_path) as (process, url):
        assert _call(url + "metrics")[0] == 200
        assert _call(url + "v1/orders")[0] == 401
        assert (tmp_path / "triage.db").exists()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert "no key in the database yet" in err


def test_a_demo_prints_log_ins_that_work_and_leaves_nothing_behind(environment, tmp_path):
    (tmp_path / "tmp").mkdir()
    with serving(environment | {"TMPDIR": str(tmp_path / "tmp")}, "--demo", folder=tmp_path) as (process, url):
        assert _call(url + "v1/decisions", body=ORDER)[0] == 200
        assert _call(url + "v1/orders")[0] == 401
        (folder,) = (tmp_path / "tmp").iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        told = [process.stderr.readline().split() for _ in range(4)]
        for _, name, password, *_ in told:
            assert _call(url + "console/session", body={"name": name, "password": password})[0] == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert [name for _, name, *_ in told] == ["demo-dispatcher", "demo-unit", "demo-leader", "demo-analyst"]
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]


def test_a_demo_on_a_database_keeps_its_secret_beside_it(environment, triage, ledger, tmp_path):
    for _ in range(2):
        with serving(environment, "--demo", "--database", ledger, folder=tmp_path) as (_, url):
            assert url.startswith("http://127.0.0.1:")
    secret = tmp_path / "ledger.db.secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    verified = triage("audit", "verify", "--database", ledger, TRIAGE_SECRET=secret.read_text().strip())
    assert json.loads(verified.out)["whole"] is True
