"""`python -m benchmarks.signals`: what a threshold costs for emergency, urgency and complexity, on held-out examples.

Reads the written taxonomy and nothing else; prints JSON. Written examples are clearer than what people send, so the
figures compare thresholds with each other and promise nothing. See docs/decisions/0011-what-a-miss-costs.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks.folds import FOLDS, copy_groups
from training.default_model import features_from, heads_of, tasks_of
from training.fit import Examples
from training.taxonomy import read_taxonomy
from triage.bootstrap import default_model
from triage.classify.emergency import cry_for_help
from triage.classify.head import LinearHead
from triage.classify.layout import TITLE_END
from triage.classify.store import TABLE
from triage.language.redact import redact
from triage.language.word_table import WordTable

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
CALM = "none"


@dataclass(frozen=True)
class Stake:
    """The label asked for, how often it is true among a hotline's orders, and a miss in needless alarms."""

    label: str
    share: float
    miss: float


STAKES = {
    # Whoever needs an ambulance mostly calls 120; the few who write here must not wait. A false alarm is half a minute.
    "emergency": Stake(CALM, 0.002, 100),
    # An urgent order read as normal waits a day or more; a needless one is put back by the dispatcher at a glance.
    "urgency": Stake("urgent", 0.02, 10),
    # A hard order calls leaders into a meeting; one that is missed is still seen by the dispatcher who reads it.
    "complexity": Stake("hard", 0.05, 0.5),
}


@dataclass(frozen=True)
class HeldOut:
    """Texts with their labels, and the probabilities that a head gave which had not seen them."""

    texts: Sequence[str]
    labels: npt.NDArray[np.str_]
    names: Sequence[str]
    chances: Floats

    def chance(self, label: str) -> Floats:
        """The probability of one label for each text."""
        return self.chances[:, list(self.names).index(label)]


def held_out(examples: Examples, head: LinearHead, table: WordTable) -> HeldOut:
    """Every text asked about by features and a head learnt from the other folds; near copies are on one side."""
    texts, labels = [redact(text) for text in examples.texts], np.array(examples.labels)
    names = sorted(set(examples.labels))
    chances = np.zeros((len(texts), len(names)))
    groups = copy_groups(texts)
    for learnt, asked in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(texts, labels, groups):
        features = features_from(table).fit([texts[row] for row in learnt])
        fitted = clone(head).fit(
            features.transform([texts[row] for row in learnt]), labels[learnt].tolist(), groups[learnt].tolist()
        )
        chances[asked] = fitted.predict_proba(features.transform([texts[row] for row in asked]))
    return HeldOut(texts, labels, names, chances)


def curve(chance: Floats, right: Flags, stake: Stake, always: Flags | None = None) -> Iterator[dict[str, float]]:
    """Recall, false alarms and cost at each threshold; `always` are those that alarm whatever the chance."""
    for threshold in THRESHOLDS:
        alarm = chance >= threshold
        if always is not None:
            alarm |= always
        recall, false = float(alarm[right].mean()), float(alarm[~right].mean())
        cost = stake.share * (1 - recall) * stake.miss + (1 - stake.share) * false
        yield {
            "from": threshold,
            "recall": round(recall, 4),
            "missed": int((right & ~alarm).sum()),
            "false_alarms": int((~right & alarm).sum()),
            "false_alarm_share": round(false, 4),
            "cost_per_1000_orders": round(1000 * cost, 2),
        }


def emergency(found: HeldOut) -> dict[str, Any]:
    """Whether some line is needed, by the probabilities alone and with the phrases; and which line is named."""
    chance, needed = 1 - found.chance(CALM), found.labels != CALM
    cries = [next(filter(None, map(cry_for_help, text.split(TITLE_END))), None) for text in found.texts]
    cried = np.array([cry is not None for cry in cries])
    lines = [name for name in found.names if name != CALM]
    by_chance = np.array(lines)[np.stack([found.chance(line) for line in lines], axis=1).argmax(axis=1)]
    named = [cry.line if cry else str(line) for cry, line in zip(cries, by_chance, strict=True)]
    pairs = Counter(f"{found.labels[row]} read as {named[row]}" for row in np.flatnonzero(needed))
    return {
        "alone": list(curve(chance, needed, STAKES["emergency"])),
        "with_phrases": list(curve(chance, needed, STAKES["emergency"], cried)),
        "phrases_alone": {"found": int((cried & needed).sum()), "false_alarms": int((cried & ~needed).sum())},
        "right_line": round(sum(found.labels[row] == named[row] for row in np.flatnonzero(needed)) / needed.sum(), 4),
        "lines": dict(sorted(pairs.items())),
    }


def measure(table: WordTable) -> dict[str, Any]:
    """The figures of the three tasks."""
    written = read_taxonomy()
    tasks, heads = tasks_of(written), heads_of(written)
    figures: dict[str, Any] = {}
    for task, stake in STAKES.items():
        found = held_out(tasks[task], heads[task], table)
        figures[task] = {"rows": dict(Counter(found.labels.tolist())), "stake": vars(stake)}
        if task == "emergency":
            figures[task] |= emergency(found)
        else:
            figures[task]["alone"] = list(curve(found.chance(stake.label), found.labels == stake.label, stake))
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signals", description=__doc__)
    parser.add_argument("--words", type=Path, default=default_model() / TABLE, help="default: the table that ships")
    given = parser.parse_args(arguments)
    print(json.dumps(measure(WordTable.read(given.words)), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
