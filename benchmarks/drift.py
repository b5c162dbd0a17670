"""`python -m benchmarks.drift --messages STREAM.csv`: false findings of drift, and how soon planted drifts are found.

The messages of a real stream are shuffled in time, so that nothing drifts but by chance, and looked at every week of a
year: found against promised false findings, with an interval over shuffles. `weeks` shuffles whole weeks instead, so
that what comes together in a week stays together, and matters that go on from week to week do not. Then drifts are
planted into shuffled streams (a new word in a share of messages, a category doubled, confidence 5 points lower) and
the weeks counted until the weekly look finds them. Figures as JSON; no text of any message is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from training.drift.kept import RECENT, REFERENCE
from training.drift.look import PER_YEAR, Finding, look
from training.drift.seen import Seen, voices, words_of
from training.fit import near_copies
from triage.bootstrap import build
from triage.desk.tables import Table, read_table
from triage.domain.moments import SHANGHAI
from triage.language.redact import redact
from triage.language.segment import Segmenter

WEEK = timedelta(days=7)
LOOKS = 52
WATCHED = 12
"""Weeks after which a planted drift counts as missed."""
NEW = "无此词"

Plant = Callable[[list[Seen], datetime, np.random.Generator], list[Seen]]


def read_stream(path: Path, last: date, issues: Path | None = None) -> list[Seen]:
    """The messages of the two years before a day, as drift sees them, by time; a matter is an issue or near copies."""
    table = read_table(path)
    texts = [redact(text) for text in table.texts(["title", "text"])]
    likely = build().likely_categories(list(zip(table.column("title"), table.column("text"), strict=True)))
    segmenter, end = Segmenter(), datetime.combine(last, time(), SHANGHAI)
    words = _repeated([words_of(text, segmenter) for text in texts])
    seen = []
    columns = table.column("id"), _matters(table, texts, issues), table.moments("received_at"), words, likely
    for name, matter, at, own, best in zip(*columns, strict=True):
        category, confidence = best[0] if best else (None, None)
        seen.append(Seen(name, matter, at, own, category, confidence, "default"))
    return sorted(
        (one for one in seen if end - REFERENCE - RECENT - LOOKS * WEEK <= one.at < end), key=lambda one: one.at
    )


def _matters(table: Table, texts: Sequence[str], issues: Path | None) -> list[str]:
    if issues is None:
        return list(map(str, near_copies(texts)))
    grouped = read_table(issues)
    known = dict(zip(grouped.column("id"), grouped.column("issue_id"), strict=True))
    return [known[name] for name in table.column("id")]


def _repeated(texts: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Without the words of one message alone, which cannot be found however they fall."""
    counts = Counter(chain.from_iterable(texts))
    return [frozenset(word for word in words if counts[word] > 1) for words in texts]


def messages_shuffled(seen: Sequence[Seen], chance: np.random.Generator) -> list[Seen]:
    """The same messages, dealt out anew over the same moments."""
    dealt = chance.permutation(len(seen))
    return [replace(seen[other], at=one.at) for one, other in zip(seen, dealt.tolist(), strict=True)]


