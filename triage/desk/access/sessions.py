"""Console sessions: opened at log-in, ended at log-out, after an hour unused or after twelve in all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.desk.access.fresh import Fresh
from triage.desk.access.tokens import hash_of, new_session
from triage.desk.access.users import user_actor
from triage.domain.people import Actor
from triage.records.access import (
    SessionRow,
    UserRow,
    add_session,
    end_old_sessions,
    end_session,
    get_session,
    keep_latest_sessions,
    note_seen,
)
from triage.records.database import LedgerFault
from triage.records.ledger import Ledger

IDLE, ABSOLUTE = timedelta(hours=1), timedelta(hours=12)
MOST_OF_ONE_USER = 50
_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is logged in, and by which name."""

    name: str
    actor: Actor


class Sessions:
    """Opens, knows and ends sessions; `now` tells the time, `clock` counts seconds."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._now = now
        self._fresh: Fresh[SessionRow] = Fresh(self._load, clock)

    def open(self, user: UserRow) -> str:
        """A new session of a user; its secret, for the browser only."""
        secret, now = new_session(), self._now()
        with self._ledger.turn() as turn:
            end_old_sessions(turn.connection, now - ABSOLUTE, now - IDLE)
            add_session(turn.connection, str(hash_of(secret)), user.id, now)
            keep_latest_sessions(turn.connection, user.id, MOST_OF_ONE_USER)
        return secret

    def get(self, secret: str) -> LoggedIn | None:
        """Who a session belongs to; None where there is none, or it has run out."""
        digest = hash_of(secret)
        session = None if digest is None else self._fresh.get(digest)
        if session is None:
            return None
        now = self._now()
        if now - session.begun_at >= ABSOLUTE or now - session.seen_at >= IDLE:
            return None
        if now - session.seen_at >= _NOTED_EVERY:
            self._note(session.hash, now)
        return LoggedIn(session.user.name, user_actor(session.user))

    def is_at_hand(self, secret: str) -> bool:
        """Whether `get` can tell without asking the database, and has nothing to note there."""
        digest = hash_of(secret)
        session = None if digest is None else self._fresh.at_hand(digest)
        return digest is None or (session is not None and self._now() - session.seen_at < _NOTED_EVERY)

    def end(self, secret: str) -> None:
        """Log out."""
        digest = hash_of(secret)
        if digest is not None:
            with self._ledger.turn() as turn:
                end_session(turn.connection, digest)
            self._fresh.drop(digest)

    def _load(self, digest: str) -> SessionRow | None:
        with self._ledger.database.reading() as connection:
            return get_session(connection, digest)

    def _note(self, digest: str, now: datetime) -> None:
        with suppress(LedgerFault), self._ledger.turn() as turn:  # a full disk must not log anybody out
            note_seen(turn.connection, digest, now)
        self._fresh.drop(digest)
