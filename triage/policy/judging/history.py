"""What the events of an order add up to: one pass, one small step for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from triage.domain.events import Event, seen_at
from triage.domain.vocabulary import CALL_BACK, LEADERS, EventKind, Role, Satisfaction
from triage.policy.vocabulary import FACTS, FactValue

PERIODS = (12, 18)
"""The hours that part a day into morning, afternoon and evening: nanmatou:rules/8.7 asks for "three different periods
of the day" and names none."""

UPPER = (Role.CITY, Role.DISTRICT)


def known_at(received_at: datetime | None, events: tuple[Event, ...], as_of: datetime) -> tuple[Event, ...]:
    """What was known to have happened by then, the order's coming in first; a correction holds from its own time on."""
    received = () if received_at is None else (Event(received_at, EventKind.RECEIVED),)
    seen = seen_at((*received, *events), as_of)
    corrections = [event for event in seen if event.kind is EventKind.CORRECTED]
    return _corrected(seen, corrections, as_of) if corrections else seen


def _corrected(seen: tuple[Event, ...], corrections: list[Event], as_of: datetime) -> tuple[Event, ...]:
    """The latest correction counts; one that was itself corrected does not."""
    gone: set[str] = set()
    instead: list[Event] = []
    for correction in reversed(corrections):
        target = correction.get("event")
        if target is None or target in gone or (correction.id is not None and correction.id in gone):
            continue
        gone.add(target)
        replacement = correction.get("replacement")
        if isinstance(replacement, Event):
            instead.append(replacement)
    return seen_at((*(event for event in seen if event.id not in gone or event.id is None), *instead), as_of)


