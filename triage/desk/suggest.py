"""From an order to a decision: the one path that the API, the command line, the batch job and the console take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.classify.model import Model
from triage.classify.taxonomy import Taxonomy
from triage.desk.candidates import Candidates, candidates, shared_out
from triage.desk.matters import matters
from triage.desk.question import question
from triage.desk.reading import OrderReading, read_order
from triage.desk.town import Town
from triage.domain.decisions import (
    CallerRef,
    Decision,
    Dispatch,
    Guess,
    IssueRef,
    Matter,
    ModelRef,
    PolicyRef,
    TerritoryGuess,
)
from triage.domain.orders import Order
from triage.domain.vocabulary import DispatchMode, Role, TerritoryValue
from triage.policy.judging.facts import NOTHING, Case
from triage.policy.judging.judge import Judgement, if_dispatched, judge
from triage.policy.vocabulary import FactValue


def suggest(
    order: Order,
    *,
    town: Town,
    model: Model,
    taxonomy: Taxonomy,
    as_of: datetime,
    stated: Mapping[str, FactValue] = NOTHING,
) -> Decision:
    """Decide one order at `as_of`; pure: same input, same answer, nothing stored.

    `stated` facts beat what is read from the text.
    """
    reading = read_order(order, model, taxonomy, town)
    several = matters(reading, model, taxonomy, town.pack)
    named = _named(reading, several, town)
    case = Case(order.received_at, _derived(order, reading, named), stated=stated)
    judgement = judge(town.pack, case, as_of, town.hours)
    facts = judgement.facts
    return Decision(
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
        caller=CallerRef(None, int(facts["repeat_count"])),  # type: ignore[arg-type]
        issue=_alone(facts),
        similar=(),
        evidence=reading.evidence,
        trace=judgement.trace,
        if_dispatched=if_dispatched(town.pack, case, as_of, town.hours, judgement),
        matters=several,
        examples=reading.examples,
        question=None if several or _leaves(judgement) else question(reading, taxonomy, town.pack),
    )


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


def _alone(facts: Mapping[str, FactValue]) -> IssueRef:
    """Without a ledger an order stands alone, unless the facts stated say how many there are."""
    week, today, callers = facts["issue_week"], facts["issue_today"], facts["issue_callers_week"]
    assert isinstance(week, int) and isinstance(today, int) and isinstance(callers, int)
    return IssueRef(None, max(week, today, 1), max(callers, 1), today, max(week, today))
