"""Complaints of a wanted length, mixed from the written examples of the taxonomy or taken from a file."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from training.taxonomy import WrittenTaxonomy, read_taxonomy
from triage.desk.tables import read_table

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")


def written_examples(written: WrittenTaxonomy | None = None) -> list[tuple[str, str, str]]:
    """Text, category and domain of every written example."""
    written = written or read_taxonomy()
    return [
        (example.text, one.category.id, one.category.domain) for one in written.categories for example in one.examples
    ]


def complaints(count: int, length: int = 150, seed: int = 0) -> list[tuple[str, str]]:
    """Generated complaints of exactly `length` characters, each with its category; the same seed gives the same.

    The sentences of one complaint are drawn from the examples of one category.
    """
    sentences: dict[str, list[str]] = {}
    for text, category, _ in written_examples():
        sentences.setdefault(category, []).extend(_SENTENCE.findall(text))
    chance = random.Random(seed)
    categories = sorted(sentences)
    return [
        (_mixed(sentences[category], length, chance), category)
        for category in (chance.choice(categories) for _ in range(count))
    ]


def real_complaints(path: Path, count: int, length: int = 150) -> list[str]:
    """The first `count` messages of a CSV file (columns title, text) that have `length` characters, cut there."""
    table = read_table(path)
    columns = [name for name in ("title", "text") if name in table.columns]
    whole = ("\n".join(parts) for parts in zip(*map(table.column, columns), strict=True))
    return [text[:length] for text in whole if len(text) >= length][:count]


def _mixed(sentences: Sequence[str], length: int, chance: random.Random) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        sentence = chance.choice(sentences).strip()
        parts.append(sentence if sentence[-1] in "。！？；" else f"{sentence}。")
    return "".join(parts)[:length]
