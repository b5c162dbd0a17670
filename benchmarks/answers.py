"""What was answered for the messages of one fold, and the files it is kept in: predicted labels, never a text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.folds import Labels
from triage.classify.promise import Promise
from triage.domain.errors import BadInput

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Promised(NamedTuple):
    """Whether each answer may stand alone, shape (n,); which labels its set holds, shape (n, k); the k labels."""

    auto: Bools
    sets: Bools
    classes: Labels


@dataclass(frozen=True)
class Answers:
    """A label for each message, and what was promised with it where the variant promises anything."""

    labels: Labels
    promised: Promised | None = None


def answers_from(probabilities: Floats, classes: Sequence[str], promise: Promise) -> Answers:
    """The answers of a head that promises, from probabilities of shape (n, k)."""
    names = np.array(classes, dtype=str)
    sets = np.zeros(probabilities.shape, dtype=bool)
    for row, chosen in zip(sets, promise.label_sets(probabilities), strict=True):
        row[chosen] = True
    return Answers(names[probabilities.argmax(axis=1)], Promised(promise.may_decide(probabilities), sets, names))


def load_answers(folder: Path, name: str, count: int) -> Answers | None:
    """Answers kept before, None where there are none; BadInput where they are of another number of messages."""
    plain, promised = folder / f"{name}.npy", folder / f"{name}.npz"
    if promised.exists():
        with np.load(promised) as kept:
            answers = Answers(kept["labels"], Promised(kept["auto"], kept["sets"], kept["classes"]))
    elif plain.exists():
        answers = Answers(np.load(plain))
    else:
        return None
    if len(answers.labels) != count:
        raise BadInput(f"{folder}: {name} holds {len(answers.labels)} answers for {count} messages; remove the folder")
    return answers


def save_answers(folder: Path, name: str, answers: Answers) -> None:
    """Write whole or not at all: labels as .npy, with promises as .npz."""
    beside = folder / f".{name}.new-{os.getpid()}"
    with beside.open("wb") as file:
        if answers.promised is None:
            np.save(file, answers.labels)
        else:
            auto, sets, classes = answers.promised
            np.savez_compressed(file, labels=answers.labels, auto=auto, sets=sets, classes=classes)
    beside.replace(folder / f"{name}.{'npy' if answers.promised is None else 'npz'}")
