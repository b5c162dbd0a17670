"""Shapes that all parts of a pack share: strict mappings, conditions, references, sentences with facts in them."""

from __future__ import annotations

from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from triage.domain.clauses import CLAUSE_ID
from triage.domain.errors import hint
from triage.policy.conditions import Condition
from triage.policy.vocabulary import FACTS

ALWAYS = Condition("true")


def _condition(value: object) -> Condition:
    if not isinstance(value, str):
        raise ValueError(f"a condition is a CEL text, not {value!r}")
    return Condition(value)


def listed(value: object) -> object:
    """One of something may be written without the brackets of a list."""
    return [value] if isinstance(value, (str, dict)) else value


def _clause(name: str) -> str:
    if not CLAUSE_ID.match(name):
        raise ValueError(f"a clause is named with its pack, such as moushi:2.1, not {name!r}")
    return name


def _with_facts(text: str) -> str:
    """Names in braces are facts; they are filled in when the sentence is told."""
    try:
        filled = [
            (name, f"{spec}{turned or ''}") for _, name, spec, turned in Formatter().parse(text) if name is not None
        ]
    except ValueError as fault:
        raise ValueError(f"braces in {text!r}: {fault}") from None
    for name, further in filled:
        if name not in FACTS:
            raise ValueError(f"no fact {name!r} to fill in; {hint(name, FACTS)}")
        if further:
            raise ValueError(f"braces hold the name of a fact and nothing else: {{{name}}}")
    return text


When = Annotated[Condition, PlainValidator(_condition)]
Sentence = Annotated[str, AfterValidator(_with_facts)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
ClauseRef = Annotated[str, AfterValidator(_clause)]
Names = tuple[str, ...]


class Strict(BaseModel):
    """Base of all parts of a pack: frozen, and no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
