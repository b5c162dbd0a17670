"""The cells of one row by their fields: each read into what it says, every fault noted by its column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from triage.desk.backlog.header import Header
from triage.desk.backlog.moments import FORMS, Moment, read_moment
from triage.desk.backlog.words import SHOWN, is_blank, word_of
from triage.desk.requests import CallerIn, OrderIn
from triage.domain.errors import Problem
from triage.policy.calendar.workdays import BadTime

_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
FORMULA_STARTS = frozenset("=+-@＝＋－＠")
"""What makes a spreadsheet run a cell; such a cell is written, and read, with an apostrophe before it."""

_QUOTED = re.compile(r"'(?=\s*[=+\-@＝＋－＠])")
_POINT_ZERO = re.compile(r"(\d+)\.0+")
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = " \t\r\n\u3000\xa0\ufeff\u200b"


def _limits(model: type[BaseModel]) -> dict[str, int]:
    return {
        name: mark.max_length
        for name, info in model.model_fields.items()
        for mark in info.metadata
        if hasattr(mark, "max_length")
    }


_LIMITS: Mapping[str, int] = _limits(OrderIn) | _limits(CallerIn)


class Cells:
    """One row. Every reader answers blank or None where the column is missing, blank or faulty; `faults` tells."""

    def __init__(self, header: Header, cells: tuple[str, ...]) -> None:
        self._header = header
        read = ((field, _plain(cells[index])) for field, index in header.fields.items())
        self._told = {field: written for field, written in read if not is_blank(written)}
        self.faults: list[Problem] = []
        self._check_characters(cells)

    def refuse(self, field: str, reason: str) -> None:
        """Note what is wrong with the cell of a field."""
        self.faults.append(Problem((self._header.name(field),), reason))

    def has(self, field: str) -> bool:
        """Whether something is written there, be it as it may."""
        return field in self._told

    def has_column(self, field: str) -> bool:
        """Whether the file has a column for it."""
        return field in self._header.fields

    def text(self, field: str) -> str:
        """A text; too long a one is a fault."""
        written = self._told.get(field, "")
        if len(written) > _LIMITS.get(field, len(written)):
            self.refuse(field, f"超过 {_LIMITS[field]} 个字符")
            return ""
        return written

    def number(self, field: str) -> str:
        """A number that is a name, such as an id or a telephone number; one that lost digits is a fault."""
        written = self.text(field).removeprefix("'").removesuffix("'").strip(_BLANK)
        if _LOST_DIGITS.fullmatch(written):
            self.refuse(field, "以数值存储，末尾数字已丢失；请将该列改为文本格式后重新导出")
            return ""
        whole = _POINT_ZERO.fullmatch(written)
        return whole[1] if whole else written

    def moment(self, field: str) -> Moment | None:
        """A moment, or None."""
        written = self._told.get(field)
        if written is None:
            return None
        try:
            return read_moment(written.removeprefix("'"))
        except BadTime:
            self.refuse(field, f"不是可识别的时间或该时间不存在，可写作 {FORMS} 等")
            return None

    def word(self, field: str) -> Any:
        """The contract's word of a closed list, or None."""
        written = self._told.get(field)
        if written is None:
            return None
        word = word_of(field, written)
        if word is None:
            self.refuse(field, f"只能是：{SHOWN.get(field, '是、否')}")
        return None if word == "" else word

    def words(self, fields: Iterable[str]) -> dict[str, Any]:
        """The words of those fields that say one."""
        return {field: word for field in fields if field in self._told and (word := self.word(field)) is not None}

    def _check_characters(self, cells: tuple[str, ...]) -> None:
        for index, cell in enumerate(cells):
            if cell.isascii() and "\0" not in cell:
                continue
            name = self._header.columns[index] if index < len(self._header.columns) else ""
            column = name or f"第 {index + 1} 列"
            if "\0" in cell:
                self.faults.append(Problem((column,), "含有空字符（NUL）"))
            if _SURROGATE.search(cell):
                self.faults.append(Problem((column,), "含有既非 UTF-8 也非 GB18030 的字节"))


def _plain(cell: str) -> str:
    """What is meant by a cell, without what marks it as text for a spreadsheet: ="…", or ' before a formula's sign."""
    written = cell.strip(_BLANK)
    as_text = _AS_TEXT.fullmatch(written) if written[:1] == "=" else None
    if as_text:
        return as_text[1].strip(_BLANK)
    return written[1:].strip(_BLANK) if written[:1] == "'" and _QUOTED.match(written) else written
