"""The steps of an order's way, each as it mostly goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from triage.demo.docket import Docket
from triage.demo.sayings import words
from triage.domain.vocabulary import (
    LEADERS,
    REPLY_ELEMENTS,
    DispatchMode,
    EventKind,
    ObligationId,
    Outcome,
    ReplyFact,
    Role,
    Satisfaction,
    Urgency,
)

_DAYTIME = range(7, 22)
_AN_HOUR = timedelta(hours=1)
_PICTURES = ("before_picture", "after_picture", "contact_recording", "callback_recording")
_ONLY_SOMETIMES = ("site_check", "before_picture", "after_picture", "plan_dates", "legal_documents")
_PLEASED = (Satisfaction.SATISFIED, Satisfaction.MOSTLY, Satisfaction.FAIR)
_PLEASED_WEIGHTS = (70, 22, 8)


def called(docket: Docket) -> None:
    """The centre rings the caller: within the hour where the pack wants it, else not at night."""
    _wait_for_the_morning(docket)
    docket.later(4, 45)
    docket.write(EventKind.CONTACT_ATTEMPT, by=Role.CENTRE, reached=True)


def called_in_vain(docket: Docket) -> None:
    """The centre rings three times, more than an hour apart."""
    _wait_for_the_morning(docket)
    for least in (10, 61, 61):
        docket.later(least, least + 30)
        docket.write(EventKind.CONTACT_ATTEMPT, by=Role.CENTRE, reached=False)


def dispatched(docket: Docket, *, urgent: bool = False) -> bool:
    """Whoever has to name the unit does, and the order goes out; False where the hotline answers it itself."""
    docket.later(3, 15)
    if not (urgent or docket.is_office_time):
        docket.worked(0.1, 1.5)
    verdict = docket.judged().dispatch
    if verdict.mode is DispatchMode.DIRECT_ANSWER:
        docket.unit = None
        return False
    if verdict.mode is DispatchMode.DESIGNATED and verdict.decider in LEADERS:
        docket.worked(0.2, 2)
        docket.write(EventKind.DESIGNATED, unit=docket.unit, by=verdict.decider)
    assist = [unit for unit in (*docket.duty.lead[1:], *docket.duty.assist[:1]) if unit != docket.unit]
    docket.write(EventKind.DISPATCHED, unit=docket.unit, assist=assist, by=verdict.decider)
    return True


def accepted(docket: Docket) -> None:
    """The unit signs for the order and takes it."""
    docket.later(5, 45)
    docket.write(EventKind.SIGNED, unit=docket.unit)
    docket.write(EventKind.ACCEPTED, unit=docket.unit)


def looked_into(docket: Docket, *, days_late: int = 0) -> None:
    """The unit rings the caller and, where there is a site, goes there."""
    if days_late:
        docket.worked(8.0 * days_late, 8.0 * days_late + 6)
    docket.worked(0.3, 3)
    docket.write(EventKind.CONTACT_ATTEMPT, by=Role.UNIT, unit=docket.unit, reached=True)
    if _has_site(docket):
        docket.worked(0.5, 3)
        docket.write(EventKind.SITE_VISITED, unit=docket.unit)


def taken_up(docket: Docket) -> None:
    """From the dispatch to the first look at the matter."""
    accepted(docket)
    looked_into(docket)


def replied(
    docket: Docket,
    outcome: Outcome = Outcome.SOLVED,
    fact: ReplyFact = ReplyFact.TRUE,
    *,
    hours: tuple[float, float] = (3, 16),
) -> None:
    """The unit answers, some office hours later."""
    docket.worked(*hours)
    named = [name for name in REPLY_ELEMENTS if name not in _ONLY_SOMETIMES or name in _further(docket, outcome)]
    docket.write(
        EventKind.REPLIED,
        unit=docket.unit,
        outcome=outcome,
        fact=fact,
        elements=[name for name in named if name not in _PICTURES],
        attachments=[name for name in named if name in _PICTURES],
    )


def review_failed(docket: Docket) -> None:
    docket.worked(0.5, 3)
    docket.write(EventKind.REVIEW_FAILED, by=Role.CENTRE, reasons=[reason(docket, "review_failed")])


def review_passed(docket: Docket) -> None:
    docket.worked(0.3, 3)
    docket.write(EventKind.REVIEW_PASSED, by=Role.CENTRE, reasons=[])


def called_back(docket: Docket, *, pleased: bool = True) -> None:
    """The centre asks the caller whether it is done."""
    docket.worked(0.5, 6)
    satisfaction = docket.rng.choices(_PLEASED, _PLEASED_WEIGHTS)[0] if pleased else Satisfaction.UNSATISFIED
    told: dict[str, Any] = {"contacted": True, "answered": True, "solved": pleased, "satisfaction": satisfaction}
    docket.write(EventKind.CALLED_BACK, by=Role.CENTRE, **told)


def closed(docket: Docket) -> None:
    """The centre closes the order where the pack lets it."""
    docket.later(5, 60)
    docket.write_if_allowed(EventKind.CLOSED, by=Role.CENTRE, reason="办结归档")


def finished(docket: Docket) -> None:
    """From the reply to the closing, without a hitch."""
    review_passed(docket)
    called_back(docket)
    closed(docket)


def reason(docket: Docket, kind: str) -> str:
    """What somebody gives as a reason."""
    return str(docket.rng.choice(words()["reasons"][kind]))


def _wait_for_the_morning(docket: Docket) -> None:
    """Callers are left asleep where nothing is owed before the morning and nothing is urgent."""
    if docket.at.hour in _DAYTIME:
        return
    judged = docket.judged()
    due = judged.due(ObligationId.CENTRE_CONTACT)
    if judged.facts["urgency"] == Urgency.NORMAL and (due is None or due - docket.at > _AN_HOUR):
        docket.worked(0.1, 1)


def _has_site(docket: Docket) -> bool:
    return bool(docket.judged().facts["needs_site_visit"])


def _further(docket: Docket, outcome: Outcome) -> set[str]:
    """What a reply has to name besides, as things stand."""
    site = {"site_check", "before_picture", "after_picture"} if _has_site(docket) else set()
    return site | ({"plan_dates"} if outcome is Outcome.EXPLAINED else set())
