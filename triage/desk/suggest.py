"""From an order to a decision: the one path that the API, the command line, the batch job and the console take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Protocol

from triage.classify.model import Model
from triage.classify.taxonomy import Taxonomy
from triage.desk.candidates import Candidates, candidates, shared_out
from triage.desk.complained import complained_about
from triage.desk.matters import matters
from triage.desk.question import question
from triage.desk.reading import LISTED, OrderReading, read_order
from triage.desk.town import Town
from triage.domain.decisions import (
    CallerRef,
    Decision,
    Dispatch,
    GroupSending,
    Guess,
    IssueRef,
    Matter,
    ModelRef,
    PolicyRef,
    Question,
    SimilarOrder,
    TerritoryGuess,
)
from triage.domain.orders import Order
from triage.domain.vocabulary import DispatchMode, Role, TerritoryValue
from triage.policy.judging.facts import NOTHING, Case
from triage.policy.judging.judge import Judgement, if_dispatched, judge
from triage.policy.vocabulary import FactValue
from triage.similar.memory import Categories, Recalled


class Recall(Protocol):
    """What is known of other orders: `Memory.recall`, or `Memory.remember`, which takes the order in as well."""

    def __call__(self, order: Order, as_of: datetime, *, categories: Categories, bodies: Sequence[str]) -> Recalled: ...


@dataclass(frozen=True)
class Considered:
    """An order as it was read, before anything is asked of other orders or of the clock."""

    order: Order
    town: Town
    model: Model
    reading: OrderReading
    several: tuple[Matter, ...]
    named: Candidates
    question: Question | None

    @property
    def likely(self) -> list[tuple[str, float]]:
        """The likeliest categories with their probabilities; none where nothing was understood."""
        return list(islice(self.reading.categories.items(), LISTED)) if self.reading.understood else []

    @cached_property
    def bodies(self) -> tuple[str, ...]:
        """Whom it complains about."""
        return complained_about(self.reading, self.town)


@dataclass(frozen=True)
class Suggestion:
    """A decision, with the case that the judge saw: what later events of the order are judged with."""

    decision: Decision
    case: Case


def suggest(
    order: Order,
    *,
    town: Town,
    model: Model,
    taxonomy: Taxonomy,
    as_of: datetime,
    stated: Mapping[str, FactValue] = NOTHING,
    recall: Recall | None = None,
) -> Decision:
    """Decide one order at `as_of`; pure: same input, same answer, nothing stored.

    `stated` facts beat what is read from the text. Without `recall` an order stands alone.
    """
    considered = consider(order, town=town, model=model, taxonomy=taxonomy)
    return suggestion(considered, as_of=as_of, stated=stated, recall=recall).decision


def consider(order: Order, *, town: Town, model: Model, taxonomy: Taxonomy) -> Considered:
    """Read an order: all that its own words say. Most of a decision's time goes here."""
    reading = read_order(order, model, taxonomy, town)
    several = matters(reading, model, taxonomy, town.pack)
    asked = None if several else question(reading, taxonomy, town.pack)
    return Considered(order, town, model, reading, several, _named(reading, several, town), asked)


def suggestion(
    considered: Considered,
    *,
    as_of: datetime,
    stated: Mapping[str, FactValue] = NOTHING,
    recall: Recall | None = None,
) -> Suggestion:
    """Hold an order that was read against others and against the rules."""
    order, town, reading = considered.order, considered.town, considered.reading
    several, named, model = considered.several, considered.named, considered.model
    recalled = None if recall is None else _recalled(recall, considered, as_of)
    derived = {**_derived(order, reading, named), **_counted(recalled)}
    case = Case(order.received_at, derived, stated=stated)
    judgement = judge(town.pack, case, as_of, town.hours)
    facts = judgement.facts
    decision = Decision(
        order_id=order.id,
        as_of=as_of,
        policy=PolicyRef(town.pack.id, town.pack.version),
        model=ModelRef(model.name, model.version),
        request_type=_told(reading.request_type, facts["request_type"]),
        urgency=_told(reading.urgency, facts["urgency"]),
        complexity=_told(reading.complexity, facts["complexity"]),
        emergency=reading.emergency,
        category=reading.listed,
        units=named.units,
        territory=_located(reading.territory, facts["territory"]),
        dispatch=_dispatch(judgement, reading, several),
        obligations=judgement.obligations,
        alerts=judgement.alerts,
        caller=_caller(facts, recalled),
        issue=_issue(facts, recalled),
        similar=_similar(recalled),
        evidence=reading.evidence,
        trace=judgement.trace,
        if_dispatched=if_dispatched(town.pack, case, as_of, town.hours, judgement),
        matters=several,
        examples=reading.examples,
        question=None if _leaves(judgement) else considered.question,
        group_sending=_group_sending(recalled),
    )
    return Suggestion(decision, case)


def _named(reading: OrderReading, several: tuple[Matter, ...], town: Town) -> Candidates:
    if several:
        return shared_out(town.pack, several, reading.listed[0].id)
    in_set = [guess.id for guess in reading.listed if guess.in_set]
    return candidates(town.pack, reading.categories if reading.understood else {}, in_set)


def _derived(order: Order, reading: OrderReading, named: Candidates) -> dict[str, FactValue]:
    units = named.leads if order.units is None else order.units
    derived: dict[str, FactValue] = {
        "request_type": reading.request_type.value,
        "urgency": reading.urgency.value,
        "complexity": reading.complexity.value,
        "emergency": reading.emergency.value != "none",
        "territory": reading.territory.value,
        "candidate_units": units,
    }
    if order.units is None:
        derived["duty_clear"] = named.duty_clear
    return derived


def _told(guess: Guess, fact: FactValue) -> Guess:
    """The guess, or what a person stated instead."""
    return guess if guess.value == fact else Guess(str(fact), 1.0)


def _located(guess: TerritoryGuess, fact: FactValue) -> TerritoryGuess:
    """The place as read, or the side a person stated instead."""
    return (
        guess if guess.value == fact else TerritoryGuess(TerritoryValue(str(fact)), guess.place, "人工或上级平台说明")
    )


def _leaves(judgement: Judgement) -> bool:
    """Whether the order goes where no unit of the pack leads; then nothing is left to ask."""
    return judgement.dispatch.mode in (DispatchMode.EMERGENCY_TRANSFER, DispatchMode.RETURN_UPWARD)


def _dispatch(judgement: Judgement, reading: OrderReading, several: tuple[Matter, ...]) -> Dispatch:
    """`auto` only where the clause leaves it to the dispatcher, the duty is clear and the model may decide alone;
    its promise is about one category, so that an order with several matters is a person's."""
    verdict = judgement.dispatch
    plain = verdict.mode is DispatchMode.STATUTORY and verdict.decider is Role.DISPATCHER
    return replace(verdict, auto=plain and reading.auto and not several)


def _recalled(recall: Recall, considered: Considered, as_of: datetime) -> Recalled:
    return recall(considered.order, as_of, categories=considered.likely, bodies=considered.bodies)


def _counted(recalled: Recalled | None) -> dict[str, FactValue]:
    """The facts that follow from other orders."""
    if recalled is None:
        return {}
    return {
        "repeat_count": recalled.repeats.count,
        "issue_today": recalled.counts.today,
        "issue_week": recalled.counts.week,
        "issue_callers_week": recalled.counts.callers_week,
        "unit_callers": recalled.unit_callers,
    }


def _caller(facts: Mapping[str, FactValue], recalled: Recalled | None) -> CallerRef:
    count = facts["repeat_count"]
    assert isinstance(count, int)
    if recalled is None:
        return CallerRef(None, count)
    token = recalled.token
    return CallerRef(
        token=token.value if token else None,
        repeat_count=count,
        strength=token.strength if token else None,
        because=recalled.repeats.because if count == recalled.repeats.count else "人工或上级平台说明",
    )


def _issue(facts: Mapping[str, FactValue], recalled: Recalled | None) -> IssueRef:
    """The issue as the facts have it, stated ones too; without others an order stands alone."""
    week, today, callers = facts["issue_week"], facts["issue_today"], facts["issue_callers_week"]
    assert isinstance(week, int) and isinstance(today, int) and isinstance(callers, int)
    week = max(week, today)
    if recalled is None:
        return IssueRef(None, max(week, 1), max(callers, 1), today, week)
    counts = recalled.counts
    return IssueRef(
        id=recalled.issue,
        orders=max(counts.orders, week),
        callers=max(counts.callers, callers),
        today=today,
        week=week,
        remark=recalled.callers.remark,
    )


def _similar(recalled: Recalled | None) -> tuple[SimilarOrder, ...]:
    found = () if recalled is None else recalled.similar
    return tuple(SimilarOrder(one.order_id, one.probability, one.same_caller, one.why) for one in found)


def _group_sending(recalled: Recalled | None) -> GroupSending | None:
    if recalled is None or recalled.sending is None:
        return None
    sending = recalled.sending
    return GroupSending(len(sending.orders), len(sending.callers), sending.because)
