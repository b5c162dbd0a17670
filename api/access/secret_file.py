"""The secret of a demo: made once, in a file beside its database that only its owner may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from triage.bootstrap import Service, build
from triage.domain.errors import BadInput, Problem
from triage.records.database import Database


def with_secret(service: Service, url: str) -> Service:
    """The service of a demo, with a secret of its own where none is set."""
    if service.settings.secret is not None:
        return service
    database = Database(url)
    if not database.is_sqlite:
        raise BadInput("demo", [Problem(("TRIAGE_SECRET",), "is needed: this database has no folder to keep one in")])
    secret = SecretStr(secret_beside(Path(str(database.url.database))))
    return build(service.settings.model_copy(update={"secret": secret}))


def secret_beside(database: Path) -> str:
    """The secret in `<database>.secret`, made where there is none; BadInput where it cannot be read or made.

    The file appears whole or not at all, and of two processes that make it at once the second takes the first one's.
    """
    path = database.with_name(database.name + ".secret")
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "holds no secret of ours"
        raise BadInput("demo", [Problem(("TRIAGE_SECRET",), f"is not set, and {path}: {why}")]) from None


def _make(path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp's mode is 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
