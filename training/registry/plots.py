"""What a comparison looks like: which labels are taken for which, how honest certainties are, what is precise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from triage.classify.model import Prediction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORST, BINS = 12, 10

Sides = Mapping[str, Sequence[Prediction]]
"""Answers of each model to the same rows, by what the model is called in the plot."""


def plots(right: Sequence[str], sides: Sides, promised: float) -> dict[str, Figure]:
    """The plots of a run, by name; labels are written by their ids. `sides` ends with the model of the run."""
    latest = list(sides.values())[-1]
    return {
        "confusion": confusion(right, latest),
        "reliability": reliability(right, sides),
        "coverage": coverage(right, sides, promised),
    }


def confusion(right: Sequence[str], answers: Sequence[Prediction]) -> Figure:
    """How often the labels that are missed most are taken for which."""
    missed: dict[str, int] = {}
    for gold, one in zip(right, answers, strict=True):
        for label in (gold, one.label) if gold != one.label else ():
            missed[label] = missed.get(label, 0) + 1
    labels = sorted(sorted(missed, key=lambda label: -missed[label])[:WORST])
    places = {label: at for at, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    for gold, one in zip(right, answers, strict=True):
        if gold in places and one.label in places:
            counts[places[gold], places[one.label]] += 1
    figure, axes = _figure("labels that are missed most")
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("answered")
    axes.set_ylabel("right")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", fontsize=7)
    return figure


def reliability(right: Sequence[str], sides: Sides) -> Figure:
    """How often answers of each certainty were right."""
    figure, axes = _figure("reliability")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for name, answers in sides.items():
        sure, hits = _sure_and_right(right, answers)
        bins = np.array_split(np.argsort(sure), min(BINS, len(sure)))
        axes.plot([sure[part].mean() for part in bins], [hits[part].mean() for part in bins], marker="o", label=name)
    axes.set_xlabel("certainty")
    axes.set_ylabel("share that was right")
    axes.legend()
    return figure


def coverage(right: Sequence[str], sides: Sides, promised: float) -> Figure:
    """How precise the surest answers are, the more of them are taken."""
    figure, axes = _figure("coverage against precision")
    axes.axhline(promised, color="grey", linewidth=1)
    for name, answers in sides.items():
        sure, hits = _sure_and_right(right, answers)
        counts = np.arange(1, len(sure) + 1)
        axes.plot(counts / len(sure), np.cumsum(hits[np.argsort(-sure, kind="stable")]) / counts, label=name)
    axes.set_xlabel("share decided alone")
    axes.set_ylabel("precision")
    axes.legend()
    return figure


def _sure_and_right(
    right: Sequence[str], answers: Sequence[Prediction]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    hits = [float(one.label == gold) for one, gold in zip(answers, right, strict=True)]
    return np.array([one.confidence for one in answers]), np.array(hits)


def _figure(title: str) -> tuple[Figure, Axes]:
    """A figure of its own: pyplot would keep it for the life of the process, and look for a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes
