"""What the service answers: who handles, who decides, what is owed by when, and why.

Field names and shapes are the contract's; `complexity`, `emergency`, `as_of`, `if_dispatched`, `matters`, `question`,
`examples` and `group_sending`, `strength` and `because` of the caller and `remark` of the issue are added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from triage.domain.vocabulary import (
    AlertKind,
    DispatchMode,
    ObligationId,
    ObligationState,
    Role,
    TerritoryValue,
)


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something owed by `actor` until `due_at` (inclusive); without a `due_at` it has no time and is never missed."""

    id: ObligationId
    actor: Role
    due_at: datetime | None
    clause: str
    state: ObligationState
    because: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that someone must be told; `level` where the clause knows several of one kind."""

    kind: AlertKind
    clause: str
    notify: tuple[Role, ...]
    because: str
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not be done: the clause, and one Chinese sentence."""

    clause: str
    because: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """Whose answer the order waits for: `what` is dispatch, return or extension."""

    what: str
    by: tuple[Role, ...]
    clause: str
    because: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Who decides where the order goes, in which of the six ways, and by which clause."""

    mode: DispatchMode
    decider: Role
    clause: str
    because: str
    auto: bool = False


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule that applied: the facts it looked at and what it brought about."""

    clause: str
    rule: str
    facts: Mapping[str, Any]
    effect: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A label with its confidence, from 0 to 1; 1.0 where a person or the upstream platform stated it."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """One of the best categories; `in_set` where it belongs to those that together hold the right one."""

    id: str
    name: str
    domain: str
    confidence: float
    in_set: bool


@dataclass(frozen=True, slots=True)
class UnitGuess:
    """A unit put forward: `role` is lead or assist, `duty` the entry of the duty list that makes it so."""

    id: str
    name: str
    role: str
    confidence: float
    duty: str


@dataclass(frozen=True, slots=True)
class TerritoryGuess:
    """Whether the place belongs to this jurisdiction, and the words that say so."""

    value: TerritoryValue
    place: str
    evidence: str


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """Words of the original that pulled the decision: `text` is `field[start:end]` of the order as it came;
    `weight` is the pull in units of the model's margin."""

    text: str
    start: int
    end: int
    weight: float
    field: str = "text"


@dataclass(frozen=True, slots=True)
class MatterCategory:
    """What one matter of several is about, with the confidence of its part read alone."""

    id: str
    name: str
    domain: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of an order with several: `text` is `field[start:end]` of the order as it came; `units` lead it."""

    category: MatterCategory
    text: str
    field: str
    start: int
    end: int
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: a category and the units that would lead."""

    id: str
    name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask the caller, in words that can be read out; the answer decides between categories."""

    text: str
    between: tuple[Choice, ...]
    because: str


@dataclass(frozen=True, slots=True)
class ExampleCategory:
    """The category that an example was written for."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class WrittenExample:
    """A complaint that the model was taught with and that stands near this one; `similarity` from 0 to 1."""

    text: str
    title: str
    category: ExampleCategory
    similarity: float


@dataclass(frozen=True, slots=True)
class PolicyRef:
    id: str
    version: str


@dataclass(frozen=True, slots=True)
class ModelRef:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class CallerRef:
    """The caller by pseudonym, and which call about this matter this one is; `strength` says what the pseudonym rests
    on (phone, masked_phone, name_and_place)."""

    token: str | None
    repeat_count: int
    strength: str | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class IssueRef:
    """The group of orders about the same matter that this one belongs to; alone, it is a group of one. `remark` says
    what a number of callers hides: households, callers who cannot be told apart."""

    id: str | None
    orders: int
    callers: int
    today: int
    week: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class SimilarOrder:
    order_id: str
    score: float
    same_caller: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupSending:
    """One text that came from many callers (群发): a suggestion for a person, never the fact `mass_sent` itself."""

    orders: int
    callers: int
    because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The whole answer for one order at one time."""

    order_id: str | None
    as_of: datetime
    policy: PolicyRef
    model: ModelRef
    request_type: Guess
    urgency: Guess
    complexity: Guess
    emergency: Guess
    category: tuple[CategoryGuess, ...]
    units: tuple[UnitGuess, ...]
    territory: TerritoryGuess
    dispatch: Dispatch
    obligations: tuple[Obligation, ...]
    alerts: tuple[Alert, ...]
    caller: CallerRef
    issue: IssueRef
    similar: tuple[SimilarOrder, ...]
    evidence: Mapping[str, tuple[EvidenceSpan, ...]]
    trace: tuple[TraceStep, ...]
    if_dispatched: tuple[Obligation, ...] = field(default=())
    matters: tuple[Matter, ...] = field(default=())
    examples: tuple[WrittenExample, ...] = field(default=())
    question: Question | None = None
    group_sending: GroupSending | None = None
