"""Keys of programs: made, known again, revoked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from triage.desk.access.fresh import Fresh
from triage.desk.access.tokens import KEY_MARK, hash_of, new_key
from triage.domain.errors import NotFound, Problem
from triage.domain.people import Actor
from triage.records.access import Grant, KeyRow, add_key, get_key, note_use, revoke_key
from triage.records.database import LedgerFault
from triage.records.ledger import Ledger

_NOTED_EVERY = timedelta(days=1)


def make_key(ledger: Ledger, grant: Grant, name: str, by: Actor) -> tuple[KeyRow, str]:
    """A new key and its secret, which nobody can be told again."""
    secret = new_key()
    with ledger.turn() as turn:
        row = add_key(turn.connection, str(hash_of(secret)), name, grant, turn.now)
        turn.audit(by.id, by.role, "create key", key_actor(row).id)
    return row, secret


def drop_key(ledger: Ledger, key_id: int, by: Actor) -> None:
    """Let a key in no longer; NotFound where there is none, or it was revoked before."""
    with ledger.turn() as turn:
        if not revoke_key(turn.connection, key_id, turn.now):
            raise NotFound("key", [Problem(("id",), f"there is no key {key_id} that could be revoked")])
        turn.audit(by.id, by.role, "revoke key", f"key:{key_id}")


def key_actor(row: KeyRow) -> Actor:
    """Who acts with a key."""
    return Actor(f"key:{row.id}", row.grant.role, row.grant.policy, row.grant.unit)


class KnownKeys:
    """Knows keys again. A row is asked for once in some seconds, so that a revoked key is out as soon; that a key was
    used is noted once a day."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._now = now
        self._fresh: Fresh[Actor] = Fresh(self._load, clock)

    def actor(self, key: str) -> Actor | None:
        """Who acts with a key; None where it is none, or was revoked."""
        digest = _digest(key)
        return None if digest is None else self._fresh.get(digest)

    def is_at_hand(self, key: str) -> bool:
        """Whether `actor` can tell without asking the database."""
        digest = _digest(key)
        return digest is None or self._fresh.at_hand(digest) is not None

    def _load(self, digest: str) -> Actor | None:
        with self._ledger.database.reading() as connection:
            row = get_key(connection, digest)
        if row is None:
            return None
        now = self._now()
        if row.used_at is None or now - row.used_at > _NOTED_EVERY:
            with suppress(LedgerFault), self._ledger.turn() as turn:  # a full disk must not keep readers out
                note_use(turn.connection, row.id, now)
        return key_actor(row)


def _digest(key: str) -> str | None:
    return hash_of(key) if key.startswith(KEY_MARK) else None
