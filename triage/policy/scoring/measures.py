"""Rates and counts over one unit's orders: one small function each, named in packs by the keys of `RATES` and `COUNTS`.

Each figure has its own reference date within the period: what was owed, the day it was due; what the caller said, the
day of the call-back; what the unit asked for, the day it asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction

from triage.domain.decisions import Obligation
from triage.domain.events import Event
from triage.domain.vocabulary import EventKind, ObligationId, ObligationState, Outcome, Satisfaction
from triage.policy.scoring.board import Counted, Figure
from triage.policy.scoring.rates import Rate, RateId
from triage.policy.scoring.work import Assessment, Judged, Served, Stint, UnitWork, answers_for

CallBack = tuple[Judged, int]
"""An order and the place of the call-back among its events."""

OUTCOME_WORDS: Mapping[str, str] = {
    Outcome.SOLVED: "实际解决",
    Outcome.EXPLAINED: "解释说明",
    Outcome.EXCESSIVE: "诉求过高",
    Outcome.FOR_REFERENCE: "参考备案",
    Outcome.UNSOLVED: "未解决",
}
SATISFACTION_WORDS: Mapping[str, str] = {
    Satisfaction.SATISFIED: "满意",
    Satisfaction.MOSTLY: "基本满意",
    Satisfaction.FAIR: "一般",
    Satisfaction.UNSATISFIED: "不满意",
}
_ANSWERS = (
    EventKind.SIGNED,
    EventKind.ACCEPTED,
    EventKind.CONTACT_ATTEMPT,
    EventKind.PROGRESS_REPORTED,
    EventKind.REPLIED,
)


def figure(
    measure: str, counted: Iterable[Counted | str], among: Iterable[str], missing: tuple[str, ...] = ()
) -> Figure:
    """A figure with its orders by id, so that the order in which they came does not show."""
    hits = {one.order_id: one for one in (Counted(one) if isinstance(one, str) else one for one in counted)}
    return Figure(measure, tuple(hits[name] for name in sorted(hits)), tuple(sorted(set(among))), missing)


def received(work: UnitWork, under: Assessment) -> Figure:
    """受理量: orders that came in the period and are this unit's to lead."""
    ids = [order.id for order in work.led if order.received_at and under.period.holds(order.received_at)]
    return figure("received", ids, ids)


