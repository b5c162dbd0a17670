"""`python -m benchmarks.replies`: what the eight checks make of real official replies.

Is a reply beside another order's complaint told from one beside its own? Is a reply that only passes the matter on told
from one that answers? Prints figures as JSON, never a word of a message. The replies are `replies.csv` in the folder
TRIAGE_DATA, or ../shared/data; where they are absent the benchmark says so and is skipped. See docs/eight-checks.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from benchmarks.folds import Ints, copy_groups, messages_folder
from triage.desk.eight_checks.passed_on import Substance, substance
from triage.desk.eight_checks.reading import ReplyText
from triage.desk.eight_checks.topic import (
    FEWEST_WORDS,
    OFF_TOPIC,
    Weights,
    common_ground,
    content_words,
    weights,
    without_quotations,
)
from triage.desk.tables import read_table
from triage.language.clean import clean

FILE = "replies.csv"
LABELS = Path(__file__).resolve().parent / "labels" / "replies_passed_on.csv"
CALLED_OFF_TOPIC = 0.02
"""At most this share of the replies may be called off the topic beside their own complaint."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Likeness = Callable[[Weights, Weights], float]


class Row(NamedTuple):
    """A complaint and its reply, as they came."""

    id: str
    title: str
    complaint: str
    reply: str


@dataclass(frozen=True)
class Pairs:
    """How alike each reply is to its own complaint and to others, and whether it says enough to be judged."""

    own: Floats
    random: Floats
    neighbour: Floats
    judged: Flags


def plain_words(complaint: Weights, reply: Weights) -> float:
    """The peer: what share of the smaller set is common, every pair of characters counting the same."""
    smaller = min(len(complaint), len(reply))
    return len(complaint.keys() & reply.keys()) / smaller if smaller else 0.0


def rare_share(complaint: Weights, reply: Weights) -> float:
    """The peer: the same, rare pairs counting more."""
    smaller = min(sum(complaint.values()), sum(reply.values()))
    return sum(complaint[pair] for pair in complaint.keys() & reply.keys()) / smaller if smaller else 0.0


METHODS: dict[str, Likeness] = {
    "cosine of rare pairs": common_ground,
    "share of rare pairs": rare_share,
    "share of pairs": plain_words,
}


def others(groups: Ints, seed: int) -> tuple[Ints, Ints]:
    """For each row another one that is no near copy: any, and the next that comes (of the same board, mostly)."""
    chance, count = np.random.default_rng(seed), len(groups)
    anyone, after = chance.permutation(count), (np.arange(count) + 1) % count
    for at in range(count):
        while groups[anyone[at]] == groups[at]:
            anyone[at] = chance.integers(count)
        while groups[after[at]] == groups[at]:
            after[at] = (after[at] + 1) % count
    return anyone, after


def pairs_of(rows: Sequence[Row], likeness: Likeness, groups: Ints, seed: int) -> Pairs:
    """Every reply beside its own complaint, beside any other, and beside its neighbour's."""
    asked = [weights(clean(f"{row.title}\n{row.complaint}").text) for row in rows]
    replies = [without_quotations(clean(row.reply).text) for row in rows]
    answered = [weights(text) for text in replies]
    judged = np.array([len(content_words(text)) >= FEWEST_WORDS for text in replies])

    def alike(order: Sequence[int] | Ints) -> Floats:
        return np.array([likeness(asked[at], answer) for at, answer in zip(order, answered, strict=True)])

    anyone, after = others(groups, seed)
    return Pairs(alike(range(len(rows))), alike(anyone), alike(after), judged & np.array([bool(one) for one in asked]))


def telling(pairs: Pairs, chosen_on: Flags, threshold: float | None) -> dict[str, float]:
    """How well own and other are told apart; without a threshold it is chosen on one part of the rows.

    Shares are of all rows outside that part, the replies too brief to be judged included.
    """
    if threshold is None:
        own = np.sort(pairs.own[chosen_on & pairs.judged])
        threshold = float(own[int(CALLED_OFF_TOPIC * chosen_on.sum())])
    asked = ~chosen_on
    judged = pairs.judged & asked
    figures = {"threshold": threshold, "judged": float(judged.sum() / asked.sum())}
    figures["own_called_off_topic"] = float((judged & (pairs.own < threshold)).sum() / asked.sum())
    for name, other in (("random", pairs.random), ("neighbour", pairs.neighbour)):
        truth = np.r_[np.ones(judged.sum()), np.zeros(judged.sum())]
        figures[f"auc_{name}"] = float(roc_auc_score(truth, np.r_[pairs.own[judged], other[judged]]))
        figures[f"{name}_found_of_judged"] = float((other[judged] < threshold).mean())
        figures[f"{name}_found_of_all"] = float((judged & (other < threshold)).sum() / asked.sum())
    return {name: round(value, 4) for name, value in figures.items()}


def topic(rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Each method with the threshold chosen on one half and asked on the other; and the one that serves, on all."""
    groups = copy_groups([f"{row.title}\n{row.complaint}" for row in rows])
    half = np.random.default_rng(seed).random(int(groups.max()) + 1) < 0.5
    compared = {name: pairs_of(rows, likeness, groups, seed) for name, likeness in METHODS.items()}
    serving = compared["cosine of rare pairs"]
    return {
        "methods": {name: telling(pairs, half[groups], None) for name, pairs in compared.items()},
        "serving": telling(serving, np.zeros(len(rows), dtype=bool), OFF_TOPIC),
    }


def read_labels(path: Path = LABELS) -> list[tuple[str, str, str]]:
    """Row, sample and label, in the order they were drawn."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(row["id"], row["sample"], row["label"]) for row in rows]


def passed_on(rows: Sequence[Row], labels: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Precision and recall on the labelled rows: of passed on or nothing said, against everything else."""
    replies = {row.id: row.reply for row in rows}
    found: dict[str, Counter[tuple[bool, bool]]] = {}
    for row_id, sample, label in labels:
        said = substance(ReplyText(replies[row_id]).clauses())
        found.setdefault(sample, Counter())[label != "other", said is not Substance.SAYS_SOMETHING] += 1
    return {sample: _precision_and_recall(counts) for sample, counts in found.items()}


def _precision_and_recall(counts: Counter[tuple[bool, bool]]) -> dict[str, float]:
    hit, missed, false = counts[True, True], counts[True, False], counts[False, True]
    return {
        "rows": counts.total(),
        "labelled": hit + missed,
        "called": hit + false,
        "right": hit,
        "precision": round(hit / max(hit + false, 1), 4),
        "recall": round(hit / max(hit + missed, 1), 4),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replies", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="cuts the halves and draws the other complaints")
    given = parser.parse_args(arguments)
    path = messages_folder() / FILE
    if not path.exists():
        print(f"skipped: no replies at {path}; set TRIAGE_DATA to their folder", file=sys.stderr)
        return 0
    table = read_table(path)
    columns = zip(*map(table.column, ("id", "title", "text", "reply")), strict=True)
    rows = [Row(*row) for row in sorted(columns, key=lambda row: int(row[0]))]
    figures = {
        "replies": len(rows),
        "topic": topic(rows, given.seed),
        "passed_on": passed_on(rows, read_labels()),
    }
    print(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
