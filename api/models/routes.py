"""/v1/models: which model answers, and what it promises."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `model_routes`.
from typing import Annotated

from fastapi import APIRouter, Depends

from api.access.gate import Gate
from api.errors import PROBLEM
from api.models.schemas import ModelPage, ModelRead, TaskRead
from triage.bootstrap import Service
from triage.classify.model import Model
from triage.desk.access.rights import Right
from triage.domain.errors import NotFound, Problem
from triage.domain.people import Actor


def model_routes(service: Service, gate: Gate) -> APIRouter:
    """The routes, around a service."""
    router = APIRouter(prefix="/v1/models", tags=["models"], responses=PROBLEM)

    @router.get("")
    def models(_by: Annotated[Actor, Depends(gate.needs(Right.READ_MODELS))]) -> ModelPage:
        """The models at hand."""
        return ModelPage(items=[_read(service.model)])

    @router.post("/{name}/promote")
    def promote(name: str, _by: Annotated[Actor, Depends(gate.needs(Right.PROMOTE_MODELS))]) -> ModelRead:
        """Let a model answer from now on; the one that answers already stays."""
        if name != service.model.name:
            known = f"there is no such model at hand; known is {service.model.name}"
            raise NotFound("model", [Problem(("name",), known)])
        return _read(service.model)

    return router


def _read(model: Model) -> ModelRead:
    tasks = {
        task: TaskRead(
            labels=len(head.classes_), promised_precision=head.promise_.precision if model.promises else None
        )
        for task, head in model.heads.items()
    }
    return ModelRead(name=model.name, version=model.version, serving=True, promises=model.promises, tasks=tasks)
