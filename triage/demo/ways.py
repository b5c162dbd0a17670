"""The ways that an order may take: each from the first call to the closing, or to wherever it gets stuck."""

from __future__ import annotations

from collections.abc import Callable

from triage.demo.docket import Docket
from triage.demo.steps import (
    accepted,
    called,
    called_back,
    called_in_vain,
    closed,
    dispatched,
    finished,
    looked_into,
    reason,
    replied,
    review_failed,
    review_passed,
    taken_up,
)
from triage.domain.vocabulary import EventKind, Outcome, ReplyFact, Role

_LATE = (52.0, 64.0)
"""Office hours that are past every pack's time for an ordinary order."""
_FORMS = 6


def plain(docket: Docket) -> None:
    """Nothing out of the ordinary."""
    called(docket)
    if dispatched(docket):
        taken_up(docket)
    replied(docket)
    finished(docket)


def with_outcome(outcome: Outcome, fact: ReplyFact = ReplyFact.TRUE) -> Callable[[Docket], None]:
    """The outcome is another one; what is found untrue is signed for, a poor outcome is a leader's to allow."""

    def steps(docket: Docket) -> None:
        called(docket)
        if dispatched(docket):
            taken_up(docket)
        replied(docket, outcome, fact)
        if fact is not ReplyFact.TRUE:
            docket.later(20, 90)
            docket.write(EventKind.UNTRUE_SIGNED, unit=docket.unit)
        if outcome is Outcome.FOR_REFERENCE:
            docket.later(20, 90)
            docket.write(EventKind.NOTE, by=Role.DEPUTY_LEADER, facts={"outcome_approved": True})
        finished(docket)

    return steps


def urgent(docket: Docket) -> None:
    """Something burst outside office hours: out at once, and told within four hours what is being done."""
    called(docket)
    dispatched(docket, urgent=True)
    accepted(docket)
    docket.later(40, 110)
    docket.write(EventKind.PROGRESS_REPORTED, unit=docket.unit)
    looked_into(docket)
    replied(docket, hours=(1, 4))
    finished(docket)


def unreached(docket: Docket) -> None:
    """The caller is not reached before the dispatch."""
    called_in_vain(docket)
    dispatched(docket)
    taken_up(docket)
    replied(docket)
    finished(docket)


def corrected(docket: Docket) -> None:
    """A call was noted down as answered; it was not, and the unit rang again."""
    called(docket)
    dispatched(docket)
    accepted(docket)
    docket.worked(0.3, 1)
    wrong = {"by": Role.UNIT, "unit": docket.unit}
    noted = docket.write(EventKind.CONTACT_ATTEMPT, **wrong, reached=True)
    instead = {"at": docket.at.isoformat(), "kind": EventKind.CONTACT_ATTEMPT, **wrong, "reached": False}
    docket.later(5, 30)
    docket.write(EventKind.CORRECTED, event=noted, by=Role.UNIT, reason="误记为接通", replacement=instead)
    looked_into(docket)
    replied(docket)
    finished(docket)


def reviewed_twice(docket: Docket) -> None:
    """The first reply falls short of the review."""
    called(docket)
    dispatched(docket)
    taken_up(docket)
    replied(docket)
    review_failed(docket)
    replied(docket, hours=(2, 7))
    finished(docket)


def _answered(docket: Docket) -> None:
    called(docket)
    dispatched(docket)
    taken_up(docket)
    replied(docket)
    review_passed(docket)


def unsatisfied(docket: Docket) -> None:
    """Done again within the two days that the strictest pack gives."""
    _answered(docket)
    called_back(docket, pleased=False)
    replied(docket, hours=(3, 7))
    finished(docket)


def unsatisfied_twice(docket: Docket) -> None:
    """Done again, and the caller is still not satisfied: here it stays."""
    _answered(docket)
    called_back(docket, pleased=False)
    replied(docket, hours=(3, 7))
    review_passed(docket)
    called_back(docket, pleased=False)


def neglected(docket: Docket) -> None:
    """An unsatisfied call-back after which nothing is done any more."""
    _answered(docket)
    called_back(docket, pleased=False)


def late_contact(docket: Docket) -> None:
    """The unit rings the caller two working days late."""
    called(docket)
    dispatched(docket)
    accepted(docket)
    looked_into(docket, days_late=2)
    replied(docket)
    finished(docket)


def late_finish(docket: Docket) -> None:
    """The unit answers when its time is over."""
    called(docket)
    dispatched(docket)
    taken_up(docket)
    replied(docket, hours=_LATE)
    finished(docket)


def unanswered(docket: Docket) -> None:
    """The unit looks at it and never answers."""
    called(docket)
    dispatched(docket)
    taken_up(docket)


def supervised(docket: Docket) -> None:
    """The district supervises the order and sends a bulletin, which the unit answers."""
    called(docket)
    dispatched(docket)
    accepted(docket)
    docket.worked(0.5, 2)
    docket.write(
        EventKind.SUPERVISED, by=Role.DISTRICT, level="district", unit=docket.unit, reason=reason(docket, "supervised")
    )
    docket.write(EventKind.BULLETIN_RECEIVED, unit=docket.unit)
    looked_into(docket)
    docket.worked(2, 6)
    docket.write(EventKind.BULLETIN_ANSWERED, unit=docket.unit)
    replied(docket, hours=(1, 5))
    finished(docket)


def reopened(docket: Docket) -> None:
    """Closed, and it comes up again."""
    plain(docket)
    docket.worked(8, 24)
    docket.write(EventKind.REOPENED, by=Role.CENTRE, reason=reason(docket, "reopened"))
    dispatched(docket)
    taken_up(docket)
    replied(docket)
    finished(docket)


def stored(docket: Docket) -> None:
    """The sixth form of the same caller's same matter: put on file as handled by law, the request being excessive."""
    called(docket)
    dispatched(docket)
    taken_up(docket)
    replied(docket, Outcome.EXPLAINED, ReplyFact.NOT_TRUE, hours=(2, 6))
    docket.later(20, 90)
    docket.write(EventKind.UNTRUE_SIGNED, unit=docket.unit)
    docket.write(EventKind.NOTE, by=Role.CENTRE, facts={"untrue_count": _FORMS})
    review_passed(docket)
    docket.worked(0.5, 3)
    docket.write_if_allowed(EventKind.STORED, by=Role.CENTRE, ground=2)
    called_back(docket)
    closed(docket)
