"""The ways on which the unit asks for something: more time, or that the order be taken back."""

from __future__ import annotations

from triage.demo.docket import Docket
from triage.demo.steps import accepted, called, dispatched, finished, looked_into, reason, replied, taken_up
from triage.domain.vocabulary import EventKind, Outcome, Role


def _extension(docket: Docket) -> Role | None:
    """Ask for more time, the next morning at the latest; who answers, None where the pack does not let it be asked."""
    called(docket)
    dispatched(docket)
    taken_up(docket)
    docket.later(10, 60)
    asked = docket.write_if_allowed(
        EventKind.EXTENSION_REQUESTED,
        unit=docket.unit,
        reason=reason(docket, "extension"),
        days=5,
        attachments=["written_report"],
    )
    return docket.who_answers("extension") if asked else None


def extended(docket: Docket) -> None:
    """More time is granted, the caller told, and the answer comes within it."""
    by = _extension(docket)
    if by is not None:
        docket.worked(1, 4)
        until = docket.office.hours.add_workdays(docket.at, 8).at.date().isoformat()
        docket.write_if_allowed(EventKind.EXTENSION_GRANTED, by=by, until=until)
        docket.later(10, 60)
        docket.write(EventKind.CONTACT_ATTEMPT, by=Role.UNIT, unit=docket.unit, reached=True)
    replied(docket, Outcome.EXPLAINED, hours=(40, 52))
    finished(docket)


def not_extended(docket: Docket) -> None:
    """More time is refused."""
    by = _extension(docket)
    if by is not None:
        docket.worked(1, 4)
        docket.write_if_allowed(EventKind.EXTENSION_REFUSED, by=by)
    replied(docket, hours=(8, 14))
    finished(docket)


def _return(docket: Docket) -> Role | None:
    """The unit says that the matter is another's; who answers, None where the pack does not let it ask."""
    accepted(docket)
    looked_into(docket)
    docket.later(20, 60)
    asked = docket.write_if_allowed(
        EventKind.RETURN_REQUESTED,
        unit=docket.unit,
        reason=reason(docket, "return"),
        proposed_unit=docket.someone_else(),
        signed_by_head=True,
    )
    return docket.who_answers("return") if asked else None


def _handed_on(docket: Docket, by: Role) -> None:
    """The return is approved and another unit gets the order."""
    docket.worked(0.5, 3)
    next_unit = docket.someone_else()
    docket.write_if_allowed(EventKind.RETURN_APPROVED, by=by, next_unit=next_unit)
    docket.unit = next_unit
    dispatched(docket)


def returned(docket: Docket) -> None:
    """The return is approved, and the second unit handles the matter."""
    called(docket)
    dispatched(docket)
    by = _return(docket)
    if by is not None:
        _handed_on(docket, by)
        taken_up(docket)
    replied(docket)
    finished(docket)


def return_turned_down(docket: Docket) -> None:
    """The return is rejected, and the unit handles the matter."""
    called(docket)
    dispatched(docket)
    by = _return(docket)
    if by is not None:
        docket.worked(0.5, 3)
        docket.write_if_allowed(EventKind.RETURN_REJECTED, by=by, next_unit=docket.unit)
    replied(docket)
    finished(docket)


def disputed(docket: Docket) -> None:
    """Two units after each other say that it is not theirs; a leader names one, and it acts."""
    called(docket)
    dispatched(docket)
    first = _return(docket)
    if first is not None:
        _handed_on(docket, first)
        second = _return(docket)
        if second is not None:
            _handed_on(docket, second)
        taken_up(docket)
    replied(docket)
    finished(docket)
