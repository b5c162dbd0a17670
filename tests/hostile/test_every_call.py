"""Every call of the API with whatever fits its description, and with what does not, from several roles: no answer is a
server error, and every answer is one that the description names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.schemas import BaseSchema

from tests.hostile.again import begin_again, snapshot
from tests.hostile.amount import cases
from tests.hostile.description import description_of
from tests.hostile.house import POLICY, furnish
from triage.domain.vocabulary import Role

pytestmark = pytest.mark.xdist_group("every-call")  # to be furnished once, not once a worker

STEPS = 10
ROLES = (Role.CENTRE_LEADER, Role.DISPATCHER, Role.ADMIN, Role.UNIT, Role.ANALYST)
LEADS_NOWHERE = "^/(v1/policies|v1/models|healthz|readyz|metrics)"
COURSES = {Role.CENTRE_LEADER: 0.5, Role.DISPATCHER: 0.25, Role.ADMIN: 0.25}
"""Who makes things that later calls can ask for, and how many of the courses each walks."""


@pytest.fixture(scope="module")
def schema(house) -> BaseSchema:
    """The application's description of itself, with what is kept in most of the cases."""
    return description_of(house, furnish(house))


@pytest.fixture(scope="module")
def askers(house, schema) -> dict[str, list[Role]]:
    """Who is not refused right away, by call; that all others are, the matrix of tests/integration holds."""
    found: dict[str, list[Role]] = {}
    for operation in (one.ok() for one in schema.get_all_operations()):
        path = operation.path.replace("{", "").replace("}", "")
        answers = {role: house.client(role).request(operation.method, path, json={}).status_code for role in ROLES}
        found[operation.label] = [role for role, status in answers.items() if status != 403]
    return found


def test_no_call_is_answered_with_a_fault_or_with_what_is_not_described(house, schema, askers):
    operations = [operation.ok() for operation in schema.get_all_operations()]
    for operation in operations:
        asked = st.one_of([operation.as_strategy(mode) for mode in GenerationMode])

        @cases(0.5 / len(operations))
        @given(case=asked, role=st.sampled_from(askers[operation.label]))
        def ask(case: Case, role: Role) -> None:
            case.call_and_validate(headers=house.headers(role))

        ask()


@pytest.mark.parametrize("role", COURSES)
def test_what_a_call_made_is_there_for_the_next_and_what_it_deleted_is_gone(house, schema, askers, role):
    told = schema.include(lambda asked: role in askers[asked.operation.label]).exclude(path_regex=LEADS_NOWHERE)
    as_furnished = snapshot(house.books)

    class Course(told.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            begin_again(house.books, POLICY, as_furnished)  # what one course made would turn the next one about

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": house.headers(role)}

    run_state_machine_as_test(Course, settings=cases(0.5 * COURSES[role] / STEPS, stateful_step_count=STEPS))


def test_the_ledger_is_whole_after_all_of_it(house, schema):
    assert house.books.ledger.broken_link() is None
