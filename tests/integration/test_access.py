"""Keys, log-ins and limits of a wired application, with clocks that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from api.access.access import Access, open_access
from api.access.secret_file import secret_beside
from api.app import create_app
from triage.bootstrap import Service, build
from triage.desk.access.demo import demo_log_ins, end_demo_log_ins
from triage.desk.access.keys import drop_key, make_key
from triage.desk.access.passwords import Passwords
from triage.desk.access.users import change_password, disable_user, make_user
from triage.desk.orders.books import Books
from triage.domain.errors import BadInput, Conflict, NotFound
from triage.domain.moments import SHANGHAI
from triage.domain.people import Actor
from triage.domain.vocabulary import Role
from triage.records.access import Grant, UserRow, list_keys, list_users
from triage.records.access_tables import ACCESS_KEYS, SESSIONS, USERS
from triage.records.tables import AUDIT
from triage.settings import Settings

BY = Actor("test", Role.ADMIN)
PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
NAME, PASSWORD = "wang", "correct horse battery"
CALLER, PHONE = "欧阳晓晓", "13987654321"
HERE = "http://127.0.0.1:8000"
DECIDE = {"policy": "nanmatou", "order": {"received_at": "2026-03-02T09:00", "text": "小区门口路灯不亮"}}


class Times:
    """The time of day and the seconds since some start, moved together."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, tzinfo=SHANGHAI) + timedelta(seconds=self.seconds)

    def clock(self) -> float:
        return self.seconds

    def pass_by(self, **span: float) -> None:
        self.seconds += timedelta(**span).total_seconds()


@dataclass
class House:
    """An application with its books and its access."""

    service: Service
    books: Books
    access: Access
    times: Times

    def client(self, client: str = "127.0.0.1", base_url: str = HERE) -> TestClient:
        app = create_app(self.service, self.books, access=self.access)
        return TestClient(app, base_url=base_url, client=(client, 5000), follow_redirects=False)

    def key(self, role: Role = Role.DISPATCHER, policy: str | None = None, unit: str | None = None) -> dict[str, str]:
        _, secret = make_key(self.books.ledger, Grant(role, policy, unit), "", BY)
        return {"Authorization": f"Bearer {secret}"}

    def user(self, name: str = NAME, role: Role = Role.DISPATCHER) -> UserRow:
        return make_user(self.books.ledger, name, PASSWORD, Grant(role, "nanmatou"), PASSWORDS, BY)

    def rows(self, wanted: Any) -> list[Any]:
        with self.books.ledger.database.reading() as connection:
            return list(connection.execute(wanted))


@pytest.fixture(scope="session")
def keeping() -> Service:
    """A service with a secret; its model is read once."""
    return build(
        Settings(model=None, packs=None, calendar=None, parameters={}, secret=SecretStr("only the tests know it"))
    )


@pytest.fixture
def open_house(keeping, tmp_path) -> Iterator[Callable[..., House]]:
    books = keeping.books(f"sqlite:///{tmp_path}/ledger.db")

    def open_it(a_minute: int = 6000, **changes: Any) -> House:
        times = Times()
        access = open_access(books.ledger, PASSWORDS, now=times.now, clock=times.clock, a_minute=a_minute, **changes)
        return House(keeping, books, access, times)

    yield open_it
    books.ledger.database.close()


@pytest.fixture
def house(open_house) -> House:
    return open_house()


def log_in(client: TestClient, name: str = NAME, password: str = PASSWORD):
    return client.post("/console/session", json={"name": name, "password": password})


# --- keys --------------------------------------------------------------------------------------------------


def test_a_key_opens_what_its_role_may_and_nothing_else(house):
    client, key = house.client(), house.key(Role.ANALYST)
    assert client.get("/v1/orders", headers=key).status_code == 200
    assert client.post("/v1/orders", headers=key, json=DECIDE).status_code == 403
    answer = client.get("/v1/orders")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer triage_" + "x" * 43, "Basic d2FuZzp3YW5n", "Bearer " + "x" * 9999, "é"]
)
def test_what_is_no_key_opens_nothing(house, header):
    headers = [(b"authorization", header.encode("latin-1"))]
    assert house.client().get("/v1/orders", headers=headers).status_code == 401


def test_only_the_hash_of_a_key_is_kept(house, tmp_path):
    secret = house.key()["Authorization"].removeprefix("Bearer ")
    assert len(house.rows(select(ACCESS_KEYS))) == 1
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept and secret.removeprefix("triage_").encode() not in kept


