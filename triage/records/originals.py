"""Originals: what was said as it was said, sealed under the caller's key, apart from the ledger's redacted entries."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from triage.records.columns import canonical
from triage.records.tables import ENTRIES, KEYS, ORIGINALS
from triage.records.vault import Vault

_PART = 500
_KEEP, _NEW_KEY = insert(ORIGINALS), insert(KEYS)
_KEY_OF = select(KEYS.c.id, KEYS.c.wrapped).where(
    KEYS.c.caller == bindparam("whose"), KEYS.c.month == bindparam("when")
)
_FIRST_KEY = (
    select(KEYS.c.id, KEYS.c.wrapped)
    .join(ORIGINALS, ORIGINALS.c.key_id == KEYS.c.id)
    .join(ENTRIES, ENTRIES.c.seq == ORIGINALS.c.seq)
    .where(ENTRIES.c.order_id == bindparam("wanted"))
    .order_by(ENTRIES.c.seq)
    .limit(1)
)
_OPEN = (
    select(ORIGINALS.c.seq, ORIGINALS.c.sealed, KEYS.c.wrapped, ENTRIES.c.order_id)
    .join(KEYS, KEYS.c.id == ORIGINALS.c.key_id)
    .join(ENTRIES, ENTRIES.c.seq == ORIGINALS.c.seq)
    .where(ORIGINALS.c.seq.in_(bindparam("wanted", expanding=True)), KEYS.c.wrapped.is_not(None))
)


@dataclass(frozen=True, slots=True)
class OrderKey:
    """The key that an order's personal data is sealed with, wrapped."""

    id: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes, the key they were sealed with, and the hash by which the chain covers them."""

    key_id: int
    content: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the sealed bytes."""
        return seal_of(self.content)


def key_of(connection: Connection, order_id: str) -> OrderKey | None:
    """The key of an order; None where it was destroyed."""
    found = connection.execute(_FIRST_KEY, {"wanted": order_id}).one_or_none()
    return None if found is None or found.wrapped is None else OrderKey(found.id, found.wrapped)


def seal_of(content: bytes) -> str:
    """The hash by which the chain covers sealed bytes."""
    return hashlib.sha256(content).hexdigest()


class Originals:
    """Seals and opens originals with a vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(
        self, connection: Connection, content: bytes, *, order_id: str, caller: str | None, at: datetime
    ) -> Sealed:
        """Seal what belongs to an order (JSON) under its caller's key of that month; an unknown caller's order has its
        own."""
        key_id, wrapped = self._key(connection, caller, f"{at:%Y-%m}")
        return Sealed(key_id, self._vault.seal(wrapped, _packed(content), order_id))

    def seal_more(self, connection: Connection, content: Mapping[str, Any], order_id: str) -> Sealed | None:
        """Seal more of an order that is kept already, under the same key; None where that key was destroyed."""
        key = key_of(connection, order_id)
        if key is None:
            return None
        written = canonical(content).encode("utf-8", "surrogatepass")
        return Sealed(key.id, self._vault.seal(key.wrapped, _packed(written), order_id))

    def keep(self, connection: Connection, seq: int, sealed: Sealed) -> None:
        """Put the original of an entry down."""
        connection.execute(_KEEP, {"seq": seq, "key_id": sealed.key_id, "sealed": sealed.content})

    def open(self, connection: Connection, seqs: Collection[int]) -> dict[int, dict[str, Any]]:
        """The originals of entries by their place; one whose key was destroyed is left out."""
        found: dict[int, dict[str, Any]] = {}
        wanted = sorted(seqs)
        for start in range(0, len(wanted), _PART):
            for row in connection.execute(_OPEN, {"wanted": wanted[start : start + _PART]}):
                packed = self._vault.open(row.wrapped, row.sealed, row.order_id)
                found[row.seq] = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
        return found

    def destroy(self, connection: Connection, now: datetime, *, caller: str) -> int:
        """Destroy a caller's keys; how many there were. What they sealed cannot be read by anyone from then on."""
        done = connection.execute(
            update(KEYS).where(KEYS.c.caller == caller).values(wrapped=None, destroyed_at=now, caller=None)
        )
        return done.rowcount

    def _key(self, connection: Connection, caller: str | None, month: str) -> tuple[int, bytes]:
        if caller is not None:
            row = connection.execute(_KEY_OF, {"whose": caller, "when": month}).one_or_none()
            if row is not None:
                return int(row.id), row.wrapped
        wrapped = self._vault.new_key()
        return self._new_key(connection, caller, month, wrapped), wrapped

    def _new_key(self, connection: Connection, caller: str | None, month: str, wrapped: bytes) -> int:
        done = connection.execute(_NEW_KEY, {"caller": caller, "month": month, "wrapped": wrapped})
        (key_id,) = done.inserted_primary_key or (None,)
        assert key_id is not None
        return int(key_id)


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, 1)
