"""How times and structured values are kept: as text that reads, sorts and hashes the same in every database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from triage.domain.moments import in_shanghai


def canonical(value: Any) -> str:
    """JSON with one spelling: keys sorted, no blanks, Chinese as it is.

    >>> canonical({"b": 1, "a": "路灯"})
    '{"a":"路灯","b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def stamp(moment: datetime) -> str:
    """A moment as text of fixed width in +08:00, so that the order of texts is that of times.

    >>> stamp(datetime.fromisoformat("2026-03-02T01:00:00+00:00"))
    '2026-03-02T09:00:00.000000+08:00'
    """
    return in_shanghai(moment).isoformat(timespec="microseconds")


class Moment(TypeDecorator[datetime]):
    """A moment, kept as `stamp` writes it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else stamp(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From text."""
        return None if value is None else in_shanghai(datetime.fromisoformat(value))


class Structure(TypeDecorator[Any]):
    """Lists and mappings, kept as `canonical` writes them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else json.loads(value)
