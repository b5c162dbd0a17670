"""GET /v1/policies: what each pack says, for people and for other systems."""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import PROBLEM
from api.policies.schemas import ClauseRead, DutyRead, ParameterRead, PolicyRead, UnitRead
from triage.bootstrap import Service
from triage.classify.taxonomy import Taxonomy
from triage.domain.clauses import Clause
from triage.policy.pack.pack import Pack


def policy_routes(service: Service) -> APIRouter:
    """The routes, around a service."""
    router = APIRouter(prefix="/v1/policies", tags=["policies"], responses=PROBLEM)

    @router.get("")
    def policies() -> list[PolicyRead]:
        """All packs, by id."""
        return [_read(service.shelf.get_or_raise(policy), service.taxonomy) for policy in service.shelf.ids()]

    @router.get("/{policy}")
    def policy(policy: str) -> PolicyRead:
        """One pack."""
        return _read(service.shelf.get_or_raise(policy), service.taxonomy)

    return router


def _read(pack: Pack, taxonomy: Taxonomy) -> PolicyRead:
    duties: dict[str, list[DutyRead]] = {unit: [] for unit in pack.units}
    for category, duty in pack.duties.items():
        name = taxonomy.categories[category].name
        for role, units in (("lead", duty.lead), ("assist", duty.assist)):
            for unit in units:
                duties[unit].append(DutyRead(category=category, name=name, role=role, entry=duty.entry))
    return PolicyRead(
        id=pack.id,
        name=pack.name,
        version=pack.version,
        units=[
            UnitRead(id=unit.id, name=unit.name, leader=pack.leaders[unit.leader].title, duties=duties[unit.id])
            for unit in pack.units.values()
        ],
        parameters={
            name: ParameterRead(value=parameter.value, unit=parameter.unit, note=parameter.note)
            for name, parameter in pack.parameters.items()
        },
        clauses=[_clause(clause) for clause in pack.clauses.values()],
    )


def _clause(clause: Clause) -> ClauseRead:
    """`kind` is the first of the `kinds`: it stood alone before clauses could be honoured in several ways."""
    return ClauseRead(
        id=clause.id, kind=clause.kinds[0], kinds=list(clause.kinds), text=clause.text, reason=clause.reason
    )
