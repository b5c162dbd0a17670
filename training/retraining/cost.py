"""What two models cost: CPU time for the same texts, measured turn by turn, and bytes on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from triage.classify.model import Model

TURNS = 3


def seconds_of(
    champion: Model, challenger: Model, texts: Sequence[str], clock: Callable[[], float], turns: int = TURNS
) -> tuple[float, float]:
    """CPU seconds that each takes for the texts, one by one as they come when served: the best of several turns.

    They take turns so that whatever else the machine does falls on both; `clock` counts this thread's CPU seconds.
    """
    best = [float("inf"), float("inf")]
    for _ in range(turns):
        for which, model in enumerate((champion, challenger)):
            begun = clock()
            for text in texts:
                _serve(model, text)
            best[which] = min(best[which], clock() - begun)
    return best[0], best[1]


def bytes_of(folder: Path) -> int:
    """How much room a model's folder takes, all of its files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _serve(model: Model, text: str) -> None:
    """What a decision asks of a model."""
    reading = model.read(text)
    best = [next(iter(reading.probabilities(task))) for task in model.heads]
    for task, label in zip(model.heads, best, strict=True):
        reading.evidence(task, label)
    reading.may_decide(model.primary)