def test_a_revoked_key_is_out_within_seconds_and_cannot_be_revoked_again(house):
    client, key = house.client(), house.key()
    assert client.get("/v1/orders", headers=key).status_code == 200
    drop_key(house.books.ledger, 1, BY)
    house.times.pass_by(seconds=5)
    assert client.get("/v1/orders", headers=key).status_code == 401
    with pytest.raises(NotFound, match="no key 1 that could be revoked"):
        drop_key(house.books.ledger, 1, BY)


def test_the_use_of_a_key_is_noted_once_a_day(house):
    client, key = house.client(), house.key()

    def used() -> datetime | None:
        with house.books.ledger.database.reading() as connection:
            return list_keys(connection)[0].used_at

    assert used() is None
    client.get("/v1/orders", headers=key)
    first = used()
    house.times.pass_by(hours=23)
    client.get("/v1/orders", headers=key)
    assert used() == first
    house.times.pass_by(hours=2)
    client.get("/v1/orders", headers=key)
    assert used() == house.times.now()


def test_keys_and_users_are_in_the_audit_log_by_their_ids(house):
    house.key()
    drop_key(house.books.ledger, 1, BY)
    house.user()
    client = house.client()
    log_in(client)
    disable_user(house.books.ledger, NAME, BY)
    told = [(row.who, row.action, row.target) for row in house.rows(select(AUDIT).order_by(AUDIT.c.seq))]
    assert told == [
        ("test", "create key", "key:1"),
        ("test", "revoke key", "key:1"),
        ("test", "create user", "user:1"),
        ("user:1", "log in", "user:1"),
        ("test", "disable user", "user:1"),
    ]
    assert house.books.ledger.broken_link() is None


def test_a_key_past_its_requests_waits_and_another_does_not(open_house):
    house = open_house(a_minute=3)
    client, key = house.client(), house.key()
    for _ in range(3):
        assert client.get("/v1/orders", headers=key).status_code == 200
    answer = client.get("/v1/orders", headers=key)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "20")
    assert client.get("/v1/orders", headers=house.key()).status_code == 200
    assert client.get("/healthz").status_code == 200
    house.times.pass_by(seconds=20)
    assert client.get("/v1/orders", headers=key).status_code == 200


def test_guessed_keys_count_for_where_they_come_from(open_house):
    house = open_house(a_minute=3)
    guess = {"Authorization": "Bearer triage_guess"}
    statuses = [house.client("192.0.2.7").get("/v1/orders", headers=guess).status_code for _ in range(1)]
    client = house.client("192.0.2.7")
    statuses += [client.get("/v1/orders", headers=guess).status_code for _ in range(3)]
    assert statuses == [401, 401, 401, 429]
    assert client.get("/v1/orders", headers=house.key()).status_code == 200


# --- log-ins -----------------------------------------------------------------------------------------------


def test_a_log_in_opens_a_session_that_scripts_and_other_sites_cannot_use(house):
    house.user()
    client = house.client()
    answer = log_in(client)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("name", "role", "policy", "unit")} == {
        "name": NAME,
        "role": "dispatcher",
        "policy": "nanmatou",
        "unit": None,
    }
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("triage=")
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/", "max-age=43200"))
    assert "secure" not in cookie and "domain" not in cookie
    assert client.get("/v1/orders").status_code == 200
    assert client.get("/").status_code == 200


def test_by_https_the_cookie_is_bound_to_this_host_and_to_https(house):
    house.user()
    client = house.client(base_url="https://triage.example.org")
    cookie = log_in(client).headers["set-cookie"]
    assert cookie.startswith("__Host-triage=")
    assert "Secure" in cookie
    assert client.get("/v1/orders").status_code == 200


def test_only_hashes_of_sessions_and_passwords_are_kept(house, tmp_path):
    house.user()
    client = house.client()
    log_in(client)
    secret = client.cookies["triage"]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept
    assert PASSWORD.encode() not in kept
    assert house.rows(select(USERS.c.password))[0].password.startswith("$argon2id$")


def test_a_change_needs_the_sessions_own_token_and_a_read_does_not(house):
    house.user()
    house.user("li")
    client, other = house.client(), house.client()
    token = log_in(client).json()["csrf"]
    foreign = log_in(other, "li").json()["csrf"]
    assert client.get("/console/session").json()["csrf"] == token != foreign
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": foreign}, {"X-CSRF-Token": "é".encode()}):
        answer = client.post("/v1/decisions", json=DECIDE, headers=wrong)
        assert answer.status_code == 403
        assert "X-CSRF-Token" in answer.json()["detail"]
    assert client.delete("/console/session").status_code == 403
    assert client.post("/v1/decisions", json=DECIDE, headers={"X-CSRF-Token": token}).status_code == 200


