"""Conditions in Chinese: what CEL says, as a person reads it."""

from __future__ import annotations

import re

from triage.policy.chinese import CALLBACK, OBLIGATIONS, ROLES, VALUES
from triage.policy.conditions import Condition
from triage.policy.vocabulary import FACTS

_TOKEN = re.compile(r'"[^"]*"|\'[^\']*\'|&&|\|\||>=|<=|==|!=|[A-Za-z_][A-Za-z_0-9]*|\d+|\S')
_OPERATORS = {
    "&&": "，且",
    "||": "，或",
    ">=": "不少于",
    "<=": "不多于",
    "==": "为",
    "!=": "不为",
    ">": "多于",
    "<": "少于",
    "!": "非",
    "in": "属于",
    "has": "含有",
    "(": "（",
    ")": "）",
    "[": "",
    "]": "",
    ",": "、",
    "true": "是",
    "false": "否",
}
_SIZE = re.compile(r"size\((\w+)\)")
_MEMBER = re.compile(r"(\"[^\"]*\")\s+in\s+(\w+)")
_WORDS = {**VALUES, **OBLIGATIONS, **ROLES, **CALLBACK}


def in_words(condition: Condition) -> str:
    """A condition in Chinese; every fact by its meaning, every word by what people call it.

    >>> in_words(Condition('repeat_count >= 5 && !solved'))
    '该来电人就同一事项的第几次来电不少于5，且非「回访确认已解决」'
    """
    source = _MEMBER.sub(r"\2 has \1", _SIZE.sub(r"\1_size", condition.source))
    return "".join(_word(token) for token in _TOKEN.findall(source))


def _word(token: str) -> str:
    if token in _OPERATORS:
        return _OPERATORS[token]
    if token[0] in "\"'":
        return f"“{_WORDS.get(token[1:-1], token[1:-1])}”"
    fact = FACTS.get(token) or FACTS.get(token.removesuffix("_size"))
    if fact is None:
        return token
    if token.endswith("_size"):
        return f"「{fact.meaning}」的个数"
    return f"「{fact.meaning}」" if fact.type in ("flag", "texts") else fact.meaning
