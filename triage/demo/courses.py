"""Every way by name: how often it is taken, and what the district has to state for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from triage.demo import requests, ways
from triage.demo.docket import Docket
from triage.domain.vocabulary import Outcome, ReplyFact

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Course:
    """A way: its steps, how often it is taken among others, what the district has to state for it."""

    steps: Callable[[Docket], None]
    weight: float = 0
    facts: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


COURSES: Mapping[str, Course] = {
    "plain": Course(ways.plain, 620),
    "explained": Course(ways.with_outcome(Outcome.EXPLAINED), 100),
    "excessive": Course(ways.with_outcome(Outcome.EXCESSIVE), 15),
    "for_reference": Course(ways.with_outcome(Outcome.FOR_REFERENCE), 6),
    "not_true": Course(ways.with_outcome(Outcome.EXPLAINED, ReplyFact.NOT_TRUE), 22),
    "unreached": Course(ways.unreached, 30),
    "corrected": Course(ways.corrected, 3),
    "reviewed_twice": Course(ways.reviewed_twice, 45),
    "unsatisfied": Course(ways.unsatisfied, 45),
    "unsatisfied_twice": Course(ways.unsatisfied_twice, 7),
    "neglected": Course(ways.neglected, 4),
    "late_contact": Course(ways.late_contact, 25),
    "late_finish": Course(ways.late_finish, 20),
    "unanswered": Course(ways.unanswered, 8),
    "extended": Course(requests.extended, 15, {"complexity": "hard"}),
    "not_extended": Course(requests.not_extended, 5, {"complexity": "hard"}),
    "returned": Course(requests.returned, 16, {"territory": "unknown"}),
    "return_turned_down": Course(requests.return_turned_down, 8, {"territory": "unknown"}),
    "disputed": Course(requests.disputed, 4, {"territory": "unknown"}),
    "supervised": Course(ways.supervised, 4),
    "reopened": Course(ways.reopened, 5),
    "urgent": Course(ways.urgent, 0, {"urgency": "urgent"}),
    "stored": Course(ways.stored),
}
"""One without a weight is taken only where the story asks for it."""