class History:
    """Counts and standings after the events so far; `facts()` names them as rules ask them."""

    def __init__(self, seen: tuple[Event, ...]) -> None:
        self.noted: dict[str, Any] = {}
        self.reply: Event | None = None
        self.dispatch: Event | None = None
        self._dispatches = self._returns = self._rejections = self._extensions = self._requests = 0
        self._untrue = self._unsatisfied = 0
        self._return = self._return_by = self._extension = self._designated_by = self._review = ""
        self._callback_no: tuple[str, ...] = ()
        self._callback_unsaid: tuple[str, ...] = ()
        self._accepted = self._called_back = self._solved = self._unsolved = self._upper_unsatisfied = False
        self._untold = self._report_lacking = self._reason_lacking = False
        self._supervised = self._stored = self._closed = False
        self._to_dispatch = True
        self._unreached: list[datetime] = []
        self._designated_unit: Any = None
        for event in seen:
            step = _STEPS.get(event.kind)
            if step is not None:
                step(self, event)

    def facts(self) -> dict[str, FactValue]:
        """The facts that follow from events alone; what persons noted is in `noted`."""
        return {
            "dispatch_count": max(self._dispatches, 1),
            "dispatched": self.dispatch is not None,
            "to_dispatch": self._to_dispatch,
            "accepted": self._accepted,
            "return_count": self._returns,
            "return_open": self._return == "open",
            "return_approved": self._return == "approved",
            "return_rejected": self._return == "rejected",
            "return_rejections": self._rejections,
            "return_by": self._return_by,
            "designated_by": self._designated_by,
            "extension_count": self._extensions,
            "extension_requests": self._requests,
            "extension_open": self._extension == "open",
            "extension_refused": self._extension == "refused",
            "extension_untold": self._untold,
            "reason_lacking": self._reason_lacking,
            "report_lacking": self._report_lacking,
            "untrue_count": self._untrue,
            "untrue_signed": self._untrue > 0,
            "unsatisfied_count": self._unsatisfied,
            "upper_unsatisfied": self._upper_unsatisfied,
            "solved": self._solved,
            "unsolved": self._unsolved,
            "replied": self.reply is not None,
            "reply_outcome": str((self.reply and self.reply.get("outcome")) or ""),
            "reply_fact": "" if self.reply is None else str(self.reply.get("fact") or "true"),
            "review": self._review,
            "called_back": self._called_back,
            "callback_no": self._callback_no,
            "callback_unsaid": self._callback_unsaid,
            "answer_tried": _in_three_periods(self._unreached),
            "supervised": self._supervised,
            "stored": self._stored,
            "closed": self._closed,
        }

    def _start_again(self) -> None:
        """Dispatched again or reopened: the reply, its review and its call-back belong to what was before."""
        self.reply, self._review, self._called_back = None, "", False
        self._callback_no = self._callback_unsaid = ()

    def dispatched(self, event: Event) -> None:
        self._dispatches += 1
        self.dispatch = event
        self._accepted = self._to_dispatch = False
        if event.get("unit") != self._designated_unit:  # 指定谁、谁处置 binds whom it named
            self._designated_by = ""
        self._unreached = []
        self._start_again()

    def accepted(self, event: Event) -> None:
        self._accepted = True

    def contacted(self, event: Event) -> None:
        if event.get("reached"):
            self._untold = False
        elif event.get("by") == Role.UNIT:
            self._unreached.append(event.at)

    def return_requested(self, event: Event) -> None:
        self._returns += 1
        self._return, self._return_by = "open", str(event.get("unit") or "")

    def return_approved(self, event: Event) -> None:
        self._return = "approved"
        self._to_dispatch = True

    def return_rejected(self, event: Event) -> None:
        self._return = "rejected"
        self._rejections += 1

    def designated(self, event: Event) -> None:
        self._designated_by, self._designated_unit = str(event.get("by") or ""), event.get("unit")

    def extension_requested(self, event: Event) -> None:
        self._requests += 1
        self._extension = "open"
        self._reason_lacking = not event.get("reason")
        self._report_lacking = "written_report" not in (event.get("attachments") or ())

    def extension_granted(self, event: Event) -> None:
        self._extensions += 1
        self._extension, self._untold = "granted", True

    def extension_refused(self, event: Event) -> None:
        self._extension = "refused"

    def replied(self, event: Event) -> None:
        self._start_again()
        self.reply = event
        self._untold = False
        self._designated_by = ""  # 先执行、后申诉: whoever has acted may object again

    def reviewed(self, event: Event) -> None:
        if self.reply is not None:
            self._review = "passed" if event.kind is EventKind.REVIEW_PASSED else "failed"

    def called_back(self, event: Event) -> None:
        unsatisfied = event.get("satisfaction") == Satisfaction.UNSATISFIED
        self._unsatisfied = self._unsatisfied + 1 if unsatisfied else 0
        self._upper_unsatisfied = unsatisfied and event.get("by") in UPPER
        self._unsolved = event.get("solved") is False
        self._solved = self._solved or event.get("solved") is True
        if self.reply is not None:
            self._called_back = True
            said_no = (False, Satisfaction.UNSATISFIED)
            self._callback_no = tuple(asked for asked, name in CALL_BACK.items() if event.get(name) in said_no)
            self._callback_unsaid = tuple(asked for asked, name in CALL_BACK.items() if event.get(name) is None)

    def untrue_signed(self, event: Event) -> None:
        self._untrue += 1

    def was_supervised(self, event: Event) -> None:
        self._supervised = True
        if event.get("by") in UPPER:
            self.noted[f"{event.get('by')}_supervised"] = True

    def was_stored(self, event: Event) -> None:
        self._stored = True

    def was_closed(self, event: Event) -> None:
        self._closed = True

    def reopened(self, event: Event) -> None:
        self._closed = self._solved = False
        self._to_dispatch = True
        self._start_again()

    def note(self, event: Event) -> None:
        """The latest note wins; that a poor outcome may stand is a leader's to say (nanmatou:rules/8.6)."""
        stated = {name: value for name, value in (event.get("facts") or {}).items() if name in FACTS}
        if event.get("by") not in LEADERS:
            stated.pop("outcome_approved", None)
        self.noted.update(stated)


_STEPS: Mapping[EventKind, Callable[[History, Event], None]] = {
    EventKind.DISPATCHED: History.dispatched,
    EventKind.ACCEPTED: History.accepted,
    EventKind.CONTACT_ATTEMPT: History.contacted,
    EventKind.RETURN_REQUESTED: History.return_requested,
    EventKind.RETURN_APPROVED: History.return_approved,
    EventKind.RETURN_REJECTED: History.return_rejected,
    EventKind.DESIGNATED: History.designated,
    EventKind.EXTENSION_REQUESTED: History.extension_requested,
    EventKind.EXTENSION_GRANTED: History.extension_granted,
    EventKind.EXTENSION_REFUSED: History.extension_refused,
    EventKind.REPLIED: History.replied,
    EventKind.REVIEW_PASSED: History.reviewed,
    EventKind.REVIEW_FAILED: History.reviewed,
    EventKind.CALLED_BACK: History.called_back,
    EventKind.UNTRUE_SIGNED: History.untrue_signed,
    EventKind.SUPERVISED: History.was_supervised,
    EventKind.STORED: History.was_stored,
    EventKind.CLOSED: History.was_closed,
    EventKind.REOPENED: History.reopened,
    EventKind.NOTE: History.note,
}


def _in_three_periods(calls: list[datetime]) -> bool:
    """Whether calls were made in the morning, in the afternoon and in the evening, on whatever days."""
    periods = [sum(at.hour >= hour for hour in PERIODS) for at in calls]
    return len(set(periods)) >= 3
