"""Files that only this town's secret opens: a header and a content, sealed piece by piece, whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from triage.records.columns import canonical
from triage.records.vault import CannotOpen, Vault

_MAGIC = b"triage sealed file 1\n"
_PIECE = 2**20
_LONGEST = _PIECE + 64  # a piece with what sealing adds
_CONTENT = "sha256", "bytes"

Header = Mapping[str, Any]


def write_sealed(path: Path, vault: Vault, name: str, header: Header, content: bytes) -> Path:
    """Write a file beside its place, readable by its owner only; where it is, to be moved there. OSError leaves none.

    `name` is what the file is: under another it does not open.
    """
    beside = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_MAGIC)
            for sealed in _sealed(vault, name, header, content):
                file.write(len(sealed).to_bytes(4, "little") + sealed)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def read_header(path: Path, vault: Vault, name: str) -> Header:
    """The header of such a file; OSError where it cannot be read, CannotOpen where it is none or another town's."""
    with path.open("rb") as file:
        return _header(file, vault, name)


def read_sealed(path: Path, vault: Vault, name: str) -> bytes:
    """The content of such a file; the same errors, CannotOpen also where a part of it is missing or exchanged."""
    with path.open("rb") as file:
        header = _header(file, vault, name)
        digest, length = (header[key] for key in _CONTENT)
        pieces = [vault.open_own(_piece(file), _bound(name, digest, at)) for at in range(0, length, _PIECE)]
    content = b"".join(pieces)
    if len(content) != length:
        raise CannotOpen("a sealed file is shorter than it says")
    return content


def _sealed(vault: Vault, name: str, header: Header, content: bytes) -> Iterator[bytes]:
    digest = hashlib.sha256(content).hexdigest()
    whole = {**header, **dict(zip(_CONTENT, (digest, len(content)), strict=True))}
    yield vault.seal_own(canonical(whole).encode(), name)
    for at in range(0, len(content), _PIECE):
        yield vault.seal_own(content[at : at + _PIECE], _bound(name, digest, at))


def _bound(name: str, digest: str, at: int) -> str:
    """A piece belongs to one content, at one place in it."""
    return f"{name} {digest} {at}"


def _header(file: BinaryIO, vault: Vault, name: str) -> Header:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise CannotOpen("no sealed file")
    header: Header = json.loads(vault.open_own(_piece(file), name))
    return header


def _piece(file: BinaryIO) -> bytes:
    length = int.from_bytes(file.read(4), "little")
    piece = file.read(min(length, _LONGEST))
    if not piece or len(piece) != length:
        raise CannotOpen("a sealed file ends too early")
    return piece
