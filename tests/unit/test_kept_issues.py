"""Names of issues stay for a while as orders come; memory forgets callers and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.desk.issues.names import named_by
from triage.domain.moments import SHANGHAI
from triage.domain.orders import Caller, Order

NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
LIGHT = "浦三路雪野路路口的路灯坏了三天没有人修，晚上走路看不清"


@given(st.integers(1, 100_000))
def test_an_issue_is_named_by_nearly_all_of_its_orders(orders):
    assert 0.79 * orders <= named_by(orders) <= orders or orders <= 10
    assert named_by(orders) <= named_by(orders + 1)


def test_a_name_stays_while_a_hundred_orders_come():
    assert len({named_by(orders) for orders in range(500, 600)}) <= 2


@pytest.fixture
def memory(service):
    memory = service.new_memory("nanmatou")
    for number in range(3):
        memory.remember(_order(number), NOON + timedelta(hours=number))
    return memory


def _order(number: int) -> Order:
    at = NOON + timedelta(hours=number)
    return Order(at, LIGHT, id=str(number), caller=Caller("张建国", "13812341234"), address="临沂路88弄8号301室")


def test_of_a_forgotten_caller_the_orders_stay_and_the_calls_do_not(memory):
    later = NOON + timedelta(hours=9)
    known = memory.recall(_order(9), later)
    assert (known.repeats.count, known.counts.orders, known.callers.callers) == (4, 4, 1)
    memory.forget_callers(["0", "1", "2", "none"])
    memory.forget_callers(["0"])
    found = memory.recall(_order(9), later)
    assert found.token == known.token
    assert (found.repeats.count, found.counts.orders) == (1, 4)
    assert found.issue == known.issue
    assert (found.callers.known, found.callers.unknown) == (1, 3)
    assert not any(one.same_caller for one in found.similar)
    assert not memory.orders_of(known.token)
