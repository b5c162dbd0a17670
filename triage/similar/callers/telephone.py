"""Telephone numbers as people and systems write them, brought into one form.

Forms: mobile numbers have 11 digits and begin with 13 to 19; landlines have an area code (010, 02x or four digits) and
7 or 8 digits that begin with 2 to 8. Service numbers (12345, 400-…) are nobody's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from triage.domain.errors import BadInput, Problem

LONGEST = 200
"""Characters of the field that are read."""


@dataclass(frozen=True, slots=True, repr=False)
class Telephone:
    """One number: its digits in the national form, a masked one with a star; never printed."""

    digits: str
    kind: Literal["mobile", "landline", "masked"]
    further: int = 0  # other numbers that stand in the field and are not used

    def __repr__(self) -> str:
        return f"Telephone(…, kind={self.kind!r}, further={self.further})"


def read_telephone(written: str, area_code: str = "") -> Telephone | None:
    """The first valid number of a field; None where there is none, a masked one where no whole one stands.

    `area_code` ("021") is put before a landline written without one, so that both writings are one number; without it
    such a number stands for itself. `BadInput` where the area code is none.

    >>> read_telephone("+86 138-1234-1234转805").digits
    '13812341234'
    >>> read_telephone("（０２１）五八七〇一二三四").digits == read_telephone("5870 1234", "021").digits
    True
    >>> read_telephone("12345") is read_telephone("不详") is None
    True
    """
    check_area_code(area_code)
    runs = _RUN.findall(_plain(written))
    found = dict.fromkeys(number for run in runs if "*" not in run for number in _numbers(run, area_code))
    if found:
        first = next(iter(found))
        return Telephone(first, "mobile" if first[0] == "1" else "landline", len(found) - 1)
    masked = [mask for run in runs if (mask := _mask(run))]
    return Telephone(masked[0], "masked", len(set(masked)) - 1) if masked else None


def check_area_code(area_code: str) -> None:
    """Raises `BadInput` unless it is empty or an area code with its zero (021, 0571)."""
    if area_code and not _AREA.fullmatch(area_code):
        problem = Problem(("area_code",), f"{area_code[:20]!r} is no area code such as 021 or 0571")
        raise BadInput("callers", [problem])


_AREA = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})")
_SPOKEN = str.maketrans(
    "零〇○一壹幺么二贰三叁四肆五伍六陆七柒八捌九玖‐‑‒–—―−·●•★", "00011112233445566778899-------.***"
)
_CROSSES = re.compile(r"[xX×]{2,}")
_DECIMAL = re.compile(r"(?<=[0-9]{7})\.0+$")  # a column of numbers with gaps was read as decimals
_RUN = re.compile(r"\+?\(?[0-9](?:[ .()\-]{0,3}[0-9*])*")
_BORDER = re.compile(r"(?<=[0-9]{7}) +(?=\+?[0-9]{7})")  # a blank between two numbers that are both long enough

_ABROAD = r"(?:(?:\+|00)86)"
_MOBILE = re.compile(rf"(?:{_ABROAD}|86)?0?(1[3-9][0-9]{{9}})")
# The zero may be missing: spreadsheets drop it.
_LANDLINE = re.compile(
    rf"(?:{_ABROAD}|86)?0?((?:10|2[0-9])[2-8][0-9]{{7}}|(?!400|800)[3-9][0-9]{{2}}[2-8][0-9]{{6,7}})"
)
_LOCAL = re.compile(rf"{_ABROAD}?([2-8][0-9]{{6,7}})")
_MASKED = re.compile(rf"(?:{_ABROAD}|86)?(1[3-9][0-9]{{1,8}})\*+([0-9]*)")
_MOST_PARTS = 16  # of one number, each digit written apart


def _plain(written: str) -> str:
    text = unicodedata.normalize("NFKC", written[:LONGEST])
    text = "".join(" " if char.isspace() else char for char in text if unicodedata.category(char) != "Cf")
    text = _CROSSES.sub(lambda match: "*" * len(match[0]), text.translate(_SPOKEN))
    return _DECIMAL.sub("", text.strip())


def _numbers(run: str, area_code: str) -> Iterator[str]:
    """The numbers in a run of digits, from the left and each as long as it can be; what stays over is an extension."""
    for written in _BORDER.split(run):
        parts = re.findall(r"\+?[0-9]+", written)
        start = 0
        while start < len(parts):
            number, start = _longest(parts, start, area_code)
            if number:
                yield number


def _longest(parts: list[str], start: int, area_code: str) -> tuple[str, int]:
    for end in range(min(len(parts), start + _MOST_PARTS), start, -1):
        digits, over = "".join(parts[start:end]), "".join(parts[end:])
        # Seven digits may be part of anything (400-820-1234), so a number without an area code stands alone.
        number = _national(digits) or (_local(digits, area_code) if start == 0 and len(over) <= 5 else "")
        if start and number and digits[0] not in "+01":
            continue  # the middle of a card or an order number
        if number:
            return number, end
    return "", start + 1


def _national(digits: str) -> str:
    if match := _MOBILE.fullmatch(digits):
        return match[1]
    match = _LANDLINE.fullmatch(digits)
    return f"0{match[1]}" if match and not _is_filler(match[1]) else ""


def _local(digits: str, area_code: str) -> str:
    match = _LOCAL.fullmatch(digits)
    if match is None or _is_filler(match[1]) or _is_day(match[1]):
        return ""
    return _national(area_code + match[1]) if area_code else match[1]


def _is_filler(digits: str) -> bool:
    """Whether it was typed only to fill the field (88888888)."""
    return len(set(digits[-7:])) == 1


def _is_day(digits: str) -> bool:
    """Whether it reads as a day of this or the last century: a date that slipped into the field."""
    try:
        return len(digits) == 8 and 1900 <= date.fromisoformat(digits).year < 2100
    except ValueError:
        return False


def _mask(run: str) -> str:
    """A mobile number of which at least seven digits are shown, however many stars stand for the rest."""
    match = _MASKED.fullmatch(re.sub(r"[^0-9*+]", "", run))
    return f"{match[1]}*{match[2]}" if match and 7 <= len(match[1] + match[2]) <= 10 else ""
