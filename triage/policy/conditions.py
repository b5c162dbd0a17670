"""Conditions of rules, written in CEL and compiled once, when a pack is loaded.

CEL (Common Expression Language) checks types against the fact vocabulary, so a misspelt fact or a number compared
with a text is an error at load, with a caret under the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from cel_expr_python import cel

from triage.domain.errors import hint
from triage.policy.vocabulary import FACTS, FactType, FactValue

_CEL_TYPES: Mapping[FactType, Any] = {
    "text": cel.Type.STRING,
    "count": cel.Type.INT,
    "flag": cel.Type.BOOL,
    "texts": cel.Type.List(cel.Type.STRING),
}
_UNDECLARED = re.compile(r"undeclared reference to '(\w+)' \(in container ''\)")
_NAME = re.compile(r"\b[a-z_][a-z_0-9]*\b")
_TEXT = re.compile(r'"([^"]*)"|\'([^\']*)\'')
_OF_LIST = re.compile(r"\bin\s*\[")
_UNSAFE = re.compile(r"[\w)\]]\s*\[|[-+*/%?.]|\b(?!size\b|in\b)[A-Za-z_]\w*\s*\(")
_COMPARED = re.compile(
    r"""\b([a-z_]+)\s*(?:==|!=)\s*("[^"]*"|'[^']*')|\b([a-z_]+)\s+in\s+\[([^\]]*)\]|("[^"]*"|'[^']*')\s+in\s+([a-z_]+)"""
)


MOST_KNOWN = 4096
"""Answers that a condition remembers: enough for every order of a town, and a bound on memory."""


class ConditionFault(ValueError):
    """A condition that does not compile, or would never be true because it compares with an unknown word."""


@cache
def _environment() -> Any:
    return cel.NewEnv(variables={fact.name: _CEL_TYPES[fact.type] for fact in FACTS.values()})


class Activation:
    """Facts made ready for many conditions; the facts must not change any more."""

    __slots__ = ("_ready", "facts")

    def __init__(self, facts: Mapping[str, FactValue]) -> None:
        self.facts = facts
        self._ready: Any = None

    def ready(self) -> Any:
        """The facts as CEL takes them, converted when a condition first has to be evaluated."""
        if self._ready is None:
            ready = {name: list(value) if isinstance(value, tuple) else value for name, value in self.facts.items()}
            self._ready = _environment().Activation(ready)
        return self._ready


class Condition:
    """A compiled CEL condition over the facts.

    >>> five = Condition("issue_today >= 5 && territory != 'outside'")
    >>> from triage.policy.vocabulary import FACTS
    >>> facts = {name: fact.default for name, fact in FACTS.items()}
    >>> five.holds(Activation(facts)), five.holds(Activation({**facts, "issue_today": 5}))
    (False, True)
    >>> five.names
    ('issue_today', 'territory')
    """

    __slots__ = ("_expression", "_known", "_values", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        _check_shape(source)
        self._expression = _compile(source)
        bare = _TEXT.sub("", source)
        self.names: tuple[str, ...] = tuple(dict.fromkeys(name for name in _NAME.findall(bare) if name in FACTS))
        # An answer depends on nothing but the values of the facts asked, and these are mostly the same few.
        self._values = itemgetter(*self.names) if self.names else None
        self._known: dict[FactValue | tuple[FactValue, ...], bool] = {}
        _check_words(source)

    def holds(self, activation: Activation) -> bool:
        """Whether the condition is true of these facts."""
        if self._values is None:  # a rule without a condition, or one that asks no fact
            return True if self.source == "true" else self._evaluated(activation)
        values = self._values(activation.facts)
        held = self._known.get(values)
        if held is None:
            held = self._evaluated(activation)
            if len(self._known) < MOST_KNOWN:
                self._known[values] = held
        return held

    def _evaluated(self, activation: Activation) -> bool:
        held = self._expression.eval(activation.ready()).value()
        assert isinstance(held, bool), f"condition {self.source!r} gave {held!r}"  # its shape leaves nothing to fail
        return held

    def asked(self, facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """The facts this condition looks at, with their values."""
        return {name: facts[name] for name in self.names}

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"


def _check_shape(source: str) -> None:
    """Only what cannot fail when it is asked: comparisons, and, or, not, in, size. No index, no arithmetic."""
    bare = _OF_LIST.sub("in ", _TEXT.sub('""', source))
    if found := _UNSAFE.search(bare):
        allowed = "comparisons, &&, ||, !, in and size()"
        raise ConditionFault(f"{found[0].strip()!r} may fail when it is asked; a condition has {allowed}")


def _compile(source: str) -> Any:
    try:
        expression = _environment().compile(source)
    except RuntimeError as error:
        lines = str(error).removeprefix("INVALID_ARGUMENT: ").removesuffix(" [INVALID_ARGUMENT]")
        raise ConditionFault(_UNDECLARED.sub(_with_hint, lines)) from None
    if expression.return_type() != cel.Type.BOOL:
        raise ConditionFault(f"must be true or false, but {source!r} is a {expression.return_type().name()}")
    return expression


def _with_hint(unknown: re.Match[str]) -> str:
    return f"{unknown[0]}; {hint(unknown[1], FACTS)}"


def _check_words(source: str) -> None:
    """CEL cannot know that "urgnt" is no urgency: compare each text with the words its fact may take."""
    for name, word, in_name, in_words, member, list_name in _COMPARED.findall(source):
        fact = FACTS.get(name or in_name or list_name)
        if fact is None or not fact.values:
            continue
        words = [single or double for double, single in _TEXT.findall(word or in_words or member)]
        for unknown in (word for word in words if word not in fact.values):
            known = ", ".join(value or "''" for value in fact.values)
            raise ConditionFault(f"{fact.name} is never {unknown!r}; it is one of {known}")
