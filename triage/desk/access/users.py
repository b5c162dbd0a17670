"""Users of the console: added, given a new password, disabled."""

from __future__ import annotations

from dataclasses import replace

from triage.desk.access.passwords import Passwords
from triage.domain.errors import BadInput, Conflict, NotFound, Problem
from triage.domain.people import Actor
from triage.records.access import Grant, UserRow, add_user, change_user, get_user
from triage.records.ledger import Ledger

LONGEST_NAME = 64
DEMO = "demo-"
"""Begins the names of log-ins that a demo makes for itself; they are let in there only."""


def make_user(ledger: Ledger, name: str, password: str, grant: Grant, passwords: Passwords, by: Actor) -> UserRow:
    """A new user; BadInput where the name or the password cannot be one, Conflict where the name is taken."""
    _refuse_name(name)
    return _added(ledger, name, passwords.hash(password), grant, by)


def change_password(ledger: Ledger, name: str, password: str, passwords: Passwords, by: Actor) -> None:
    """Give a user another password and let them in again, if they were disabled; their sessions end. NotFound where
    there is no such user."""
    hashed = passwords.hash(password)
    with ledger.turn() as turn:
        user = _user_or_raise(get_user(turn.connection, name))
        change_user(turn.connection, user.id, password=hashed, disabled_at=None)
        turn.audit(by.id, by.role, "change password", user_id(user))


def disable_user(ledger: Ledger, name: str, by: Actor) -> None:
    """Let a user in no longer; their sessions end. NotFound where there is no such user."""
    with ledger.turn() as turn:
        user = _user_or_raise(get_user(turn.connection, name))
        change_user(turn.connection, user.id, disabled_at=turn.now)
        turn.audit(by.id, by.role, "disable user", user_id(user))


def put_demo_user(ledger: Ledger, name: str, password: str, grant: Grant, passwords: Passwords, by: Actor) -> UserRow:
    """A demo's user with a password of this start, whether or not there was one of that name."""
    hashed = passwords.hash(password)
    with ledger.turn() as turn:
        user = get_user(turn.connection, DEMO + name)
        if user is not None:
            granted = {"role": str(grant.role), "policy": grant.policy, "unit": grant.unit}
            change_user(turn.connection, user.id, password=hashed, disabled_at=None, **granted)
            return replace(user, password=hashed, grant=grant, disabled_at=None)
    return _added(ledger, DEMO + name, hashed, grant, by)


def user_id(user: UserRow) -> str:
    """By what a user goes in the ledger and the audit log."""
    return f"user:{user.id}"


def user_actor(user: UserRow) -> Actor:
    """Who acts when a user does."""
    return Actor(user_id(user), user.grant.role, user.grant.policy, user.grant.unit)


def _added(ledger: Ledger, name: str, hashed: str, grant: Grant, by: Actor) -> UserRow:
    with ledger.turn() as turn:
        if get_user(turn.connection, name) is not None:
            raise Conflict("user", [Problem(("--name",), "is taken; a name stays taken when its user is disabled")])
        user = add_user(turn.connection, name, hashed, grant, turn.now)
        turn.audit(by.id, by.role, "create user", user_id(user))
    return user


def _refuse_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or name != name.strip():
        fault = f"must be 1 to {LONGEST_NAME} printable characters without blanks around them"
        raise BadInput("user", [Problem(("--name",), fault)])
    if name.startswith(DEMO):
        raise BadInput("user", [Problem(("--name",), f"begins with {DEMO}, which is kept for the demo's own")])


def _user_or_raise(user: UserRow | None) -> UserRow:
    if user is None:
        raise NotFound("user", [Problem(("name",), "there is no such user; `triage user list` shows all")])
    return user