def timely(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """按时办结数 / 应办结数: of what was due in the period, what was finished by then."""
    return _owed_in_time(work.stints(of.shared), of.measure, ObligationId.FINISH, under)


def first_unit_contacted(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """首派单位先行联系率: of the orders first dispatched to this unit, those whose caller it contacted in time."""
    return _owed_in_time(work.first_stints, of.measure, ObligationId.FIRST_CONTACT, under)


def contacted(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """回访先行联系率: of the orders called back, those whose caller says that contact was made."""
    told = list(_last_call_backs(work, of, under, "contacted"))
    yes = [order.id for order, index in told if order.seen[index].get("contacted")]
    return figure(of.measure, yes, _ids(told))


def outcome(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """诉求解决率: what each evaluated order came to, at the credit the pack gives it."""
    told = list(_last_call_backs(work, of, under, "solved"))
    ends = [(order.id, _outcome(order, index)) for order, index in told]
    return figure(of.measure, _credited(of, ends, OUTCOME_WORDS), _ids(told))


def satisfaction(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """满意率 over evaluations. A call-back made after the matter was put on file (存电) does not enter it."""
    told = list(_last_call_backs(work, of, under, "satisfaction", unless=_stored))
    said = [(order.id, str(order.seen[index].get("satisfaction"))) for order, index in told]
    return figure(of.measure, _credited(of, said, SATISFACTION_WORDS), _ids(told))


def satisfied_of_transferred(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """满意件数 / 转办件总数: of all orders dispatched in the period, those whose last call-back was satisfied."""
    sent = [
        order
        for order in work.orders(of.shared)
        if order.stints and under.period.holds(order.stints[-1].events[0].at) and not _stored(order.seen)
    ]
    said = [(order.id, str(answer)) for order in sent if (answer := _last_answer(order, "satisfaction"))]
    return figure(of.measure, _credited(of, said, SATISFACTION_WORDS), [order.id for order in sent])


def responded(work: UnitWork, of: Rate, under: Assessment) -> Figure:
    """响应率: of the orders dispatched, those with a first step of the unit within so many hours, a parameter."""
    assert of.parameter is not None
    within = under.pack.parameters[of.parameter].value
    if within is None:
        return figure(of.measure, (), (), (of.parameter,))
    due = {
        order.id: (stint, at)
        for order, stint in work.stints(of.shared)
        if _is_due(at := under.hours.add_hours(stint.events[0].at, float(within)).at, under)
    }
    return figure(of.measure, [name for name, (stint, at) in due.items() if _answered_by(stint, at)], due)


def _owed_in_time(served: Iterable[Served], measure: str, name: ObligationId, under: Assessment) -> Figure:
    served = list(served)
    due = list(owed_in_period(served, name, under))
    met = [order.id for order, _, owed in due if owed.state is ObligationState.MET]
    return figure(measure, met, [order.id for order, _, _ in due], _lacking(served, name, under))


def owed_in_period(
    served: Iterable[Served], name: ObligationId, under: Assessment
) -> Iterator[tuple[Judged, Stint, Obligation]]:
    """Obligations due in the period and by `as_of`, with what they came to."""
    for order, stint in served:
        owed = stint.owed(name)
        if owed is None or owed.due_at is None or not _is_due(owed.due_at, under):
            continue
        if owed.state in (ObligationState.MET, ObligationState.MISSED):
            yield order, stint, owed


def _is_due(at: datetime, under: Assessment) -> bool:
    return under.period.holds(at) and at <= under.as_of


def _lacking(served: Iterable[Served], name: ObligationId, under: Assessment) -> tuple[str, ...]:
    """The parameters without which these obligations have no time."""
    if all(owed.due_at for _, stint in served if (owed := stint.owed(name))):
        return ()
    limits = (limit for clock in under.pack.clocks if clock.id is name for limit in clock.within)
    names = {limit.workdays_parameter for limit in limits if limit.workdays_parameter is not None}
    return tuple(sorted(each for each in names if under.pack.parameters[each].value is None))


def _last_call_backs(
    work: UnitWork,
    of: Rate,
    under: Assessment,
    question: str,
    unless: Callable[[tuple[Event, ...]], bool] = lambda before: False,
) -> Iterator[CallBack]:
    """Each order's last call-back of the period that has an answer, where the order was this unit's at that time."""
    for order in work.held.values():
        for index in range(len(order.seen) - 1, -1, -1):
            event = order.seen[index]
            asked = event.kind is EventKind.CALLED_BACK and event.get(question) is not None
            if asked and under.period.holds(event.at) and not unless(order.seen[:index]):
                if answers_for(order, work.unit, index, of.shared):
                    yield order, index
                break


def _stored(events: tuple[Event, ...]) -> bool:
    return any(event.kind is EventKind.STORED for event in events)


def _last_answer(order: Judged, question: str) -> object:
    answers = (event.get(question) for event in reversed(order.seen) if event.kind is EventKind.CALLED_BACK)
    return next((answer for answer in answers if answer is not None), None)


def _outcome(order: Judged, index: int) -> str:
    """What the caller says weighs more than the reply: solved is solved, and a "solved" denied is unsolved."""
    if order.seen[index].get("solved"):
        return Outcome.SOLVED
    reply = next((event for event in reversed(order.seen[:index]) if event.kind is EventKind.REPLIED), None)
    stated = str(reply.get("outcome") or Outcome.UNSOLVED) if reply else Outcome.UNSOLVED
    return Outcome.UNSOLVED if stated == Outcome.SOLVED else stated


def _credited(of: Rate, answers: Iterable[tuple[str, str]], words: Mapping[str, str]) -> Iterator[Counted]:
    for order_id, answer in answers:
        credit = Fraction(of.credits.get(answer, 0)) / 100
        if credit:
            yield Counted(order_id, credit, words[answer])


def _answered_by(stint: Stint, due: datetime) -> bool:
    steps = (event for event in stint.events if event.kind in _ANSWERS and event.at <= due)
    return any(event.kind is not EventKind.CONTACT_ATTEMPT or event.get("by") == "unit" for event in steps)


def _ids(told: Iterable[CallBack]) -> list[str]:
    return [order.id for order, _ in told]


RATES: Mapping[RateId, Callable[[UnitWork, Rate, Assessment], Figure]] = {
    "timely": timely,
    "contacted": contacted,
    "first_unit_contacted": first_unit_contacted,
    "responded": responded,
    "outcome": outcome,
    "satisfaction": satisfaction,
    "satisfied_of_transferred": satisfied_of_transferred,
}
