"""What becomes of a row's values: a row that can be answered, or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.reclassify.rows import Item, Rejected, Row

LONGEST = 1_000_000
"""Characters of a text; what is longer is no order, and costs its row."""


def item_of(file: str, number: int, id_: Any, texts: Sequence[Any], given: Any) -> Item:
    """A row by its values: of several texts the first is the title; a blank id becomes FILE:ROW.

    >>> item_of("a.csv", 2, 7, ["路灯", None, "不亮"], " ")
    Row(id='7', given=None, named_here=False)
    >>> item_of("a.csv", 2, "", [" "], None).reason
    '没有文字'
    """
    told = [_told(value) for value in (id_, given, *texts)]
    if None in told:
        return Rejected(file, number, "有的值既不是文字也不是数字")
    name, label, *parts = (str(value) for value in told)
    title, body = (parts[0], "\n".join(filter(None, parts[1:]))) if len(parts) > 1 else ("", parts[0])
    if not title.strip() and not body.strip():
        return Rejected(file, number, "没有文字")
    if len(title) + len(body) > LONGEST:
        return Rejected(file, number, f"文字超过 {LONGEST} 个")
    if not _is_text(f"{name}{label}{title}{body}"):
        return Rejected(file, number, "有的字节不是文字")
    row_id = name.strip()
    return Row(row_id or f"{file}:{number}", title, body, label.strip() or None, named_here=not row_id)


def _told(value: Any) -> str | None:
    """A value as text, nothing as a blank; None for what is neither text nor a number."""
    if value is None or value != value:  # pandas writes what is missing as no number
        return ""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_text(value: str) -> bool:
    """Whether there are whole characters only: half ones are what is left of bytes of no encoding."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
