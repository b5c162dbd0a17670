"""Work on several processes: in order, bounded, and told when a worker dies."""

import os
from concurrent.futures.process import BrokenProcessPool

import pytest

from training.parallel import in_order


def _double(number):
    return os.getpid(), 2 * number


def _die(number):
    os._exit(9)


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_come_in_the_order_of_the_tasks(workers):
    answers = list(in_order(_double, range(20), workers))
    assert [answer for _, answer in answers] == [2 * number for number in range(20)]
    assert (os.getpid() in {pid for pid, _ in answers}) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_tasks_are_taken_than_the_workers_can_take(workers):
    taken = []
    answers = in_order(_double, (taken.append(number) or number for number in range(1000)), workers)
    next(answers)
    assert len(taken) <= 2 * workers + 1
    answers.close()


def test_a_task_that_fails_fails_here():
    with pytest.raises(TypeError):
        list(in_order(_double, [None], 2))


def test_a_worker_that_is_killed_is_told():
    with pytest.raises(BrokenProcessPool):
        list(in_order(_die, range(3), 2))
