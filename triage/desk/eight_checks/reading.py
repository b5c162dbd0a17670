"""A reply's text, read sentence by sentence and clause by clause; every place found is one in the text as written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.desk.eight_checks.reply import Look
from triage.desk.eight_checks.signs import DATE_AT_END, TRACES
from triage.language.clean import clean

_SENTENCE = re.compile(r"[^。！？；\n]+")
_CLAUSE = re.compile(r"[^，。！？；\n]+")
_SHOWN = 40

Sign = re.Pattern[str]


class ReplyText:
    """The text of a reply.

    >>> ReplyText("您好！３月２日，承办人李某联系来电人。").trace("first_contact_time").value
    '３月２日'
    """

    def __init__(self, original: str) -> None:
        self._cleaned = clean(original)
        self.text = self._cleaned.text

    def clauses(self) -> Iterator[str]:
        """What stands between commas and stops."""
        return (found[0] for found in _CLAUSE.finditer(self.text))

    def trace(self, element: str) -> Look | None:
        """Where the text gives an element of `REPLY_ELEMENTS`; None where it does not, or not plainly."""
        if element in TRACES:
            sign, also, unless = TRACES[element]
            for sentence in _SENTENCE.finditer(self.text):
                found = self._in(sentence, sign, unless)
                detail = also.search(self.text, *sentence.span()) if found and also else found
                if detail:
                    return self._look(detail)
        dated = DATE_AT_END.search(self.text) if element == "answer_time" else None
        return self._look(dated) if dated else None

    def first(self, sign: Sign, unless: Sign | None = None) -> Look | None:
        """The first clause's `sign`, of the clauses without `unless`."""
        found = next(self._stated(sign, unless), None)
        return self._look(found) if found else None

    def last(self, sign: Sign, unless: Sign | None = None) -> tuple[Look, re.Match[str]] | None:
        """The last such clause's: what a reply says last is how the matter stands."""
        every = list(self._stated(sign, unless))
        return (self._look(every[-1]), every[-1]) if every else None

    def _stated(self, sign: Sign, unless: Sign | None) -> Iterator[re.Match[str]]:
        for clause in _CLAUSE.finditer(self.text):
            if found := self._in(clause, sign, unless):
                yield found

    def _in(self, piece: re.Match[str], sign: Sign, unless: Sign | None) -> re.Match[str] | None:
        if unless and unless.search(self.text, *piece.span()):
            return None
        return sign.search(self.text, *piece.span())

    def _look(self, found: re.Match[str]) -> Look:
        start, end = self._cleaned.span(*found.span())
        return Look("reply.text", self._cleaned.original[start:end][:_SHOWN], start, end)
