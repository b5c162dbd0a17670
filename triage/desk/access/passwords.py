"""Passwords: hashed with argon2id (RFC 9106), a few at a time, for each takes 64 MB."""

from __future__ import annotations

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from triage.desk.access.limits import TooOften
from triage.domain.errors import BadInput, Problem

SHORTEST, LONGEST = 12, 256
_AT_ONCE, _PATIENCE, _BUSY = 2, 10.0, 5.0


def new_password() -> str:
    """A password of 120 random bits, for whom none was chosen."""
    return secrets.token_urlsafe(15)


class Passwords:
    """Hashes and compares; `hasher` says how costly that is."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash(new_password())

    def hash(self, password: str) -> str:
        """What is kept of a password; BadInput where it is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            fault = f"has {len(password)} characters; {SHORTEST} to {LONGEST} are allowed"
            raise BadInput("access", [Problem(("password",), fault)])
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that was kept; takes as long where nothing was kept as where something was.

        TooOften where too many are asked about at once.
        """
        if not self._turns.acquire(timeout=_PATIENCE):
            raise TooOften(_BUSY)
        try:
            return self._hasher.verify(kept or self._nobodys, password[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._turns.release()

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)
