"""One look: recent matters held against earlier ones, with a promised number of false findings a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import asin, sqrt
from typing import NamedTuple

import numpy as np

from training.drift.exact import Table, chance, least_chance, limit_for
from training.drift.seen import Seen
from training.drift.wording import NAMES, confidence_said, share_said

KINDS = ("word", "category", "confidence", "outcome")
"""What is looked at; each may have its part of the false findings, so that words, of which there are thousands, do not
have them all."""

PER_YEAR = 1.0
"""False findings a year of weekly looks, unless another number is allowed."""

LOOKS = 52
SHOWN = 5
"""Example orders of each finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what it was.

    `before` and `now` are shares of matters, for confidence means; `counts` are the matters behind them: with the sign
    now, all now, with the sign before, all before. `effect` is Cohen's h of two shares (0.2 is small, 0.8 large), for
    confidence Cliff's delta; above 0 means more. `p` is the chance without any drift. `examples` are orders that show
    it: recent ones of what rose, earlier ones of what fell.
    """

    kind: str
    what: str
    before: float
    now: float
    counts: tuple[int, int, int, int]
    effect: float
    p: float
    because: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, the least likely first of each kind; `limits` are the chances at and below which it was called
    out, `looked_at` how many signs of each kind were frequent enough to be found at all."""

    recent: int
    reference: int
    allowed: float
    limits: Mapping[str, float]
    looked_at: Mapping[str, int]
    findings: tuple[Finding, ...]


class _Asked(NamedTuple):
    """The signs that a matter has, and those of which it is known whether it has them; None: of all."""

    having: Callable[[Seen], Collection[str]]
    known: Callable[[Seen], Collection[str]] | None = None


_ASKED = {
    "word": _Asked(lambda one: one.words),
    "category": _Asked(lambda one: () if one.category is None else (one.category,)),
    "outcome": _Asked(
        lambda one: [name for name, happened in one.outcomes.items() if happened], lambda one: one.outcomes.keys()
    ),
}


def look(
    recent: Sequence[Seen],
    reference: Sequence[Seen],
    *,
    per_year: float = PER_YEAR,
    names: Mapping[str, str] = NAMES,
) -> Look:
    """Hold recent voices against those of the reference; pure, and the same answer each time.

    Where the matters could as well have come in any other order, at most `per_year` findings are made in the mean over
    52 looks, however many words and categories there are and however much the windows of two looks overlap. `names` say
    categories and outcomes in Chinese.
    """
    allowed = per_year / LOOKS / len(KINDS)
    findings: list[Finding] = []
    limits, looked_at = {}, {}
    for kind, asked in _ASKED.items():
        tables = _tables(recent, reference, asked, allowed)
        limits[kind], looked_at[kind] = limit_for([table for table, _ in tables.values()], allowed), len(tables)
        found = [
            _finding(kind, name, table, count, recent, reference, names)
            for name, (table, count) in tables.items()
            if chance(table, count) <= limits[kind]
        ]
        findings += sorted(found, key=lambda one: (one.p, one.what))
    limits["confidence"], looked_at["confidence"] = allowed, 1
    findings += _confidence(recent, reference, allowed)
    findings.sort(key=lambda one: KINDS.index(one.kind))
    return Look(len(recent), len(reference), per_year / LOOKS, limits, looked_at, tuple(findings))


def risen(recent: Sequence[Seen], reference: Sequence[Seen], *, per_year: float = PER_YEAR) -> set[str]:
    """The words that are more frequent where every order given counts, be they of one matter or not."""
    allowed = per_year / LOOKS / len(KINDS)
    tables = _tables(recent, reference, _ASKED["word"], allowed)
    limit = limit_for([table for table, _ in tables.values()], allowed)
    return {
        name
        for name, (table, count) in tables.items()
        if count * table.total > table.having * table.recent and chance(table, count) <= limit
    }


def _tables(
    recent: Sequence[Seen], reference: Sequence[Seen], asked: _Asked, allowed: float
) -> dict[str, tuple[Table, int]]:
    """Each sign's table and how many recent ones have it, but for signs too rare to be found however they fall."""
    now, before = (Counter(chain.from_iterable(map(asked.having, side))) for side in (recent, reference))
    every = now.copy()
    every.update(before)
    known = asked.known
    found = {}
    for name, having in every.items():
        sides = [
            len(side) if known is None else sum(name in known(one) for one in side) for side in (recent, reference)
        ]
        table = Table(having, sides[0], sum(sides))
        if least_chance(table) <= allowed:
            found[name] = table, now[name]
    return found


def _finding(
    kind: str,
    name: str,
    table: Table,
    count: int,
    recent: Sequence[Seen],
    reference: Sequence[Seen],
    names: Mapping[str, str],
) -> Finding:
    counts = (count, table.recent, table.having - count, table.total - table.recent)
    now, before = count / max(counts[1], 1), counts[2] / max(counts[3], 1)
    showing: Iterable[Seen] = reversed(recent) if now > before else reversed(reference)
    return Finding(
        kind=kind,
        what=name,
        before=before,
        now=now,
        counts=counts,
        effect=2 * (asin(sqrt(now)) - asin(sqrt(before))),
        p=chance(table, count),
        because=share_said(kind, names.get(name, name), counts),
        examples=tuple([one.id for one in showing if name in _ASKED[kind].having(one)][:SHOWN]),
    )


def _confidence(recent: Sequence[Seen], reference: Sequence[Seen], allowed: float) -> list[Finding]:
    """Whether answers are less or more sure: Mann and Whitney's test, between answers of one model only."""
    from scipy.stats import mannwhitneyu

    model = next((one.model for one in reversed(recent) if one.confidence is not None), None)
    sides = [[one for one in side if one.confidence is not None and one.model == model] for side in (recent, reference)]
    now, before = (np.array([one.confidence for one in side], dtype=np.float64) for side in sides)
    if not len(now) or not len(before) or len(np.unique(np.concatenate([now, before]))) == 1:
        return []
    tested = mannwhitneyu(now, before, method="asymptotic")
    if tested.pvalue > allowed:
        return []
    delta = float(2 * tested.statistic / (len(now) * len(before)) - 1)
    least_sure = sorted(sides[0], key=lambda one: (float(one.confidence or 0.0), one.id), reverse=delta > 0)
    means = float(now.mean()), float(before.mean())
    return [
        Finding(
            kind="confidence",
            what="confidence",
            before=means[1],
            now=means[0],
            counts=(len(now), len(now), len(before), len(before)),
            effect=delta,
            p=float(tested.pvalue),
            because=confidence_said(*means, len(now), len(before)),
            examples=tuple(one.id for one in least_sure[:SHOWN]),
        )
    ]
