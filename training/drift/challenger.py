"""What a challenger said in the champion's shadow: where they agree, where they differ, and who was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from training.drift.look import SHOWN
from triage.classify.head import TRUSTED
from triage.desk.learning.lessons import lessons
from triage.desk.learning.pairs_kept import Pair
from triage.desk.orders.books import Books

BY_PERSONS = frozenset({"corrected", "noted"})
"""Labels that a person wrote down anew. What a unit dealt with favours the champion: its answer sent the order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two categories that the models tell apart differently, with the orders where they did."""

    champion: str | None
    challenger: str | None
    orders: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the challenger says what the champion says, over the champion's answers of one category."""

    category: str | None
    orders: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Who was right where the right category is known by now; `p` is McNemar's exact test of whether one of them is
    right more often than the other (1.0 where they never differ)."""

    orders: int
    both: int
    champion_only: int
    challenger_only: int
    neither: int
    p: float


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """A challenger held against a champion. Confidences are means, `auto` shares of answers that may go out alone, each
    the champion's first; `by_persons` judges by those labels alone that a person wrote down."""

    champion: str
    challenger: str
    orders: int
    agreed: int
    confidence: tuple[float, float]
    auto: tuple[float, float]
    by_category: tuple[Agreement, ...]
    differences: tuple[Difference, ...]
    judged: Judged
    by_persons: Judged


def shadow_reports(pairs: Iterable[Pair], books: Books, policy: str, until: datetime) -> list[ShadowReport]:
    """A report for each champion and challenger that answered orders of a policy side by side, the latest first."""
    sides: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        if pair.policy == policy and pair.at <= until:
            names = [f"{one.name} {one.version}" for one in (pair.champion, pair.challenger)]
            sides.setdefault((names[0], names[1]), []).append(pair)
    if not sides:
        return []
    since = min(pair.at for side in sides.values() for pair in side)
    known = {
        one.order_id: (one.label, bool(BY_PERSONS & set(one.why)))
        for one in lessons(books, policy, since=since, until=until)
        if one.task == "category" and one.weight >= TRUSTED
    }
    latest = sorted(sides.items(), key=lambda item: max(pair.at for pair in item[1]), reverse=True)
    return [_report(*names, side, known) for names, side in latest]


def judged(pairs: Iterable[Pair], right: Mapping[str, str]) -> Judged:
    """Who was right, by the right categories of orders."""
    from scipy.stats import binomtest

    found: Counter[tuple[bool, bool]] = Counter()
    for pair in pairs:
        if pair.order_id in right:
            label = right[pair.order_id]
            found[pair.champion.label == label, pair.challenger.label == label] += 1
    champion, challenger = found[True, False], found[False, True]
    p = float(binomtest(champion, champion + challenger).pvalue) if champion + challenger else 1.0
    return Judged(found.total(), found[True, True], champion, challenger, found[False, False], p)


def _report(
    champion: str, challenger: str, pairs: Sequence[Pair], known: Mapping[str, tuple[str, bool]]
) -> ShadowReport:
    agreed = Counter(pair.champion.label for pair in pairs if pair.champion.label == pair.challenger.label)
    answered = Counter(pair.champion.label for pair in pairs)
    return ShadowReport(
        champion=champion,
        challenger=challenger,
        orders=len(pairs),
        agreed=agreed.total(),
        confidence=(
            sum(pair.champion.confidence for pair in pairs) / len(pairs),
            sum(pair.challenger.confidence for pair in pairs) / len(pairs),
        ),
        auto=(
            sum(pair.champion.auto for pair in pairs) / len(pairs),
            sum(pair.challenger.auto for pair in pairs) / len(pairs),
        ),
        by_category=tuple(Agreement(name, orders, agreed[name]) for name, orders in answered.most_common()),
        differences=_differences(pairs),
        judged=judged(pairs, {name: label for name, (label, _) in known.items()}),
        by_persons=judged(pairs, {name: label for name, (label, person) in known.items() if person}),
    )


def _differences(pairs: Sequence[Pair]) -> tuple[Difference, ...]:
    """The latest orders show each difference, the most frequent first."""
    apart: dict[tuple[str | None, str | None], list[str]] = {}
    for pair in sorted(pairs, key=lambda pair: pair.at, reverse=True):
        if pair.champion.label != pair.challenger.label:
            apart.setdefault((pair.champion.label, pair.challenger.label), []).append(pair.order_id)
    ranked = sorted(apart.items(), key=lambda item: -len(item[1]))
    return tuple(Difference(*labels, len(ids), tuple(ids[:SHOWN])) for labels, ids in ranked)
