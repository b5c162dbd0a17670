"""Faults of a pack's shape in words: which key was meant, what may stand there, on which line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from triage.domain.errors import Problem, hint
from triage.policy.pack.schema import PackFile
from triage.policy.pack.yamlfile import Loc, YamlFile


def shape_faults(error: ValidationError, source: YamlFile) -> Iterator[Problem]:
    """Every fault, in the order of the file."""
    faults = [(tuple(fault["loc"]), _in_words(fault)) for fault in error.errors(include_url=False)]
    for loc, msg in sorted(faults, key=lambda fault: source.line_of(fault[0])):
        yield source.problem(loc, msg)


def _in_words(fault: Any) -> str:
    """Pydantic's message, where it says what to do; else ours."""
    match fault["type"]:
        case "extra_forbidden":
            return f"no such key; {hint(str(fault['loc'][-1]), _keys(fault['loc'][:-1]))}"
        case "string_pattern_mismatch":
            return f"begins with a letter, and has only a-z, 0-9 and hyphens, not {fault['input']!r}"
        case _:  # YAML has lists
            msg = str(fault["msg"]).removeprefix("Value error, ")
            return msg.replace("valid tuple", "list").replace("Tuple", "List").replace("valid dictionary", "mapping")


def _keys(loc: Loc) -> list[str]:
    """The keys that the mapping at this place may have."""
    models: list[type[BaseModel]] = [PackFile]
    for step in loc:
        fields = [model.model_fields[step] for model in models if isinstance(step, str) and step in model.model_fields]
        # Any other step is a position, the tag of a union, or a name that the pack's writer chose.
        models = [model for field in fields for model in _models(field.annotation)] if fields else models
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
