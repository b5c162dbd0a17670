"""The written examples that stand beside a decision as reasons."""

from __future__ import annotations

from collections.abc import Sequence

from triage.classify.model import TextReading
from triage.domain.decisions import CategoryGuess, ExampleCategory, WrittenExample

SHOWN = 3


def near_examples(reading: TextReading, listed: Sequence[CategoryGuess]) -> tuple[WrittenExample, ...]:
    """The nearest examples of the best category; where the second may be the right one, its nearest is the last."""
    if not listed or not reading.understood:
        return ()
    torn = len(listed) > 1 and listed[1].in_set
    wanted = [(listed[0], SHOWN - 1), (listed[1], 1)] if torn else [(listed[0], SHOWN)]
    return tuple(
        WrittenExample(near.text, near.title, ExampleCategory(guess.id, guess.name), near.similarity)
        for guess, count in wanted
        for near in reading.examples(guess.id, count)
        if near.similarity > 0
    )
