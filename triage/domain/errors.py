"""The few ways in which the service says no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class TriageError(Exception):
    """Root of every error this project raises on purpose; its text is fit to be shown."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it stands and what was expected there; `clause` where a policy says so."""

    loc: tuple[str | int, ...]
    msg: str
    clause: str | None = None

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.loc)
        return f"{where}: {self.msg}" if where else self.msg


def hint(name: str, known: Iterable[str]) -> str:
    """What may have been meant by a name that is not known.

    >>> hint("isue_today", ["issue_today", "issue_week"])
    'did you mean issue_today?'
    >>> hint("colour", ["kind", "clause"])
    'known are kind, clause'
    """
    names = list(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"


class BadInput(TriageError):
    """Input that cannot be used; `problems` lists every fault found, not only the first.

    >>> str(BadInput("order.json", [Problem(("order", "text"), "is missing")]))
    'order.json: order.text: is missing'
    """

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        self.message = message
        self.problems = list(problems or [])
        details = "; ".join(str(problem) for problem in self.problems)
        super().__init__(f"{message}: {details}" if details else message)


class UnknownPolicy(BadInput):
    """A policy id that no pack has."""

    def __init__(self, policy: str, known: list[str]) -> None:
        problem = Problem(("policy",), f"unknown policy {policy[:80]!r}; known are {', '.join(known)}")
        super().__init__("unknown policy", [problem])


class Conflict(BadInput):
    """What is asked does not fit what is kept: another body under one id, a version that is no longer the latest."""


class NotFound(BadInput):
    """Something that is not there, or not there for whoever asks."""


class Forbidden(BadInput):
    """Something that whoever asks has no right to."""


class Refused(BadInput):
    """Something the policy forbids; every problem carries its clause."""


class PackFault(BadInput):
    """A policy pack that cannot be loaded; every fault carries its file and line."""


class ModelFault(TriageError):
    """A model folder that is missing, incomplete or not what its manifest says."""
