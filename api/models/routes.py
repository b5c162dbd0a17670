"""/v1/models: which model answers and what it promises, which others there are, and who promoted what."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `model_routes`.
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.access.gate import Gate
from api.errors import PROBLEM
from api.models.schemas import ModelPage, ModelRead, PromotionIn, PromotionRead, ReasonRead, TaskRead
from triage.bootstrap import Service
from triage.classify.shelf import ShelvedModel
from triage.desk.access.rights import Right
from triage.desk.learning.champion import Promotion, promote, promotions
from triage.desk.learning.verdict import verdict_of
from triage.desk.orders.books import Books
from triage.domain.errors import ModelFault
from triage.domain.people import Actor


def model_routes(service: Service, books: Books, gate: Gate) -> APIRouter:
    """The routes, around a service and the ledger that it follows."""
    router = APIRouter(prefix="/v1/models", tags=["models"], responses=PROBLEM)

    @router.get("")
    def models(_by: Annotated[Actor, Depends(gate.needs(Right.READ_MODELS))]) -> ModelPage:
        """The models at hand, and the history of promotions."""
        with books.ledger.database.reading() as connection:
            history = promotions(connection)
        return ModelPage(
            items=[_read(one, service) for one in service.models],
            history=[_told(one) for one in reversed(history)],
            faults=list(service.answering.now.faults),
        )

    @router.post("/{name}/promote")
    def promote_model(
        name: str,
        by: Annotated[Actor, Depends(gate.needs(Right.PROMOTE_MODELS))],
        body: Annotated[PromotionIn, Body(default_factory=PromotionIn)],
    ) -> ModelRead:
        """Let a model answer from now on, if the gate passed it; one that answers already stays. Other processes follow
        within two seconds."""
        found = _read(service.models.get_or_raise(name, body.version), service)
        if found.serving:
            return found
        done = promote(
            name,
            found.version,
            body.why,
            shelf=service.models,
            ledger=books.ledger,
            by=by,
            try_on=service.try_on,
        )
        service.answering.look()
        return _read(service.models.get_or_raise(done.name, done.version), service)

    return router


def _read(model: ShelvedModel, service: Service) -> ModelRead:
    promises, now = model.manifest["promises"], service.model
    tasks = {
        task: TaskRead(
            labels=len(facts["labels"]), promised_precision=facts["promise"]["precision"] if promises else None
        )
        for task, facts in model.manifest["tasks"].items()
    }
    return ModelRead(
        name=model.name,
        version=model.version,
        digest=model.digest,
        serving=(model.name, model.version) == (now.name, now.version),
        promises=promises,
        tasks=tasks,
        gate=_against(model),
    )


def _against(model: ShelvedModel) -> list[ReasonRead] | None:
    """What the gate has against a model; a report that cannot be read is as good as none."""
    try:
        verdict = verdict_of(model)
    except ModelFault:
        return None
    return None if verdict is None else [ReasonRead(**asdict(reason)) for reason in verdict.reasons]


def _told(promotion: Promotion) -> PromotionRead:
    return PromotionRead(**asdict(promotion))
