"""Every clause of the five packs is enforced, computed, reported or explained, and something shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from triage.bootstrap import packs_and_hours
from triage.domain.clauses import ClauseKind
from triage.policy.coverage.rows import Examples, Row, page, read_examples, rows
from triage.policy.pack.load import PackShelf

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "clauses.md"
POLICIES = ("moushi", "nanmatou", "tangqiao", "yanji", "youyilu")


@cache
def examples() -> tuple[PackShelf, Examples]:
    shelf, hours = packs_and_hours()
    return shelf, read_examples(HERE, shelf, hours)


def rows_of(policy: str) -> list[Row]:
    shelf, read = examples()
    return list(rows(shelf.get_or_raise(policy), read))


@pytest.mark.parametrize("policy", POLICIES)
def test_every_clause_is_shown_by_something(policy: str) -> None:
    lacking = [f"{row.clause.id}: {', '.join(row.lacking)}" for row in rows_of(policy) if row.lacking]
    assert lacking == []


@pytest.mark.parametrize("policy", POLICIES)
def test_every_clause_is_enforced_somewhere_or_says_why_not(policy: str) -> None:
    nowhere = [row.clause.id for row in rows_of(policy) if not row.enforced and not row.clause.through]
    stated = [row.clause.id for row in rows_of(policy) if row.clause.kinds == (ClauseKind.STATED,)]
    assert nowhere == stated


def test_the_page_of_clauses_is_up_to_date() -> None:
    shelf, _ = examples()
    told = "\n".join(page(shelf.get_or_raise(policy), rows_of(policy)) for policy in POLICIES)
    assert PAGE.read_text(encoding="utf-8").endswith(told), "triage policy coverage tests/policy"


def test_a_clause_that_lost_its_scenarios_is_noticed() -> None:
    shelf, read = examples()
    pack = shelf.get_or_raise("tangqiao")
    rest = [one for one in read.told["tangqiao"] if (ClauseKind.ALERT, "tangqiao:4.2.5") not in one.expected]
    found = list(rows(pack, replace(read, told={"tangqiao": rest})))
    assert [row.clause.id for row in found if row.lacking] == ["tangqiao:4.2.5"]


def test_a_clause_that_lost_its_figure_is_noticed() -> None:
    shelf, read = examples()
    figures = {clause: names for clause, names in read.figures.items() if clause != "nanmatou:scoring"}
    found = list(rows(shelf.get_or_raise("nanmatou"), replace(read, figures=figures)))
    assert [row.clause.id for row in found if row.lacking] == ["nanmatou:scoring"]
