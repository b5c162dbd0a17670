"""Personal data under lock: sealed with a key of its own, which is wrapped by a key outside the database.

Envelope encryption with AES-256-GCM (NIST SP 800-38D); the outer key is derived from the town's secret by HKDF
(RFC 5869). Whoever destroys a wrapped key makes all that it sealed unreadable for good, in backups of the sealed data
too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from triage.domain.errors import BadInput, Problem, TriageError

SHORTEST_SECRET = 16
_KEY, _NONCE = 32, 12
_KEYS_KEPT_OPEN = 1024


class CannotOpen(TriageError):
    """Something sealed does not open: another secret, or bytes that were changed."""


class Vault:
    """Seals and opens with the town's secret; BadInput where it has fewer than 16 bytes.

    `random` gives so many random bytes. `bound_to` is what a sealed thing belongs to: moved elsewhere it does not open.

    >>> vault = Vault(b"a secret of the town")
    >>> key = vault.new_key()
    >>> vault.open(key, vault.seal(key, b"words", "order 1"), "order 1")
    b'words'
    """

    def __init__(self, secret: bytes, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            fault = f"has {len(secret)} bytes; at least {SHORTEST_SECRET} are needed"
            raise BadInput("settings", [Problem(("TRIAGE_SECRET",), fault)])
        self._random = random
        self._outer = AESGCM(HKDF(SHA256(), _KEY, salt=None, info=b"triage vault 1").derive(secret))
        self._digests = HKDF(SHA256(), _KEY, salt=None, info=b"triage digests 1").derive(secret)
        self._opened = lru_cache(_KEYS_KEPT_OPEN)(self._unwrap)

    def __repr__(self) -> str:
        return "Vault(…)"

    def new_key(self) -> bytes:
        """A new key, wrapped: what the database may keep."""
        return self._sealed(self._outer, self._random(_KEY), b"key")

    def seal(self, wrapped: bytes, content: bytes, bound_to: str) -> bytes:
        """The content sealed under a wrapped key."""
        return self._sealed(self._opened(wrapped), content, bound_to.encode())

    def open(self, wrapped: bytes, sealed: bytes, bound_to: str) -> bytes:
        """What was sealed; CannotOpen with another secret, another thing or changed bytes."""
        return _opened(self._opened(wrapped), sealed, bound_to.encode())

    def seal_own(self, content: bytes, bound_to: str) -> bytes:
        """The content sealed with the outer key: for what the town itself keeps, such as its own people's numbers."""
        return self._sealed(self._outer, content, b"own " + bound_to.encode())

    def open_own(self, sealed: bytes, bound_to: str) -> bytes:
        """What `seal_own` sealed; CannotOpen likewise."""
        return _opened(self._outer, sealed, b"own " + bound_to.encode())

    def digest(self, content: bytes) -> str:
        """A keyed digest (HMAC-SHA-256): tells whether two contents are the same, and nothing without the secret."""
        return hmac.new(self._digests, content, hashlib.sha256).hexdigest()

    def _unwrap(self, wrapped: bytes) -> AESGCM:
        return AESGCM(_opened(self._outer, wrapped, b"key"))

    def _sealed(self, key: AESGCM, content: bytes, bound_to: bytes) -> bytes:
        nonce = self._random(_NONCE)
        return nonce + key.encrypt(nonce, content, bound_to)


def _opened(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
    except (InvalidTag, ValueError):
        raise CannotOpen("something sealed does not open: TRIAGE_SECRET is another, or the data was changed") from None
