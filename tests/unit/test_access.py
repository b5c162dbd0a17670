"""Keys, limits and lock-outs without a database: with a clock that the test moves."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from api.access.addresses import is_from_here, is_loopback, network_of
from triage.desk.access.fresh import Fresh
from triage.desk.access.grants import grant_of
from triage.desk.access.limits import Lockout, RateLimit, TooOften
from triage.desk.access.passwords import Passwords, new_password
from triage.desk.access.tokens import KEY_MARK, csrf_of, hash_of, is_csrf_of, new_key, new_session
from triage.domain.errors import BadInput
from triage.domain.vocabulary import Role
from triage.records.access import Grant

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def waits(work, *words) -> int:
    with pytest.raises(TooOften) as told:
        work(*words)
    return told.value.wait


# --- secrets -----------------------------------------------------------------------------------------------


def test_no_two_keys_are_alike_and_each_has_256_random_bits():
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(key.startswith(KEY_MARK) and len(key) == len(KEY_MARK) + 43 for key in keys)


@pytest.mark.parametrize("odd", ["键" * 10, "x" * 129, "\ud800"])
def test_what_cannot_be_a_secret_of_ours_has_no_hash(odd):
    assert hash_of(odd) is None


@given(st.text(max_size=80))
def test_a_token_holds_for_its_own_session_only(sent):
    session = new_session()
    assert is_csrf_of(session, csrf_of(session))
    assert not is_csrf_of(session, csrf_of(new_session()))
    assert not is_csrf_of(session, "".join(one for one in sent if one < "\ud800"))


# --- rows kept for seconds ----------------------------------------------------------------------------------


def test_a_row_is_asked_for_again_after_its_seconds_or_when_it_is_dropped():
    clock, rows = Clock(), {"a": 1}
    fresh = Fresh(rows.get, clock, seconds=3)
    assert fresh.get("a") == 1
    rows["a"] = 2
    clock.now = 2.9
    assert fresh.get("a") == 1
    clock.now = 3.0
    assert fresh.get("a") == 2
    rows.clear()
    fresh.drop("a")
    assert fresh.get("a") is None


def test_what_was_not_found_is_asked_for_again_at_once():
    rows: dict[str, int] = {}
    fresh = Fresh(rows.get, Clock())
    assert fresh.get("a") is None
    rows["a"] = 1
    assert fresh.get("a") == 1


def test_no_more_rows_are_remembered_than_allowed():
    asked = []
    fresh = Fresh(lambda name: asked.append(name) or name, Clock(), most=2)
    for name in "abcc":
        fresh.get(name)
    assert fresh.at_hand("a") is None
    assert asked == ["a", "b", "c"]


# --- requests a minute --------------------------------------------------------------------------------------


def test_a_minute_has_so_many_requests_and_one_key_does_not_use_up_anothers():
    clock = Clock()
    limit = RateLimit(3, clock)
    for _ in range(3):
        limit.count("one")
    assert waits(limit.count, "one") == 20
    limit.count("other")
    clock.now = 20
    limit.count("one")
    assert waits(limit.count, "one") == 20


@given(st.lists(st.floats(0, 5), max_size=200))
def test_never_more_than_twice_a_minutes_requests_pass_in_a_minute(pauses):
    clock, passed = Clock(), []
    limit = RateLimit(10, clock)
    for pause in pauses:
        clock.now += pause
        try:
            limit.count("one")
            passed.append(clock.now)
        except TooOften as error:
            assert 1 <= error.wait <= 7
    for start in passed:
        assert sum(start <= moment < start + 60 for moment in passed) <= 20


def test_the_table_of_requests_is_bounded():
    limit = RateLimit(1, Clock(), most=10)
    for number in range(100):
        limit.count(str(number))
    assert len(limit._free_at) == 10


# --- lock-out -----------------------------------------------------------------------------------------------


def test_the_lock_out_grows_from_a_minute_to_a_quarter_of_an_hour():
    clock = Clock()
    lockout = Lockout(3, clock)
    for _ in range(3):
        lockout.begin("wang")
    spans = []
    for _ in range(7):
        spans.append(waits(lockout.begin, "wang"))
        clock.now += spans[-1]
        lockout.begin("wang")
    assert spans == [60, 120, 240, 480, 900, 900, 900]


def test_while_locked_no_try_counts_and_an_hour_forgets_them_all():
    clock = Clock()
    lockout = Lockout(2, clock)
    lockout.begin("wang")
    lockout.begin("wang")
    for _ in range(10):
        assert waits(lockout.begin, "wang") == 60
    clock.now = 3601
    lockout.begin("wang")
    lockout.begin("wang")


def test_a_good_try_clears_a_name_but_of_an_address_only_itself():
    lockout = Lockout(3, Clock())
    lockout.begin("name")
    lockout.begin("name")
    lockout.succeeded("name")
    for _ in range(3):
        lockout.begin("name")
    lockout.begin("address")
    lockout.begin("address")
    lockout.begin("address")
    lockout.withdraw("address")
    lockout.begin("address")
    assert waits(lockout.begin, "address") == 60


def test_a_full_table_forgets_nobody_who_is_locked_out():
    lockout = Lockout(2, Clock(), most=5)
    lockout.begin("wang")
    lockout.begin("wang")
    for number in range(50):
        lockout.begin(f"somebody {number}")
    assert waits(lockout.begin, "wang") == 60
    assert len(lockout._tries) == 5


# --- passwords ----------------------------------------------------------------------------------------------


def test_a_password_fits_itself_only_and_nothing_fits_where_none_is_kept():
    passwords = Passwords(CHEAP)
    password = new_password()
    kept = passwords.hash(password)
    assert kept.startswith("$argon2id$") and password not in kept
    assert passwords.fits(kept, password)
    assert not passwords.fits(kept, password + "x")
    assert not passwords.fits(None, password)
    assert not passwords.fits("no hash", password)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).is_outdated(kept)


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 257])
def test_a_password_that_is_too_short_or_too_long_is_refused_without_being_told(password):
    with pytest.raises(BadInput, match=f"has {len(password)} characters; 12 to 256"):
        Passwords(CHEAP).hash(password)


# --- grants -------------------------------------------------------------------------------------------------


def test_a_units_key_is_for_a_unit_that_the_pack_knows(service):
    assert grant_of("unit", "nanmatou", "market-office", service.shelf) == Grant(Role.UNIT, "nanmatou", "market-office")
    assert grant_of("admin", None, None, service.shelf) == Grant(Role.ADMIN)


@pytest.mark.parametrize(
    ("role", "policy", "unit", "said"),
    [
        ("boss", None, None, ["no role 'boss'", "known are dispatcher, centre"]),
        ("unit", None, None, ["--policy: is needed", "--unit: is needed"]),
        ("unit_head", "nanmatou", "nowhere", ["no unit 'nowhere' in pack nanmatou", "market-office"]),
        ("analyst", "atlantis", None, ["unknown policy 'atlantis'", "known are moushi, nanmatou"]),
        ("dispatcher", "nanmatou", "market-office", ["for the roles unit, unit_head only"]),
        ("boss", "atlantis", "x", ["no role 'boss'", "unknown policy 'atlantis'"]),
    ],
)
def test_every_fault_of_a_grant_is_told_with_what_was_allowed(service, role, policy, unit, said):
    with pytest.raises(BadInput) as told:
        grant_of(role, policy, unit, service.shelf)
    assert all(part in str(told.value) for part in said)


# --- where a request comes from -------------------------------------------------------------------------------


def request(client: str = "127.0.0.1", host: str = "127.0.0.1:8000", **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    return Request(
        {"type": "http", "method": "GET", "path": "/", "headers": named, "client": (client, 1), "query_string": b""}
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_these_are_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org"])
def test_these_are_not(host):
    assert not is_loopback(host)


def test_a_request_from_here_is_told_from_one_that_a_proxy_or_another_site_sent():
    assert is_from_here(request())
    assert is_from_here(request("::1", "[::1]:8000"))
    assert is_from_here(request(host="localhost:8000"))
    assert not is_from_here(request("192.0.2.1"))
    assert not is_from_here(request(host="triage.example.org"))
    for header in ("x_forwarded_for", "x_forwarded_proto", "x_real_ip", "forwarded", "via"):
        assert not is_from_here(request(**{header: "127.0.0.1"}))


def test_failures_count_by_household():
    assert network_of(request("2001:db8::1")) == network_of(request("2001:db8::2")) == "2001:db8::/64"
    assert network_of(request("192.0.2.1")) != network_of(request("192.0.2.2"))
    assert network_of(request("somewhere")) == "somewhere"
