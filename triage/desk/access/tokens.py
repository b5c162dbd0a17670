"""Secrets that are handed out once: keys of programs, and what a browser carries for a session."""

from __future__ import annotations

import hashlib
import hmac
import secrets

KEY_MARK = "triage_"
"""Begins every key, so that people and scanners of leaked secrets know one when they see it."""

_BYTES = 32
_LONGEST = 128


def new_key() -> str:
    """A key: 256 random bits in 43 characters behind the mark."""
    return KEY_MARK + secrets.token_urlsafe(_BYTES)


def new_session() -> str:
    """A session's secret, likewise of 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> str | None:
    """What is kept of a secret, and by which it is found again: SHA-256; None for what cannot be one of ours.

    A slow hash protects passwords because they can be guessed; 256 random bits cannot, so a fast one is enough. It also
    makes the look-up safe to time: nobody can choose a secret whose hash begins as another's does.

    >>> hash_of("a")[:8], hash_of("a" * 1000)
    ('ca978112', None)
    """
    if len(secret) > _LONGEST or not secret.isascii():
        return None
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(session: str) -> str:
    """What a page must send along with every change: bound to the session, and of no use for finding it."""
    return hmac.new(session.encode(), b"triage csrf 1", hashlib.sha256).hexdigest()


def is_csrf_of(session: str, token: str) -> bool:
    """Whether a page sent the token of its session; takes the same time whatever was sent.

    >>> is_csrf_of("s", csrf_of("s")), is_csrf_of("s", csrf_of("t")), is_csrf_of("s", "")
    (True, False, False)
    """
    return hmac.compare_digest(csrf_of(session).encode(), token.encode())
