"""A backlog through a model: parts are written as they are answered, and the summary when all are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from training.reclassify.engines import Engine
from training.reclassify.journal import Journal, open_journal
from training.reclassify.parts import drop_unnoted, write_part
from training.reclassify.rows import Sizes, chunks
from training.reclassify.sources import Source
from training.reclassify.summary import Meaning, finish, read_summary

Say = Callable[[str], None]


def reclassify(
    source: Source,
    engine: Engine,
    out: Path,
    bound: Mapping[str, Any],
    meaning: Meaning,
    say: Say,
    seconds: Callable[[], float],
    sizes: Sizes = Sizes(),  # noqa: B008  # it cannot be changed
) -> dict[str, Any]:
    """Answer all rows of a source and sum up; the summary. `seconds` is a clock that never goes back.

    A folder with the same run in it is gone on with, or, where that is finished, told again; `bound` says beside the
    source what makes it the same run. Which engine runs makes no difference: what one began another may finish.
    """
    journal = open_journal(out, {**bound, "source": source.identity(), "sizes": asdict(sizes)})
    if journal.finished:
        say(f"{out} holds the whole run already")
        return read_summary(journal)
    if journal.parts:
        say(f"going on after {journal.items} rows")
    drop_unnoted(journal)
    _answer(source, engine, journal, sizes, say, seconds)
    return finish(journal, meaning, say)


def _answer(
    source: Source, engine: Engine, journal: Journal, sizes: Sizes, say: Say, seconds: Callable[[], float]
) -> None:
    """Write part after part, after those there are."""
    rest = islice(chunks(source.items(), sizes), len(journal.parts) * sizes.chunks, None)
    begin, before, rows = seconds(), journal.seconds, 0
    with closing(engine.answers(rest)) as answers:
        while part := list(islice(answers, sizes.chunks)):
            write_part(journal, part)
            journal.seconds = before + seconds() - begin
            journal.keep()
            rows += journal.parts[-1]["items"]
            say(f"{journal.items} rows, {rows / max(journal.seconds - before, 1e-9):.0f} a second")
    journal.seconds = before + seconds() - begin
