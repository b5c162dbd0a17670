"""What a decision that is only asked for may know of kept orders: as much as whoever asks may read."""

from __future__ import annotations

from triage.desk.access.rights import OF_ONE_UNIT, Right, may
from triage.desk.orders.books import Books
from triage.desk.requests import DecisionRequest
from triage.desk.suggest import suggestion
from triage.domain.decisions import Decision
from triage.domain.people import Actor


def decide_for(request: DecisionRequest, books: Books, by: Actor) -> Decision:
    """Decide one order and keep nothing; held against the kept orders of its policy where all of those are the actor's
    to read, and against none where they are not: a unit must not learn of others' orders by asking."""
    considered = books.consider(request)
    if not may_recall(by, request.policy):
        return suggestion(considered, as_of=request.at, stated=request.stated, recall=None).decision
    linking = books.linking(request.policy)
    with books.ledger.database.reading() as connection:
        linking.follow(connection)
    return suggestion(considered, as_of=request.at, stated=request.stated, recall=linking.recall).decision


def may_recall(by: Actor, policy: str) -> bool:
    """Whether all kept orders of a policy are this actor's to read.

    >>> from triage.domain.vocabulary import Role
    >>> may_recall(Actor("key:1", Role.DISPATCHER), "yanji"), may_recall(Actor("key:2", Role.UNIT, "yanji"), "yanji")
    (True, False)
    """
    return may(by.role, Right.READ_ORDERS) and by.role not in OF_ONE_UNIT and by.is_of(policy)
