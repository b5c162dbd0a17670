"""Clause ids: how every verdict, obligation and alert names the principle it follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

CLAUSE_ID = re.compile(r"^[a-z][a-z0-9_-]*:[a-z0-9][a-z0-9./-]*$")


class ClauseKind(StrEnum):
    """How the software honours a clause; the first four need a pair of scenarios."""

    DECIDES = "decides"
    CLOCK = "clock"
    ALERT = "alert"
    REFUSAL = "refusal"
    COMPUTED = "computed"
    REPORT = "report"
    STATED = "stated"


@dataclass(frozen=True, slots=True)
class Clause:
    """One dispatch principle of one source document.

    `reason` says why software cannot enforce what is only stated; `through` names the clause under which the same
    principle is enforced where a document says it twice.
    """

    id: str
    kinds: tuple[ClauseKind, ...]
    text: str
    reason: str = ""
    through: str | None = None


def policy_of(clause_id: str) -> str:
    """The policy whose document a clause stands in.

    >>> policy_of("nanmatou:rules/8.3")
    'nanmatou'
    """
    return clause_id.split(":", 1)[0]
