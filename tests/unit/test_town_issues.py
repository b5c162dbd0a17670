"""Streams of the made-up town through the linker that ships: which orders end in one issue.

The numbers are floors and ceilings, a little worse than what was measured when they were set: a change of the grouping
may better them and must not lose them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from statistics import mean

import pytest

from tests.town.stream import PLACES, TownOrder, all_matters, orders
from triage.bootstrap import Service
from triage.similar.linker import Entry

SUBJECTS = {1: 25, 2: 60, 3: 120}  # by seed
DAYS = 30
PRECISION, RECALL, BEST_MATCH = 0.65, 0.55, 0.75  # measured: 0.71, 0.61, 0.82
STRANGERS, OTHER_PLACE = 0.03, 0.06  # ceilings; measured: 0.002, 0.042
SEVERAL = 3  # orders, from which on an issue is one that a leader is shown


@dataclass(frozen=True)
class Grouped:
    """A stream and the number of the issue that each order is in when all are in."""

    orders: tuple[TownOrder, ...]
    issues: tuple[int, ...]


def _grouped(service: Service, seed: int, subjects: int) -> Grouped:
    stream = orders(seed, PLACES, all_matters(), subjects=subjects, days=DAYS)
    likely = service.likely_categories([(order.title, order.text) for order in stream])
    entries = [
        Entry(order.order_id, order.received_at, order.title, order.text, categories=categories)
        for order, categories in zip(stream, likely, strict=True)
    ]
    linker = service.new_linker(service.town("nanmatou").places)
    numbers = list(linker.group(entries))
    return Grouped(tuple(stream), tuple(map(linker.grouping.issues.issue_of, numbers)))


@pytest.fixture(scope="module")
def towns(service) -> list[Grouped]:
    """The three streams: titles and texts, nobody's name, number or address."""
    return [_grouped(service, seed, subjects) for seed, subjects in SUBJECTS.items()]


def _subject(order: TownOrder) -> tuple[str, str]:
    return order.place, order.matter


def _pairs(towns: list[Grouped]) -> Counter[str]:
    """How many pairs of orders are joined rightly and not, of these at two places, of these about two matters; and how
    many are kept apart wrongly."""
    found: Counter[str] = Counter()
    for town in towns:
        for (one, here), (other, there) in combinations(zip(town.orders, town.issues, strict=True), 2):
            same, joined = _subject(one) == _subject(other), here == there
            found["joined"] += joined
            found["right"] += joined and same
            found["missed"] += same and not joined
            found["other place"] += joined and one.place != other.place
            found["strangers"] += joined and one.place != other.place and one.matter != other.matter
    return found


def _best_matches(town: Grouped) -> list[float]:
    """For each subject of several orders the F1 of the issue that matches it best."""
    subjects = Counter(map(_subject, town.orders))
    sizes = Counter(town.issues)
    both = Counter(zip(map(_subject, town.orders), town.issues, strict=True))
    return [
        max(2 * shared / (size + sizes[issue]) for (one, issue), shared in both.items() if one == subject)
        for subject, size in subjects.items()
        if size >= SEVERAL
    ]


def test_two_orders_in_one_issue_are_mostly_one_matter_at_one_place(towns):
    pairs = _pairs(towns)
    assert pairs["right"] / pairs["joined"] >= PRECISION


def test_orders_about_one_matter_mostly_find_each_other(towns):
    pairs = _pairs(towns)
    assert pairs["right"] / (pairs["right"] + pairs["missed"]) >= RECALL


def test_two_matters_at_two_places_are_hardly_ever_joined(towns):
    pairs = _pairs(towns)
    assert pairs["strangers"] / pairs["joined"] < STRANGERS


def test_two_places_are_seldom_joined_though_the_stream_says_the_same_sentences_of_both(towns):
    pairs = _pairs(towns)
    assert pairs["other place"] / pairs["joined"] < OTHER_PLACE


def test_a_matter_of_several_orders_has_an_issue_that_matches_it(towns):
    found = [match for town in towns for match in _best_matches(town)]
    assert mean(found) >= BEST_MATCH


def test_each_stream_is_long_enough_to_measure(towns):
    assert [len(town.orders) for town in towns] == sorted(len(town.orders) for town in towns)
    assert all(len(_best_matches(town)) >= 5 for town in towns)
