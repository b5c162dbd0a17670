"""`python -m benchmarks.matters`: is an order with two matters told as two, and one with a single matter as one?

A model is fitted without a fifth of the written examples, and asked about these: two of them joined by a word of
addition, of two categories or of one, and each as it was written. Prints JSON. See docs/decisions/0012.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from benchmarks.evidence import WHEN, cut
from training.default_model import features_from, heads_of, tasks_of
from training.fit import fit_model
from training.taxonomy import Example, WrittenTaxonomy, read_taxonomy
from triage.bootstrap import Service, build
from triage.classify.taxonomy import Taxonomy
from triage.desk.candidates import leads_of
from triage.desk.matters import matters
from triage.desk.reading import read_order
from triage.domain.orders import Order
from triage.policy.pack.pack import Pack

SHORTEST, LONGEST = 8, 45
"""As long as what somebody says who has two things to say; two of them make a brief text or little more."""
JOINS = ("，另外", "。还有", "，此外", "。另外还有", "，再就是", "；第二，")
POLICY = "nanmatou"


class Asked(NamedTuple):
    """A text and the categories it is about."""

    text: str
    categories: frozenset[str]


class Answered(NamedTuple):
    """The categories a text is about, and those of the matters told; none are told of one matter."""

    categories: frozenset[str]
    told: frozenset[str]


def without(written: WrittenTaxonomy, held_out: Sequence[Example]) -> WrittenTaxonomy:
    """The taxonomy without some of its examples."""
    gone = set(held_out)
    categories = (
        replace(one, examples=tuple(row for row in one.examples if row not in gone)) for one in written.categories
    )
    return replace(written, categories=tuple(categories))


def two_matters(
    examples: Sequence[Example], count: int, taxonomy: Taxonomy, pack: Pack, chance: np.random.Generator
) -> Iterator[Asked]:
    """Pairs of two categories that go to different places and are not easily taken for each other, joined."""
    brief = [one for one in examples if _is_brief(one) and leads_of(pack, one.category)]
    drawn = list(combinations(range(len(brief)), 2))
    for place in chance.permutation(len(drawn)).tolist():
        if not count:
            return
        first, second = (brief[at] for at in drawn[place])
        if _apart(first.category, second.category, taxonomy, pack):
            count -= 1
            yield _joined(first, second, chance)


def one_matter_twice(examples: Sequence[Example], chance: np.random.Generator) -> Iterator[Asked]:
    """Every pair of one category, joined: a second complaint about the same is no second matter."""
    brief = [one for one in examples if _is_brief(one)]
    for first, second in combinations(brief, 2):
        if first.category == second.category:
            yield _joined(first, second, chance)


def one_matter(examples: Sequence[Example]) -> Iterator[Asked]:
    """Complaints as they were written."""
    return (Asked(one.text, frozenset([one.category])) for one in examples if one.request_type == "complaint")


def shares(answers: Sequence[Answered]) -> dict[str, Any]:
    """How many texts are told as several matters, and how many with all of theirs among these."""
    return {
        "texts": len(answers),
        "told_as_several": round(sum(bool(one.told) for one in answers) / len(answers), 4),
        "all_told": round(sum(one.categories <= one.told for one in answers) / len(answers), 4),
    }


def answers(written: WrittenTaxonomy, pairs: int, service: Service, seed: int) -> Iterator[tuple[str, Answered]]:
    """The kinds of text, each with its answers, by a model that saw none of them."""
    chance = np.random.default_rng(seed)
    _, asked = cut(written, len(written.categories), chance)
    rest, town, table = without(written, asked), service.town(POLICY), service.model.features.table
    assert table is not None  # the default model has one
    features, heads = features_from(table), heads_of(rest)
    model = fit_model("held out", tasks_of(rest), "category", features=features, heads=heads, promises=False)
    kinds = {
        "two matters": two_matters(asked, pairs, service.taxonomy, town.pack, chance),
        "one matter, told twice": one_matter_twice(asked, chance),
        "one matter": one_matter(asked),
    }
    for kind, texts in kinds.items():
        for text, categories in texts:
            reading = read_order(Order(WHEN, text), model, service.taxonomy, town)
            told = matters(reading, model, service.taxonomy, town.pack)
            yield kind, Answered(categories, frozenset(one.category.id for one in told))


def _is_brief(example: Example) -> bool:
    return example.request_type == "complaint" and SHORTEST <= len(example.text) <= LONGEST


def _apart(first: str, second: str, taxonomy: Taxonomy, pack: Pack) -> bool:
    alike = taxonomy.categories[first].is_like(taxonomy.categories[second])
    return leads_of(pack, first) != leads_of(pack, second) and not alike


def _joined(first: Example, second: Example, chance: np.random.Generator) -> Asked:
    text = first.text.rstrip("，。！？!?") + str(chance.choice(JOINS)) + second.text
    return Asked(text, frozenset([first.category, second.category]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matters", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="pairs of two categories a cut; default: 200")
    parser.add_argument("--cuts", type=int, default=5, help="so many times a fifth is held out; default: 5")
    given = parser.parse_args(arguments)
    written, service = read_taxonomy(), build()
    found: dict[str, list[Answered]] = {}
    for seed in range(given.cuts):
        for kind, answer in answers(written, given.pairs, service, seed):
            found.setdefault(kind, []).append(answer)
    print(json.dumps({kind: shares(of_kind) for kind, of_kind in found.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
