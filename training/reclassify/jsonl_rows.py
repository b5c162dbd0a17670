"""Rows of a JSONL file: a JSON object a line, UTF-8 or GB18030."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.reclassify.items import item_of
from training.reclassify.rows import Item, Rejected
from training.reclassify.wanted import Wanted, chosen
from triage.desk.backlog.delimited import Delimited
from triage.domain.errors import BadInput, Problem

_LONGEST = 8_000_000
_LOOKED_AT = 1_000


class JsonlRows:
    """A JSONL file. Its columns are the keys of its first thousand lines; what a line lacks is blank."""

    def __init__(self, path: Path, name: str, wanted: Wanted) -> None:
        self._path = path
        self._name = name
        self._wanted = wanted
        self._encoding = Delimited(path).encoding
        keys: dict[str, None] = {}
        for number, line in self._lines():
            if number > _LOOKED_AT:
                break
            told = _object(line)
            keys |= dict.fromkeys(told if isinstance(told, dict) else ())
        if not keys:
            raise BadInput(name, [Problem((), "is empty or broken: a JSON object a line is needed")])
        self._texts = chosen(wanted, list(keys))

    def items(self) -> Iterator[Item]:
        """Every line that is not blank, by its number."""
        for number, line in self._lines():
            told = _object(line)
            if isinstance(told, str):
                yield Rejected(self._name, number, told)
            else:
                given = None if self._wanted.label is None else told.get(self._wanted.label)
                texts = [told.get(name) for name in self._texts]
                yield item_of(self._name, number, told.get(self._wanted.id), texts, given)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Lines split at line feeds alone: JSON may hold other line breaks as they are."""
        number = 0
        with self._path.open(encoding=self._encoding, errors="surrogateescape", newline="\n") as file:
            while line := file.readline(_LONGEST):
                number += 1
                whole = line
                while len(line) == _LONGEST and not line.endswith("\n"):
                    line = file.readline(_LONGEST)  # the rest of a line that is too long for anything
                if whole.strip():
                    yield number, whole


def _object(line: str) -> dict[str, Any] | str:
    """The object of a line, or why it is none."""
    if len(line) == _LONGEST:
        return "本行过长"
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return "不是 JSON"
    return told if isinstance(told, dict) else "不是 JSON 对象"
