"""/v1/learning: what a dispatcher is asked so that the models learn. Answering is POST /v1/orders/{id}/feedback."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `learning_routes`.
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.access.gate import Gate, own_policy
from api.errors import PROBLEM
from api.learning.schemas import Choice, DoubtList, DoubtRead, QuestionList, QuestionRead
from triage.desk.access.rights import Right
from triage.desk.learning.asking import A_DAY, MOST, Question, because, questions
from triage.desk.learning.doubted import SHORT, DoubtedLabel, doubts
from triage.desk.orders.books import Books
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor

_Policy = Annotated[str | None, Query(max_length=100, description="the key's own, unless given")]


def learning_routes(books: Books, gate: Gate, names: Mapping[str, str]) -> APIRouter:
    """The routes, around the books; `names` of labels by id, as people read them."""
    router = APIRouter(prefix="/v1/learning", tags=["learning"], responses=PROBLEM)

    @router.get("/questions")
    def asked(
        by: Annotated[Actor, Depends(gate.needs(Right.FEEDBACK))],
        policy: _Policy = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = A_DAY,
    ) -> QuestionList:
        """The few recent orders whose answer would teach most. No two are about one issue."""
        found = questions(books, _policy_of(by, policy), until=books.now(), most=limit)
        return QuestionList(items=[_question(one, names) for one in found])

    @router.get("/doubts")
    def doubted(
        by: Annotated[Actor, Depends(gate.needs(Right.FEEDBACK))],
        policy: _Policy = None,
        limit: Annotated[int, Query(ge=1, le=SHORT)] = SHORT,
    ) -> DoubtList:
        """Labels that were probably slips, as `triage lessons` found them; what was answered since is left out."""
        found = doubts(books, _policy_of(by, policy), limit)
        return DoubtList(listed_at=found.at, items=[_doubt(one, names) for one in found.labels])

    return router


def _policy_of(by: Actor, policy: str | None) -> str:
    found = own_policy(by, policy)
    if found is None:
        raise BadInput("request", [Problem(("policy",), "is needed: this key is of all policies")])
    return found


def _question(question: Question, names: Mapping[str, str]) -> QuestionRead:
    return QuestionRead(
        order_id=question.order_id,
        received_at=question.at,
        issue=question.issue,
        between=[_choice(name, chance, names) for name, chance in question.between],
        alike=question.alike,
        because=because(question, names),
    )


def _doubt(doubt: DoubtedLabel, names: Mapping[str, str]) -> DoubtRead:
    given, likelier = _choice(doubt.given, doubt.chance, names), _choice(doubt.likelier, doubt.likelier_chance, names)
    return DoubtRead(
        order_id=doubt.order_id,
        task=doubt.task,
        given=given,
        likelier=likelier,
        because=f"已归为“{given.name}”，但措辞更像“{likelier.name}”（{likelier.confidence:.0%}），请核对。",
    )


def _choice(name: str, chance: float, names: Mapping[str, str]) -> Choice:
    return Choice(id=name, name=names.get(name, name), confidence=chance)