def test_a_key_needs_no_token_and_beats_the_cookie(house):
    house.user(role=Role.DISPATCHER)
    client = house.client()
    log_in(client)
    assert client.post("/v1/decisions", json=DECIDE, headers=house.key()).status_code == 200
    assert client.get("/v1/orders", headers={"Authorization": "Bearer no"}).status_code == 401


def test_another_site_cannot_log_anybody_in(house):
    house.user()
    form = house.client().post("/console/session", data={"name": NAME, "password": PASSWORD})
    assert form.status_code == 422
    plain = house.client().post(
        "/console/session",
        content=f'{{"name": "{NAME}", "password": "{PASSWORD}"}}',
        headers={"content-type": "text/plain"},
    )
    assert plain.status_code == 422
    assert PASSWORD not in form.text + plain.text


def test_an_unknown_name_a_wrong_password_and_a_disabled_user_get_the_same_answer(house):
    house.user()
    house.user("li")
    disable_user(house.books.ledger, "li", BY)
    client = house.client()
    answers = [log_in(client, *words) for words in ((NAME, "wrong" * 4), ("nobody", PASSWORD), ("li", PASSWORD))]
    answers.append(log_in(client, "名\x00", PASSWORD))
    assert [answer.status_code for answer in answers] == [401] * 4
    assert len({answer.text for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_logging_out_ends_the_session_at_once(house):
    house.user()
    client = house.client()
    token = log_in(client).json()["csrf"]
    secret = client.cookies["triage"]
    assert client.delete("/console/session", headers={"X-CSRF-Token": token}).status_code == 204
    assert "triage" not in client.cookies
    assert client.get("/v1/orders", headers={"Cookie": f"triage={secret}"}).status_code == 401
    assert client.get("/console/session").status_code == 401
    assert house.rows(select(SESSIONS)) == []


def test_a_new_log_in_ends_the_session_before_it(house):
    house.user()
    client = house.client()
    log_in(client)
    before = client.cookies["triage"]
    log_in(client)
    assert client.cookies["triage"] != before
    assert client.get("/console/session", headers={"Cookie": f"triage={before}"}).status_code == 401


def test_a_session_ends_after_an_hour_unused_and_after_twelve_in_all(house):
    house.user()
    client = house.client()
    log_in(client)
    house.times.pass_by(minutes=61)
    assert client.get("/v1/orders").status_code == 401
    log_in(client)
    for _ in range(23):
        house.times.pass_by(minutes=31)
        assert client.get("/v1/orders").status_code == 200
    house.times.pass_by(minutes=31)
    assert client.get("/v1/orders").status_code == 401


def test_sessions_that_ran_out_are_forgotten_and_nobody_has_very_many(house):
    user = house.user()
    for _ in range(60):
        house.access.sessions.open(user)
    assert len(house.rows(select(SESSIONS))) == 50
    house.times.pass_by(hours=2)
    house.access.sessions.open(user)
    assert len(house.rows(select(SESSIONS))) == 1


@pytest.mark.parametrize("how", ["disabled", "new password"])
def test_whoever_is_disabled_or_has_a_new_password_is_out_within_seconds(house, how):
    house.user()
    client = house.client()
    log_in(client)
    assert client.get("/v1/orders").status_code == 200
    if how == "disabled":
        disable_user(house.books.ledger, NAME, BY)
    else:
        change_password(house.books.ledger, NAME, "another long password", PASSWORDS, BY)
    house.times.pass_by(seconds=5)
    assert client.get("/v1/orders").status_code == 401
    assert log_in(client).status_code == 401


def test_after_five_failures_a_name_waits_whether_or_not_it_exists(house):
    house.user()
    for name in (NAME, "nobody"):
        client = house.client(f"192.0.2.{len(name)}")
        assert [log_in(client, name, "wrong" * 4).status_code for _ in range(6)] == [401] * 5 + [429]
        answer = log_in(client, name)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert log_in(house.client("192.0.2.99")).status_code == 429, "from another address it is still the same name"
    house.times.pass_by(seconds=60)
    assert log_in(house.client("192.0.2.99")).status_code == 200


def test_an_address_that_tries_many_names_waits_too(house):
    house.user()
    client = house.client("192.0.2.1")
    statuses = [log_in(client, f"name {number}", "wrong" * 4).status_code for number in range(21)]
    assert statuses == [401] * 20 + [429]
    assert log_in(client).status_code == 429
    assert log_in(house.client("192.0.2.2")).status_code == 200


def test_log_ins_that_succeed_are_few_a_minute_too(house):
    house.user()
    client = house.client()
    assert [log_in(client).status_code for _ in range(31)] == [200] * 30 + [429]


def test_a_password_kept_at_an_older_cost_is_kept_anew(house):
    older = Passwords(PasswordHasher(time_cost=1, memory_cost=16, parallelism=1))
    make_user(house.books.ledger, NAME, PASSWORD, Grant(Role.CENTRE), older, BY)
    before = house.rows(select(USERS.c.password))
    assert log_in(house.client()).status_code == 200
    assert house.rows(select(USERS.c.password)) != before
    assert log_in(house.client()).status_code == 200


@pytest.mark.parametrize("name", ["", " wang", "wa\nng", "x" * 65, "demo-wang"])
def test_a_name_that_cannot_be_one_is_refused(house, name):
    with pytest.raises(BadInput, match="--name"):
        house.user(name)


def test_a_name_is_taken_once_and_an_unknown_one_is_told(house):
    house.user()
    with pytest.raises(Conflict, match="is taken"):
        house.user()
    for work in (lambda: disable_user(house.books.ledger, "li", BY),
                 lambda: change_password(house.books.ledger, "li", PASSWORD, PASSWORDS, BY)):  # fmt: skip
        with pytest.raises(NotFound, match="no such user"):
            work()


@pytest.mark.parametrize("body", [{}, {"name": 1, "password": 2}, {"name": NAME}, {"name": "x" * 999, "password": "y"}])
def test_what_is_no_log_in_is_told_without_the_password(house, body):
    answer = house.client().post("/console/session", json={**body, "and": PASSWORD})
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


# --- the page ----------------------------------------------------------------------------------------------


def test_without_a_session_the_page_sends_to_the_log_in_and_keeps_its_query(house):
    answer = house.client().get("/?policy=yanji")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?policy=yanji")
    assert "登录" in house.client().get("/login").text


def test_pages_have_no_script_or_style_of_their_own(house):
    page = house.client().get("/login")
    assert "<script>" not in page.text and "style=" not in page.text and " onclick" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self';")


# --- a demo ------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(open_house, keeping) -> House:
    books = open_house().books
    log_ins = demo_log_ins(books.ledger, keeping.shelf.get_or_raise("nanmatou"), PASSWORDS)
    return open_house(loopback=True, visitor=log_ins[0].user)


def test_opening_a_demo_logs_its_dispatcher_in(demo):
    client = demo.client()
    answer = client.get("/")
    assert answer.status_code == 200
    assert client.get("/console/session").json()["name"] == "demo-dispatcher"
    assert client.get("/v1/orders").status_code == 200
    assert "set-cookie" not in client.get("/").headers, "who has a session keeps it"


def test_another_sites_name_or_a_proxy_does_not_open_a_demo(demo):
    for client, headers in (
        (demo.client(base_url="http://evil.example.org:8000"), {}),
        (demo.client("192.0.2.1"), {}),
        (demo.client(), {"X-Forwarded-For": "127.0.0.1"}),
    ):
        answer = client.get("/", headers=headers)
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers


def test_in_a_demo_anybody_decides_and_reads_policies_and_nothing_else(demo):
    client = demo.client()
    assert client.post("/v1/decisions", json=DECIDE).status_code == 200
    assert client.get("/v1/policies").status_code == 200
    assert client.get("/v1/orders").status_code == 401
    assert client.post("/v1/orders", json=DECIDE).status_code == 401
    wrong = {"Authorization": "Bearer triage_wrong"}
    assert client.get("/v1/policies", headers=wrong).status_code == 401, "a wrong key is told, not passed over"


def test_in_earnest_the_log_ins_of_a_demo_are_ended(demo):
    client = demo.client()
    client.get("/")
    end_demo_log_ins(demo.books.ledger)
    demo.times.pass_by(seconds=5)
    assert client.get("/v1/orders").status_code == 401
    with demo.books.ledger.database.reading() as connection:
        assert all(user.disabled_at is not None for user in list_users(connection))


def test_a_demo_started_again_has_the_same_users_with_new_passwords(demo, keeping):
    pack = keeping.shelf.get_or_raise("nanmatou")
    again = demo_log_ins(demo.books.ledger, pack, PASSWORDS)
    assert [one.user.name for one in again] == ["demo-dispatcher", "demo-unit", "demo-leader", "demo-analyst"]
    assert len(demo.rows(select(USERS))) == 4
    assert log_in(demo.client(), again[1].user.name, again[1].password).json()["unit"] in pack.units


# --- what a decision may recall ----------------------------------------------------------------------------


def test_a_decision_recalls_kept_orders_for_who_may_read_them_all_and_for_nobody_else(house):
    client = house.client()
    order = {
        "received_at": "2026-03-02T09:00",
        "title": "锦绣路88号路灯不亮",
        "text": "锦绣路88号门口的路灯不亮",
        "caller": {"name": CALLER, "phone": PHONE},
    }
    for number in ("1", "2"):
        kept = client.post(
            "/v1/orders", json={"policy": "nanmatou", "order": {**order, "id": number}}, headers=house.key()
        )
        assert kept.status_code == 201, kept.text
    body = {"policy": "nanmatou", "order": {**order, "received_at": "2026-03-02T11:00"}}

    def asked(key: dict[str, str]) -> dict[str, Any]:
        answer = client.post("/v1/decisions", json=body, headers=key)
        assert answer.status_code == 200
        return answer.json()

    recalled = asked(house.key(Role.DISPATCHER, "nanmatou"))
    assert recalled["caller"]["repeat_count"] == 3
    assert {one["order_id"] for one in recalled["similar"]} == {"1", "2"}
    assert len(client.get("/v1/orders", headers=house.key()).json()["items"]) == 2, "asking keeps nothing"
    for other in (
        house.key(Role.UNIT, "nanmatou", "market-office"),
        house.key(Role.DISPATCHER, "yanji"),
        house.key(Role.ADMIN),
    ):
        blind = asked(other)
        assert blind["similar"] == []
        assert blind["caller"]["repeat_count"] == 1


# --- figures -----------------------------------------------------------------------------------------------


def test_figures_are_free_for_this_machine_only_where_the_service_listens_to_it_alone(open_house):
    house = open_house(loopback=True)
    assert house.client().get("/metrics").status_code == 200
    assert house.client("192.0.2.1").get("/metrics").status_code == 401
    assert house.client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert house.client(base_url="http://evil.example.org").get("/metrics").status_code == 401
    assert open_house(loopback=False).client().get("/metrics").status_code == 401


def test_elsewhere_figures_are_for_an_admin(house):
    client = house.client("192.0.2.1")
    assert client.get("/metrics", headers=house.key(Role.ADMIN)).status_code == 200
    for role in set(Role) - {Role.ADMIN, Role.UNIT, Role.UNIT_HEAD}:
        assert client.get("/metrics", headers=house.key(role)).status_code == 403


def test_figures_count_requests_stages_and_orders_and_name_nobody(open_house):
    house = open_house(loopback=True)
    client, key = house.client(), house.key()
    body = {
        "policy": "nanmatou",
        "order": {**DECIDE["order"], "id": "ID-778899", "caller": {"name": CALLER, "phone": PHONE}},
    }
    assert client.post("/v1/orders", json=body, headers=key).status_code == 201
    assert client.post("/v1/orders", json=body, headers=key).status_code == 200
    client.get(f"/v1/orders/ID-778899?q={PHONE}", headers=key)
    client.get(f"/{CALLER}/{PHONE}")
    client.request("BREW", "/healthz")
    figures = client.get("/metrics").text
    assert "triage_orders_received_total 1.0" in figures
    assert 'triage_requests_total{method="POST",route="/v1/orders",status="201"} 1.0' in figures
    assert 'triage_requests_total{method="GET",route="/v1/orders/{order_id}",status="200"} 1.0' in figures
    assert 'triage_requests_total{method="GET",route="none",status="404"} 1.0' in figures
    assert 'method="other"' in figures
    for stage in ("request", "read", "write"):
        assert f'triage_stage_seconds_count{{stage="{stage}"}}' in figures
    for personal in (CALLER, PHONE, "778899", "127.0.0.1"):
        assert personal not in figures


# --- the secret of a demo ----------------------------------------------------------------------------------


def test_a_secret_is_made_once_for_its_owner_only(tmp_path):
    database = tmp_path / "demo.db"
    secret = secret_beside(database)
    assert len(secret) >= 32
    assert secret_beside(database) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["demo.db.secret"], "nothing half-made is left"
    assert (tmp_path / "demo.db.secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_cannot_be_kept_is_told(tmp_path):
    with pytest.raises(BadInput, match="TRIAGE_SECRET: is not set, and"):
        secret_beside(tmp_path / "nowhere" / "demo.db")
    (tmp_path / "demo.db.secret").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="holds no secret of ours"):
        secret_beside(tmp_path / "demo.db")
