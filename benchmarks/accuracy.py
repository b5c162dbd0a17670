"""`python -m benchmarks.accuracy`: how often the house is right on real messages, step by step, beside the yardstick.

The messages are in the folder TRIAGE_DATA, or ../shared/data. Only predicted labels are kept, in --out; a run that was
stopped goes on from there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.answers import Answers, load_answers, save_answers
from benchmarks.folds import (
    FOLDS,
    TASKS,
    WRONG_USE,
    Ints,
    Messages,
    messages_folder,
    read_messages,
    splits,
    without_messages,
)
from benchmarks.gains import SCORES, figures
from benchmarks.variants import VARIANTS, YARDSTICK, Variant
from triage.domain.errors import TriageError

Say = Callable[[str], None]


def measure(
    messages: Messages, task: str, variants: Mapping[str, Variant], repeats: int, out: Path, say: Say
) -> dict[str, Any]:
    """All figures of one task; the answers of each fold are kept in `out`, and read from there where they exist."""
    cuts = [splits(messages, repeat) for repeat in range(repeats)]
    answers: dict[str, list[list[Answers]]] = {name: [[] for _ in cuts] for name in variants}
    for repeat, cut in enumerate(cuts):
        for fold, (learnt, asked) in enumerate(cut):
            for name, variant in variants.items():
                kept = f"{task}-{name}-{repeat}-{fold}"
                found = load_answers(out, kept, len(asked))
                if found is None:
                    begin = time.perf_counter()
                    found = _answered(variant, messages, learnt, asked)
                    save_answers(out, kept, found)
                    say(f"{task}: repeat {repeat + 1}, fold {fold + 1}, {name}: {time.perf_counter() - begin:.0f} s")
                answers[name][repeat].append(found)
    labels = messages.labels
    return {
        "messages": len(labels),
        "groups": len(set(messages.groups.tolist())),
        "labels": len(set(labels.tolist())),
        "repeats": repeats,
        "folds": FOLDS,
        "variants": figures(labels, [[asked for _, asked in cut] for cut in cuts], answers, YARDSTICK),
    }


def _answered(variant: Variant, messages: Messages, learnt: Ints, asked: Ints) -> Answers:
    texts = messages.raw if variant.raw else messages.read
    predict = variant.fit([texts[row] for row in learnt], messages.labels[learnt], messages.groups[learnt])
    return predict([texts[row] for row in asked])


def lines(task: str, found: Mapping[str, Any]) -> Iterator[str]:
    """The figures of one task as a person reads them."""
    yield ""
    yield (
        f"{task}: {found['messages']:,} messages in {found['groups']:,} groups of near copies, "
        f"{found['labels']} labels; {found['repeats']} x {found['folds']} folds"
    )
    yield (
        f"{'':<10}{'macro-F1':>9}{'accuracy':>9}{'gain in macro-F1 (95 %)':>27}{'gain in accuracy (95 %)':>27}"
        f"{'alone':>8}{'right':>8}{'in set':>8}{'labels':>8}"
    )
    for name, one in found["variants"].items():
        gains = "".join(f"{_gain(one['gain'][score]) if 'gain' in one else '-':>27}" for score in SCORES)
        alone, sets = one.get("alone", {}), one.get("sets", {})
        shares = "".join(_cell(value, ".3f", 8) for value in (alone.get("share"), alone.get("precision")))
        in_sets = _cell(sets.get("coverage"), ".3f", 8) + _cell(sets.get("size"), ".2f", 8)
        yield f"{name:<10}{one['macro_f1']:>9.4f}{one['accuracy']:>9.4f}{gains}{shares}{in_sets}"


def _gain(interval: Mapping[str, float]) -> str:
    return f"{interval['mean']:+.4f} ({interval['low']:+.4f}, {interval['high']:+.4f})"


def _cell(value: float | None, shown: str, width: int) -> str:
    return f"{'-' if value is None else format(value, shown):>{width}}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 where no folder of messages was named and none is there, 2 where a named one is missing."""
    given = _arguments().parse_args(arguments)
    absent = without_messages(say)
    if absent is not None:
        return absent
    variants = {name: VARIANTS[name] for name in VARIANTS if name == YARDSTICK or name in given.variants}
    for name, variant in variants.items():
        if variant.needs and find_spec(variant.needs) is None:
            say(f"{name} needs {variant.needs}: pip install '.[training]', or leave it out with --variants")
            return WRONG_USE
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        found = {}
        for task in given.task or TASKS:
            messages = read_messages(messages_folder(), task)
            found[task] = measure(messages, task, variants, given.repeats, given.out, say)
            say("\n".join(lines(task, found[task])))
    except TriageError as error:
        say(str(error))
        return WRONG_USE
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def say(line: str) -> None:
    """Progress and tables go to standard error: standard output is JSON."""
    print(line, file=sys.stderr, flush=True)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--task", nargs="+", choices=TASKS, help="default: all")
    parser.add_argument("--repeats", type=int, default=5, choices=range(1, 101), metavar="N", help="default: 5")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS), help="default: all")
    parser.add_argument("--out", type=Path, default=Path(".accuracy"), metavar="FOLDER", help="default: .accuracy")
    return parser


if __name__ == "__main__":
    sys.exit(main())