def weeks_shuffled(seen: Sequence[Seen], chance: np.random.Generator) -> list[Seen]:
    """Whole weeks in another order."""
    start = seen[0].at
    numbers = [(one.at - start) // WEEK for one in seen]
    places = chance.permutation(numbers[-1] + 1).tolist()
    moved = [
        replace(one, at=one.at + (places[number] - number) * WEEK) for one, number in zip(seen, numbers, strict=True)
    ]
    return sorted(moved, key=lambda one: one.at)


def findings_at(seen: Sequence[Seen], until: datetime, per_year: float = PER_YEAR) -> tuple[Finding, ...]:
    """One look, as `triage drift` makes it."""
    since = until - RECENT
    recent = voices([one for one in seen if since <= one.at < until], until, RECENT)
    before = voices([one for one in seen if since - REFERENCE <= one.at < since], since, RECENT)
    return look(recent, before, per_year=per_year).findings


def false_findings(seen: Sequence[Seen], shuffled: Callable[..., list[Seen]], shuffles: int) -> dict[str, Any]:
    """Findings in a year of weekly looks, over shuffles."""
    years, alarmed, kinds = [], [], dict.fromkeys(("word", "category", "confidence", "outcome"), 0)
    for seed in range(shuffles):
        dealt = shuffled(seen, np.random.default_rng(seed))
        found = [findings_at(dealt, _until(seen, number)) for number in range(LOOKS)]
        years.append(sum(map(len, found)))
        alarmed.append(sum(map(bool, found)))
        print(f"{shuffled.__name__} {seed + 1}: {years[-1]} findings in a year", file=sys.stderr, flush=True)
        for one in (finding for findings in found for finding in findings):
            kinds[one.kind] += 1
    return {
        "shuffled": shuffled.__name__,
        "years": shuffles,
        "promised": PER_YEAR,
        "false_findings_a_year": _interval(years),
        "looks_with_any_a_year": _interval(alarmed),
        "years_without": sum(not year for year in years) / shuffles,
        "of_kind": kinds,
    }


def new_word(share: float) -> Plant:
    """A word that nobody used before, in a share of the messages from then on."""

    def plant(seen: list[Seen], since: datetime, chance: np.random.Generator) -> list[Seen]:
        hit = chance.random(len(seen)) < share
        return [
            replace(one, words=one.words | {NEW}) if one.at >= since and hit[at] else one for at, one in enumerate(seen)
        ]

    return plant


def doubled(category: str) -> Plant:
    """Twice the messages of a category from then on."""

    def plant(seen: list[Seen], since: datetime, chance: np.random.Generator) -> list[Seen]:
        more = [
            replace(one, id=f"{one.id}+", matter=f"{one.matter}+")
            for one in seen
            if one.at >= since and one.category == category
        ]
        return sorted([*seen, *more], key=lambda one: one.at)

    return plant


def less_sure(points: float) -> Plant:
    """Confidence lower by so much from then on."""

    def plant(seen: list[Seen], since: datetime, chance: np.random.Generator) -> list[Seen]:
        return [
            replace(one, confidence=max(one.confidence - points, 0.0))
            if one.at >= since and one.confidence is not None
            else one
            for one in seen
        ]

    return plant


def delay(seen: Sequence[Seen], plant: Plant, kind: str, what: str, shuffles: int) -> dict[str, Any]:
    """Weeks until a planted drift is found, over shuffles."""
    weeks: list[int | None] = []
    start = LOOKS - WATCHED
    for seed in range(shuffles):
        chance = np.random.default_rng(1_000 + seed)
        since = _until(seen, start)
        planted = plant(messages_shuffled(seen, chance), since, chance)
        found = (
            number
            for number in range(1, WATCHED + 1)
            if any(
                (one.kind, one.what) == (kind, what)
                for one in findings_at(planted, _until(seen, start + number - 1) + WEEK)
            )
        )
        weeks.append(next(found, None))
    hit = sorted(week for week in weeks if week is not None)
    return {
        "kind": kind,
        "found_within_12_weeks": len(hit) / shuffles,
        "median_weeks": hit[(len(hit) - 1) // 2] if 2 * len(hit) > shuffles else None,
        "weeks": weeks,
    }


def _until(seen: Sequence[Seen], number: int) -> datetime:
    """The end of the so-manyth weekly look of the last year."""
    end = datetime.combine(seen[-1].at.date() + timedelta(days=1), time(), SHANGHAI)
    return end - (LOOKS - 1 - number) * WEEK


def _interval(years: Sequence[int]) -> dict[str, float]:
    """The mean, and where it lies with 95 % by the bootstrap: findings of overlapping windows come in bunches."""
    chance = np.random.default_rng(0)
    means = chance.choice(np.array(years), (5_000, len(years))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975]).tolist()
    return {"mean": round(float(np.mean(years)), 3), "low": round(low, 3), "high": round(high, 3)}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=Path, required=True, help="a stream: id, received_at, title, text")
    parser.add_argument("--issues", type=Path, help="what `triage issues` wrote of it; near copies unless given")
    parser.add_argument("--last", type=date.fromisoformat, default=date(2020, 1, 1), help="the day the stream ends")
    parser.add_argument("--shuffles", type=int, default=20)
    parser.add_argument("--planted", type=int, default=10, help="shuffles for each planted drift")
    given = parser.parse_args()
    seen = read_stream(given.messages, given.last, given.issues)
    categories = [one.category for one in seen if one.category is not None]
    frequent = sorted(set(categories), key=lambda name: (-categories.count(name), name))
    figures: dict[str, Any] = {
        "messages": len(seen),
        "recent_matters": len([one for one in seen if one.at >= _until(seen, LOOKS - 1) - RECENT]),
        "false": [false_findings(seen, shuffled, given.shuffles) for shuffled in (messages_shuffled, weeks_shuffled)],
        "as_it_came": sum(len(findings_at(seen, _until(seen, number))) for number in range(LOOKS)),
    }
    for share in (0.02, 0.05):
        figures[f"new_word_{share:.0%}"] = delay(seen, new_word(share), "word", NEW, given.planted)
    for rank in (0, 4):
        share = categories.count(frequent[rank]) / len(seen)
        found = delay(seen, doubled(frequent[rank]), "category", frequent[rank], given.planted)
        figures[f"doubled_category_of_{share:.1%}"] = found
    figures["confidence_5_points_lower"] = delay(seen, less_sure(0.05), "confidence", "confidence", given.planted)
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
