"""What one decision costs stage by stage: the service's own path runs, and a clock is put around its stages."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from pydantic import TypeAdapter

from triage.bootstrap import Service
from triage.desk.requests import DecisionRequest
from triage.domain.decisions import Decision

# Stage, module, and the name by which the path calls it (of a class: Class.method). None of them calls another.
STAGES = (
    ("clean", "triage.desk.reading", "clean"),
    ("vectorise", "triage.classify.features", "TextFeatures.read"),
    ("heads", "triage.classify.model", "TextReading.probabilities"),
    ("evidence", "triage.classify.model", "TextReading.evidence"),
    ("territory", "triage.language.territory", "TerritoryFinder.find"),
    ("places", "triage.language.places", "PlaceFinder.find"),
    ("units", "triage.desk.suggest", "candidates"),
    ("judge", "triage.desk.suggest", "judge"),
    ("if_dispatched", "triage.desk.suggest", "if_dispatched"),
)
CHECK, REST, SERIALISE = "check the request", "rest of suggest", "serialise"


def stage_costs(service: Service, bodies: Sequence[dict[str, Any]]) -> dict[str, float]:
    """CPU milliseconds a decision by stage, in the order of the path, in this process and without HTTP."""
    adapter = TypeAdapter(Decision)
    contents = [json.dumps(body, ensure_ascii=False).encode() for body in bodies]
    spent = {CHECK: 0.0, **{stage: 0.0 for stage, _, _ in STAGES}, REST: 0.0, SERIALISE: 0.0}
    with _clocks(spent):
        for content in contents:
            begin = time.process_time()
            request = DecisionRequest.model_validate_json(content)
            checked = time.process_time()
            decision = service.decide(request)
            decided = time.process_time()
            adapter.dump_json(decision)
            spent[CHECK] += checked - begin
            spent[REST] += decided - checked
            spent[SERIALISE] += time.process_time() - decided
    spent[REST] -= sum(spent[stage] for stage, _, _ in STAGES)
    return {stage: seconds / len(bodies) * 1000 for stage, seconds in spent.items()}


@contextmanager
def _clocks(spent: dict[str, float]) -> Iterator[None]:
    """Every stage clocked within; afterwards the functions are as they were."""
    replaced = []
    try:
        for stage, module, path in STAGES:
            owner: Any = importlib.import_module(module)
            *parents, name = path.split(".")
            for parent in parents:
                owner = getattr(owner, parent)
            replaced.append((owner, name, getattr(owner, name)))
            setattr(owner, name, _clocked(getattr(owner, name), stage, spent))
        yield
    finally:
        for owner, name, original in replaced:
            setattr(owner, name, original)


def _clocked(function: Callable[..., Any], stage: str, spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def clocked(*positional: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*positional, **named)
        finally:
            spent[stage] += time.process_time() - begin

    return clocked
