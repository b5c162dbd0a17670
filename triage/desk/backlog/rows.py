"""What becomes of a row: a request with what happened to it, or the reasons why it cannot be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.desk.backlog.lines import Place
from triage.desk.requests import DecisionRequest
from triage.domain.errors import Problem


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that can be received. `position` counts the rows read, from 1; `repeats` names an earlier row that says the
    same under the same id; `events` are plain data, as they come over HTTP."""

    position: int
    place: Place
    request: DecisionRequest = field(repr=False)
    events: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    repeats: Place | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used: every reason by its column, in Chinese and without a value of the row; its cells as
    they are."""

    position: int
    place: Place
    reasons: tuple[Problem, ...]
    cells: tuple[str, ...] = field(repr=False)


Row = Accepted | Rejected
