"""Counts of what went wrong in one unit's orders, each order once: what tallies take points away for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from triage.domain.decisions import Obligation
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState
from triage.policy.scoring.board import Figure
from triage.policy.scoring.measures import figure, owed_in_period
from triage.policy.scoring.rates import Count, CountId
from triage.policy.scoring.work import Assessment, Judged, Stint, UnitWork


def signed_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """未按时签收, by the day the signature was due."""
    due = list(owed_in_period(work.stints(), ObligationId.SIGN, under))
    return figure(of.measure, [order.id for order, _, owed in due if _missed(owed)], [order.id for order, _, _ in due])


def returned_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """逾期申请退回, by the day it was asked; the unit that asked answers for it, whoever has the order now."""
    asked = list(_asked_to_return(work, under))
    late = [order.id for order, stint, event in asked if _after(event, stint.owed(ObligationId.RETURN_WINDOW))]
    return figure(of.measure, late, [order.id for order, _, _ in asked])


def finished_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """超时办结: due in the period, finished after it."""
    return _finish(work, of, under, lambda stint: stint.has(EventKind.REPLIED))


def unfinished_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """超时未办: due in the period, and not finished by `as_of`."""
    return _finish(work, of, under, lambda stint: not stint.has(EventKind.REPLIED))


def overdue_after_extension(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """经延期办理而又超期未办结: an extension was granted, and it is still not finished though due."""
    extended = (EventKind.EXTENSION_GRANTED, EventKind.REPLIED)
    return _finish(work, of, under, lambda stint: [stint.has(kind) for kind in extended] == [True, False])


def extension_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """未按规定申请延期: asked after the time for asking, or once more than is allowed."""
    asked: list[str] = []
    late: list[str] = []
    for order, stint in work.led_stints:
        for event, due_at in stint.asked:
            if under.period.holds(event.at):
                asked.append(order.id)
                too_often = of.at_most is not None and _requests_until(order, event) > of.at_most
                if too_often or (due_at is not None and event.at > due_at):
                    late.append(order.id)
    return figure(of.measure, late, asked)


def answered_late(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """未按时答复: no answer to the caller by the time it was due, or a caller who says at call-back there was none."""
    due = list(owed_in_period(work.stints(), ObligationId.FINISH, under))
    late = [order.id for order, _, owed in due if _missed(owed)]
    asked = [
        (order.id, event)
        for order, stint in work.led_stints
        for event in _in_period(stint.events, EventKind.CALLED_BACK, under)
    ]
    unanswered = [name for name, event in asked if event.get("answered") is False]
    return figure(of.measure, late + unanswered, [order.id for order, _, _ in due] + [name for name, _ in asked])


def sent_back(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """退回重办: a reply failed its review, or the order was dispatched to the same unit again after its reply."""
    back = [
        order.id for order, stint in work.led_stints if any(_in_period(stint.events, EventKind.REVIEW_FAILED, under))
    ]
    again = [
        order.id for order in work.led for stint in _again(order, work.unit) if under.period.holds(stint.events[0].at)
    ]
    justified = {order.id for order, _ in work.led_stints if _justified(order)}
    replied = [order.id for order, stint in work.led_stints if any(_in_period(stint.events, EventKind.REPLIED, under))]
    hits = justified & {*back, *again}
    return figure(of.measure, hits, hits | {*replied})


def repeated(work: UnitWork, of: Count, under: Assessment) -> Figure:
    """重复投诉件: received in the period as at least the caller's so-many-th call about a justified request."""
    assert of.parameter is not None
    least = under.pack.parameters[of.parameter].value
    came = [order for order in work.led if order.received_at and under.period.holds(order.received_at)]
    ids = [order.id for order in came]
    if least is None:
        return figure(of.measure, (), ids, (of.parameter,))
    often = [order.id for order in came if int(str(order.facts["repeat_count"])) >= float(least) and _justified(order)]
    return figure(of.measure, often, ids)


def _finish(work: UnitWork, of: Count, under: Assessment, counts: Callable[[Stint], bool]) -> Figure:
    due = list(owed_in_period(work.stints(), ObligationId.FINISH, under))
    hits = [order.id for order, stint, owed in due if _missed(owed) and counts(stint)]
    return figure(of.measure, hits, [order.id for order, _, _ in due])


def _asked_to_return(work: UnitWork, under: Assessment) -> Iterator[tuple[Judged, Stint, Event]]:
    for order, stint in work.led_stints:
        for event in _in_period(stint.events, EventKind.RETURN_REQUESTED, under):
            yield order, stint, event


def _in_period(events: Iterable[Event], kind: EventKind, under: Assessment) -> Iterator[Event]:
    return (event for event in events if event.kind is kind and under.period.holds(event.at))


def _requests_until(order: Judged, event: Event) -> int:
    before = order.seen[: order.seen.index(event) + 1]
    return sum(one.kind is EventKind.EXTENSION_REQUESTED for one in before)


def _again(order: Judged, unit: str) -> Iterator[Stint]:
    """Dispatches to a unit that had the order already and had replied."""
    for before, stint in zip(order.stints, order.stints[1:], strict=False):
        if before.lead == stint.lead == unit and before.has(EventKind.REPLIED):
            yield stint


def _justified(order: Judged) -> bool:
    """合理诉求: nobody has signed or replied that it is anything but true."""
    replies = [event for event in order.seen if event.kind is EventKind.REPLIED]
    found = str(replies[-1].get("fact") or "true") if replies else "true"
    return found == "true" and not any(event.kind is EventKind.UNTRUE_SIGNED for event in order.seen)


def _missed(owed: Obligation) -> bool:
    return owed.state is ObligationState.MISSED


def _after(event: Event, owed: Obligation | None) -> bool:
    return owed is not None and owed.due_at is not None and event.at > owed.due_at


COUNTS: Mapping[CountId, Callable[[UnitWork, Count, Assessment], Figure]] = {
    "signed_late": signed_late,
    "returned_late": returned_late,
    "finished_late": finished_late,
    "unfinished_late": unfinished_late,
    "extension_late": extension_late,
    "answered_late": answered_late,
    "sent_back": sent_back,
    "repeated": repeated,
    "overdue_after_extension": overdue_after_extension,
}
