"""Free text: what everyone may read is redacted, what was said is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.language.redact import PLACEHOLDERS, redact

_NEVER_WORDS = frozenset({"id", "event", "kind", "at", "until"})
"""Fields whose values are ids and times. What should be a word of a list is nobody's own words only as long as people
keep to the list, and not every list is closed: it is read like any other text, which does a word of a list no harm."""

_SHORTEST_NAME = 2
_LOST = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text without what no database takes: NUL, and halves of characters.

    >>> storable("a\\x00b\\ud800") == "a\\ufffdb\\ufffd"
    True
    """
    return text.replace("\x00", _LOST).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def without_personal(text: str, caller: Mapping[str, str] | None = None) -> str:
    """The text with everything personal replaced, the caller's own name and number wherever they stand.

    >>> without_personal("张建国13812341234又来电催办", {"name": "张建国", "phone": "13812341234"})
    '[姓名][电话]又来电催办'
    """
    text = storable(text)
    name, phone = ((caller or {}).get(key, "").strip() for key in ("name", "phone"))
    for said, kind in ((name, "name"), (phone, "phone")):
        if len(said) >= _SHORTEST_NAME:
            text = text.replace(said, PLACEHOLDERS[kind])
    return redact(text)


def redacted(fields: Mapping[str, Any], caller: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An event's fields with everything personal in its free text replaced.

    >>> redacted({"unit": "u1", "reason": "来电人电话13812341234"})["reason"]
    '来电人电话[电话]'
    """
    return {
        without_personal(name, caller): value if name in _NEVER_WORDS else _redacted(value, caller)
        for name, value in fields.items()
    }


def _redacted(value: Any, caller: Mapping[str, str] | None) -> Any:
    if isinstance(value, str):
        return without_personal(value, caller)
    if isinstance(value, Mapping):
        return redacted(value, caller)
    if isinstance(value, (list, tuple)):
        return [_redacted(one, caller) for one in value]
    return value
