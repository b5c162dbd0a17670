"""Keys, users and sessions as rows: what is asked and noted of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from triage.domain.vocabulary import Role
from triage.records.access_tables import ACCESS_KEYS, SESSIONS, USERS


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key or a user may be: a role, for one policy or, without one, for all, and for one unit of it."""

    role: Role
    policy: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without its secret."""

    id: int
    name: str
    grant: Grant
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user; `password` is a hash."""

    id: int
    name: str
    password: str
    grant: Grant
    created_at: datetime
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that has not ended, with its user."""

    hash: str
    user: UserRow
    begun_at: datetime
    seen_at: datetime


def add_key(connection: Connection, digest: str, name: str, grant: Grant, now: datetime) -> KeyRow:
    """Put a key down by the hash of its secret."""
    row = {"hash": digest, "name": name, "created_at": now, **_granted(grant)}
    return KeyRow(_new_id(connection, insert(ACCESS_KEYS).values(**row)), name, grant, now)


def get_key(connection: Connection, digest: str) -> KeyRow | None:
    """The key with this hash, unless it was revoked."""
    wanted = select(ACCESS_KEYS).where(ACCESS_KEYS.c.hash == digest, ACCESS_KEYS.c.revoked_at.is_(None))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _key(row)


def list_keys(connection: Connection) -> list[KeyRow]:
    """All keys, the oldest first, those revoked included."""
    return [_key(row) for row in connection.execute(select(ACCESS_KEYS).order_by(ACCESS_KEYS.c.id))]


def has_keys(connection: Connection) -> bool:
    """Whether any key would let somebody in."""
    return bool(connection.execute(select(exists().where(ACCESS_KEYS.c.revoked_at.is_(None)))).scalar())


def note_use(connection: Connection, key_id: int, now: datetime) -> None:
    """Note when a key was used."""
    connection.execute(update(ACCESS_KEYS).where(ACCESS_KEYS.c.id == key_id).values(used_at=now))


def revoke_key(connection: Connection, key_id: int, now: datetime) -> bool:
    """Let a key in no longer; False where there is none, or none that was not revoked before."""
    wanted = update(ACCESS_KEYS).where(ACCESS_KEYS.c.id == key_id, ACCESS_KEYS.c.revoked_at.is_(None))
    return connection.execute(wanted.values(revoked_at=now)).rowcount == 1


def add_user(connection: Connection, name: str, password: str, grant: Grant, now: datetime) -> UserRow:
    """Put a user down with the hash of the password."""
    row = {"name": name, "password": password, "created_at": now, **_granted(grant)}
    return UserRow(_new_id(connection, insert(USERS).values(**row)), name, password, grant, now)


def get_user(connection: Connection, name: str) -> UserRow | None:
    """The user of a name, disabled or not."""
    row = connection.execute(select(USERS).where(USERS.c.name == name)).one_or_none()
    return None if row is None else _user(row)


def list_users(connection: Connection) -> list[UserRow]:
    """All users by name."""
    return [_user(row) for row in connection.execute(select(USERS).order_by(USERS.c.name))]


def change_user(connection: Connection, user_id: int, **values: Any) -> None:
    """Change a user; whoever is logged in by that name is so no longer."""
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(**values))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))


def put_password(connection: Connection, user_id: int, password: str) -> None:
    """The same password with a hash of newer parameters."""
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(password=password))


def add_session(connection: Connection, digest: str, user_id: int, now: datetime) -> None:
    """Put a session down by the hash of its secret."""
    connection.execute(insert(SESSIONS), {"hash": digest, "user_id": user_id, "begun_at": now, "seen_at": now})


def get_session(connection: Connection, digest: str) -> SessionRow | None:
    """The session with this hash, unless its user is disabled."""
    wanted = (
        select(SESSIONS.c.hash.label("session"), SESSIONS.c.begun_at, SESSIONS.c.seen_at, USERS)
        .join(USERS, USERS.c.id == SESSIONS.c.user_id)
        .where(SESSIONS.c.hash == digest, USERS.c.disabled_at.is_(None))
    )
    row = connection.execute(wanted).one_or_none()
    return None if row is None else SessionRow(row.session, _user(row), row.begun_at, row.seen_at)


def note_seen(connection: Connection, digest: str, now: datetime) -> None:
    """Note when a session was used."""
    connection.execute(update(SESSIONS).where(SESSIONS.c.hash == digest).values(seen_at=now))


def end_session(connection: Connection, digest: str) -> None:
    """Forget a session."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == digest))


def end_old_sessions(connection: Connection, begun_before: datetime, seen_before: datetime) -> None:
    """Forget sessions that have run out."""
    old = (SESSIONS.c.begun_at < begun_before) | (SESSIONS.c.seen_at < seen_before)
    connection.execute(delete(SESSIONS).where(old))


def keep_latest_sessions(connection: Connection, user_id: int, most: int) -> None:
    """Forget the oldest sessions of a user who has more than so many."""
    mine = select(SESSIONS.c.hash).where(SESSIONS.c.user_id == user_id)
    latest = mine.order_by(SESSIONS.c.seen_at.desc(), SESSIONS.c.hash).limit(most)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.hash.not_in(latest)))


def _granted(grant: Grant) -> dict[str, Any]:
    return {"role": str(grant.role), "policy": grant.policy, "unit": grant.unit}


def _grant(row: Row[Any]) -> Grant:
    return Grant(Role(row.role), row.policy, row.unit)


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(row.id, row.name, _grant(row), row.created_at, row.used_at, row.revoked_at)


def _user(row: Row[Any]) -> UserRow:
    return UserRow(row.id, row.name, row.password, _grant(row), row.created_at, row.disabled_at)


def _new_id(connection: Connection, statement: Any) -> int:
    (found,) = connection.execute(statement).inserted_primary_key or (None,)
    assert found is not None
    return int(found)
