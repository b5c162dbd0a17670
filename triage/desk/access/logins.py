"""Logging in: a name and a password become a session, and whoever guesses has to wait."""

from __future__ import annotations

from collections.abc import Callable

from triage.desk.access.limits import Lockout, RateLimit
from triage.desk.access.passwords import LONGEST, Passwords
from triage.desk.access.sessions import Sessions
from triage.desk.access.users import LONGEST_NAME, user_id
from triage.records.access import UserRow, get_user, put_password
from triage.records.ledger import Ledger

A_MINUTE = 30
FREE_BY_NAME, FREE_BY_ADDRESS = 5, 20


class LogIns:
    """Lets users in. Failures are counted by name, whether or not there is such a user, and by address."""

    def __init__(self, ledger: Ledger, sessions: Sessions, passwords: Passwords, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._sessions = sessions
        self._passwords = passwords
        self._rate = RateLimit(A_MINUTE, clock)
        self._by_name = Lockout(FREE_BY_NAME, clock)
        self._by_address = Lockout(FREE_BY_ADDRESS, clock)

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """The secret of a new session; None where the name or the password is wrong, which of them nobody is told.

        TooOften where the name or the address is locked out, or has tried too often of late.
        """
        self._rate.count(address)
        self._by_address.begin(address)
        self._by_name.begin(name[: LONGEST_NAME + 1])
        user = self._user(name)
        if not self._passwords.fits(None if user is None else user.password, password) or user is None:
            return None
        self._by_name.succeeded(name)
        self._by_address.withdraw(address)
        self._note(user, password)
        return self._sessions.open(user)

    def _user(self, name: str) -> UserRow | None:
        with self._ledger.database.reading() as connection:
            user = get_user(connection, name) if len(name) <= LONGEST_NAME and name.isprintable() else None
        return user if user is None or user.disabled_at is None else None

    def _note(self, user: UserRow, password: str) -> None:
        """Put down that somebody came in, and keep the password at today's cost."""
        outdated = len(password) <= LONGEST and self._passwords.is_outdated(user.password)
        hashed = self._passwords.hash(password) if outdated else None
        with self._ledger.turn() as turn:
            turn.audit(user_id(user), user.grant.role, "log in", user_id(user))
            if hashed is not None:
                put_password(turn.connection, user.id, hashed)
