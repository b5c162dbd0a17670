"""Brings the text of an order into one writing, remembering where each character came from.

Choices: letters, digits and marks that stand inside numbers and names become half width; sentence marks
(，。！？；：) and round brackets become full width beside Chinese text, because there a half-width comma, colon or
stop belongs to an amount, a time or a number, and the patterns for places and numbers rely on that difference.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

HAN = r"\u4e00-\u9fa5"  # what a pattern for Chinese words calls a character


@dataclass(frozen=True)
class CleanText:
    """A text as the rest of the program reads it, with the way back to what was written."""

    original: str
    text: str
    offsets: Sequence[int]  # offsets[i] is where text[i] stands in original; one more entry for the end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that text[start:end] came from.

        >>> clean("扰　　民１２点").span(2, 4)
        (4, 6)
        """
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def clean(original: str, limit: int = 20_000) -> CleanText:
    """Cleans a text in time linear in `limit`; of a longer one the first three quarters and the end are kept.

    >>> clean("工 单：１２号楼，噪音太大！！！！！！<br>請處理").text
    '工单：12号楼，噪音太大！\\n请处理'
    """
    text, offsets = _shorten(original, limit)
    for pattern, replacement in _DROPS:
        text, offsets = _edit(text, offsets, pattern, replacement)
    text = _ODD_WIDTH.sub(lambda m: _WIDTHS[m[0]], text)
    text = _simplify(text)
    text = _HALF_MARKS.sub(_full_marks, text)
    text = _TIME_COLON.sub(":", text)
    for pattern, replacement in _REPEATS:
        text, offsets = _edit(text, offsets, pattern, replacement)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if 0 < end < len(text) or start:
        text, offsets = text[start:end], offsets[start : max(start, end) + 1]
    return CleanText(original, text, offsets)


Replacement = Callable[[re.Match[str]], str]


def _shorten(original: str, limit: int) -> tuple[str, Sequence[int]]:
    if len(original) <= limit:
        return original, range(len(original) + 1)
    tail = limit // 4
    head = limit - tail - 1
    start = len(original) - tail
    return f"{original[:head]}\n{original[start:]}", [*range(head + 1), *range(start, len(original) + 1)]


def _edit(
    text: str, offsets: Sequence[int], pattern: re.Pattern[str], replacement: Replacement
) -> tuple[str, Sequence[int]]:
    """Replaces every match by something not longer than it; the new characters point at the first old ones."""
    found = pattern.search(text)
    if found is None:
        return text, offsets
    pieces: list[str] = []
    kept: list[int] = []
    last = 0
    for match in pattern.finditer(text, found.start()):
        start = match.start()
        new = replacement(match)
        pieces += text[last:start], new
        kept += offsets[last : start + len(new)]
        last = match.end()
    pieces.append(text[last:])
    kept += offsets[last:]
    return "".join(pieces), kept


# --- what goes ---------------------------------------------------------------------------------------------

_ENTITY = re.compile(r"&(?:amp;){0,3}(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>|<!--[^<>]{0,1000}-->|<![A-Za-z][^<>]{0,1000}>")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|li|tr|h\d)\b", re.IGNORECASE)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


def _unescape(match: re.Match[str]) -> str:
    text = match[0]
    for _ in range(4):  # "&amp;amp;nbsp;" was escaped three times on its way through the systems
        text = html.unescape(text)
    return text if len(text) <= len(match[0]) else ""


def _drop_tag(match: re.Match[str]) -> str:
    return "\n" if _BREAKING_TAG.match(match[0]) else ""


def _drop(_match: re.Match[str]) -> str:
    return ""


_DROPS: list[tuple[re.Pattern[str], Replacement]] = [(_ENTITY, _unescape), (_TAG, _drop_tag), (_INVISIBLE, _drop)]

# --- one character for another ------------------------------------------------------------------------------


def _width_table() -> dict[str, str]:
    """Full-width forms, odd blanks, and the look-alikes of Chinese characters that PDF readers and scanners give."""
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for mark in "，！？；：（）":
        del table[mark]
    table |= {"(": "（", ")": "）", "．": ".", "｡": "。", "､": "、"}
    table |= dict.fromkeys("\t\v\f\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
    table |= dict.fromkeys("\r\x85\u2028\u2029", "\n")
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)):
        normal = unicodedata.normalize("NFKC", chr(code))
        if len(normal) == 1 and normal != chr(code):
            table[chr(code)] = normal
    return table


_WIDTHS = _width_table()
_ODD_WIDTH = re.compile("[" + "".join(map(re.escape, sorted(_WIDTHS))) + "]")
_FULL_MARKS = str.maketrans(",!?;:", "，！？；：")
_HALF_MARKS = re.compile(r"[,!?;:]+")
_BESIDE_HAN = re.compile(rf"[{HAN}）]")
_TIME_COLON = re.compile(r"：(?<=[0-9].)(?=[0-9])")


def _full_marks(match: re.Match[str]) -> str:
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return match[0].translate(_FULL_MARKS) if _BESIDE_HAN.match(before) or _BESIDE_HAN.match(after) else match[0]


@cache
def _traditional() -> tuple[re.Pattern[str], dict[int, str], OpenCC]:
    converter = OpenCC("t2s")
    old = [chr(code) for code in range(0x3400, 0xA000)]
    new = converter.convert("\n".join(old)).split("\n")  # line by line, so that no two meet as a phrase
    table = {ord(a): b for a, b in zip(old, new, strict=True) if a != b and len(b) == 1}
    return re.compile("[" + "".join(map(chr, table)) + "]"), table, converter


def _simplify(text: str) -> str:
    pattern, table, converter = _traditional()
    if pattern.search(text) is None:
        return text
    converted: str = converter.convert(text)
    return converted if len(converted) == len(text) else text.translate(table)


# --- what is said once too often ---------------------------------------------------------------------------

_BLANKS = re.compile(r"[ \n][ \n]+")
# Scanning spaces out single characters ("工 单"); a blank between two words somebody typed is a border and stays.
_SCANNED_BLANK = re.compile(
    rf" (?:(?<=(?<![{HAN}])[{HAN}].)(?=[{HAN}])|(?<=[{HAN}].)(?=[{HAN}](?![{HAN}]))"
    r"|(?<=[，。！？；：、].)|(?=[，。！？；：、])|(?<=[0-9].)(?=[弄号栋幢座楼层室单元期组队年月日时点分米元%]))"
)
_FILLER = re.compile(r"[嗯呃]+(?!逆)[，、。…]*")
_STAMMER = re.compile(r"(那个|这个|然后|就是说|就是|那么|反正|因为|所以|还有|但是|我们|他们|你们|什么)(?:[，、]?\1)+")
_MARKS = re.compile(r"([，。！？；：、~])[，。！？；：、~]*\1")
_RUN = re.compile(r"([^0-9\s])\1{3,}")


def _blank(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _first(match: re.Match[str]) -> str:
    return match[1]


def _three(match: re.Match[str]) -> str:
    return match[1] * 3


_REPEATS: list[tuple[re.Pattern[str], Replacement]] = [
    (_BLANKS, _blank),
    (_SCANNED_BLANK, _drop),
    (_FILLER, _drop),
    (_STAMMER, _first),
    (_MARKS, _first),
    (_RUN, _three),
]
