"""Conditions of rules, written in CEL and compiled once, when a pack is loaded.

CEL (Common Expression Language) checks types against the fact vocabulary, so a misspelt fact or a number compared
with a text is an error at load, with a caret under the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cel_expr_python import cel

from triage.domain.errors import TriageError
from triage.policy.vocabulary import FACTS, FactType, FactValue

_CEL_TYPES: Mapping[FactType, Any] = {
    "text": cel.Type.STRING,
    "count": cel.Type.INT,
    "flag": cel.Type.BOOL,
    "texts": cel.Type.List(cel.Type.STRING),
}
_NAME = re.compile(r"\b[a-z_][a-z_0-9]*\b")
_TEXT = re.compile(r'"([^"]*)"|\'([^\']*)\'')
_COMPARED = re.compile(r'\b([a-z_]+)\s*(?:==|!=)\s*("[^"]*"|\'[^\']*\')|\b([a-z_]+)\s+in\s+\[([^\]]*)\]')


class ConditionFault(ValueError):
    """A condition that does not compile, or would never be true because it compares with an unknown word."""


@cache
def _environment() -> Any:
    return cel.NewEnv(variables={fact.name: _CEL_TYPES[fact.type] for fact in FACTS.values()})


class Activation:
    """Facts made ready for many conditions, each of which is asked once; the facts must not change any more."""

    __slots__ = ("_held", "_ready", "facts")

    def __init__(self, facts: Mapping[str, FactValue]) -> None:
        self.facts = facts
        ready = {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}
        self._ready = _environment().Activation(ready)
        self._held: dict[Condition, bool] = {}


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

    __slots__ = ("_expression", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._expression = _compile(source)
        bare = _TEXT.sub("", source)
        self.names: tuple[str, ...] = tuple(dict.fromkeys(name for name in _NAME.findall(bare) if name in FACTS))
        _check_words(source)

    def holds(self, activation: Activation) -> bool:
        """Whether the condition is true. Run-time errors come back from CEL as values: they are raised here."""
        if self.source == "true":  # most rules have no condition; this one needs no asking
            return True
        held = activation._held.get(self)
        if held is None:
            held = self._expression.eval(activation._ready).value()
            if not isinstance(held, bool):
                raise TriageError(f"condition {self.source!r} gave {held!r} instead of true or false")
            activation._held[self] = held
        return held

    def asked(self, facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """The facts this condition looks at, with their values."""
        return {name: facts[name] for name in self.names}

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"


def _compile(source: str) -> Any:
    try:
        expression = _environment().compile(source)
    except RuntimeError as error:
        lines = str(error).removeprefix("INVALID_ARGUMENT: ").removesuffix(" [INVALID_ARGUMENT]")
        raise ConditionFault(lines) from None
    if expression.return_type() != cel.Type.BOOL:
        raise ConditionFault(f"must be true or false, but {source!r} is a {expression.return_type().name()}")
    return expression


def _check_words(source: str) -> None:
    """CEL cannot know that "urgnt" is no urgency: compare each text with the words its fact may take."""
    for name, word, in_name, in_words in _COMPARED.findall(source):
        fact = FACTS.get(name or in_name)
        if fact is None or not fact.values:
            continue
        words = [single or double for double, single in _TEXT.findall(word or in_words)]
        for unknown in (word for word in words if word not in fact.values):
            raise ConditionFault(f"{fact.name} is never {unknown!r}; it is one of {', '.join(fact.values)}")
