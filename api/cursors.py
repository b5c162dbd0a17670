"""Cursors: where the next page of a list begins, opaque to whoever passes it on."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from triage.domain.errors import BadInput, Problem

_LARGEST = 2**63 - 1  # what databases take for a whole number


def cursor_of(*place: Any) -> str:
    """A cursor for a place in a list.

    >>> read_cursor(cursor_of(17, "a"))
    [17, 'a']
    """
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, shape: tuple[type, ...] | None = None) -> list[Any]:
    """The place a cursor stands for; BadInput where it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or (shape is not None and [type(one) for one in place] != list(shape)):
        raise _not_ours()
    if any(isinstance(one, int) and abs(one) > _LARGEST for one in place):
        raise _not_ours()
    return place


def _not_ours() -> BadInput:
    return BadInput("request", [Problem(("cursor",), "is none that this list gave")])
