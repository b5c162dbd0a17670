"""`triage train --target encoder`: turns the word table's rows towards what a town's orders put together.

A title and its body, and titles of one issue, are drawn together and others apart, by sentence-transformers'
multiple-negatives ranking loss (Matthew Henderson and others: Efficient Natural Language Response Suggestion for Smart
Reply, 2017) on its `StaticEmbedding`. What comes out is a word table like the one that ships.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from training.contrast import EPOCHS, epochs, refuse_without_torch
from training.encoder_figures import Floats, TableRows, figures, moved
from training.pairs_of_texts import Rows, Split, read_rows, split
from training.tuned_table import FIGURES, refuse_other_files, tuned_card, write_table
from triage.bootstrap import default_model
from triage.classify.store import TABLE, digest
from triage.domain.errors import BadInput, Problem
from triage.language.segment import Segmenter
from triage.language.word_table import WordTable

Say = Callable[[str], None]

FEWEST = 50
"""Rows with a title and a body that are no near copies of each other: with fewer the figures would say nothing."""

PATIENCE = 2
_MOST_WORDS = 400


def tune(
    data: Path,
    text: Sequence[str],
    out: Path,
    say: Say,
    *,
    issues: Path | None = None,
    base: Path | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Tune the word table in `base` (the shipped one) on a CSV file and write it to `out`, whole or not at all.

    `text` are the columns of title and body; `issues` is a CSV file with the columns id and issue_id. A tenth of the
    rows is held out to stop by, another to report on, near copies and issues on one side. The figures are those of
    the rows reported on, before and after. Where nothing was gained the table written is the one of before, and
    `gain` is false. The same files and seed give the same table. ModelFault where torch is not installed.
    """
    refuse_other_files(out)
    refuse_without_torch()
    base = base or default_model() / TABLE
    table = WordTable.read(base)
    rows = _enough_rows(data, text, issues, table)
    chance = np.random.default_rng(seed)
    sides = split(rows.groups, chance)
    say(f"{len(sides.learn)} rows to learn from, {len(sides.stop)} to stop by, {len(sides.test)} to report on")
    tuned = _best_epoch(table.vectors, rows, sides, chance, seed, say).astype(np.float16)
    before, after = (figures(vectors.astype(np.float32), rows, sides.test) for vectors in (table.vectors, tuned))
    gain = _score(after) > _score(before)
    say("gained on held-out rows" if gain else "nothing gained on held-out rows: the table stays what it was")
    vectors = tuned if gain else table.vectors.astype(np.float16)
    answer = {
        "rows": {"learn": len(sides.learn), "stop": len(sides.stop), "test": len(sides.test)},
        "gain": gain,
        "before": before,
        "after": after,
        "moved": moved(table.vectors, vectors.astype(np.float32)),
    }
    facts = {**answer, "seed": seed, "base": table.digest, "data_sha256": digest(data.read_bytes())}
    card = tuned_card(facts, len(vectors), table.width)
    write_table(out, base, vectors, {FIGURES: _as_json(facts), "card.md": card.encode()})
    return answer


def _enough_rows(data: Path, text: Sequence[str], issues: Path | None, table: WordTable) -> TableRows:
    rows = in_table(read_rows(data, text, issues), table)
    found = len(set(rows.groups.tolist()))
    if found < FEWEST:
        fault = f"has {found} different rows with words in title and body; tuning needs {FEWEST}"
        raise BadInput(str(data), [Problem((), fault)])
    return rows


def in_table(rows: Rows, table: WordTable) -> TableRows:
    """The rows that have words of the table in title and body, of a body the first 400."""
    segmenter = Segmenter()

    def ids(text: str) -> list[int]:
        return list(islice(chain.from_iterable(table.ids(segmenter.words(text))), _MOST_WORDS))

    titles, bodies = ([ids(text) for text in texts] for texts in (rows.titles, rows.bodies))
    kept = [at for at, (title, body) in enumerate(zip(titles, bodies, strict=True)) if title and body]
    groups = np.unique(rows.groups[kept], return_inverse=True)[1]
    return TableRows([titles[at] for at in kept], [bodies[at] for at in kept], [rows.issues[at] for at in kept], groups)


def _best_epoch(
    prior: Floats, rows: TableRows, sides: Split, chance: np.random.Generator, seed: int, say: Say
) -> Floats:
    """The rows after the epoch that does best on the rows to stop by, which may be before the first."""
    best, best_score, waited = prior, _score(figures(prior, rows, sides.stop)), 0
    for epoch, (vectors, loss) in enumerate(epochs(prior, rows, sides.learn, chance, seed), start=1):
        score = _score(figures(vectors, rows, sides.stop))
        say(f"epoch {epoch} of at most {EPOCHS}: loss {loss:.4f}, held out {score:.4f} (best {best_score:.4f})")
        waited += 1
        if score > best_score:
            best, best_score, waited = vectors, score, 0
        if waited == PATIENCE:
            break
    return best


def _score(found: dict[str, float]) -> float:
    return found["mrr"] + found.get("issue_pairs_average_precision", 0.0)


def _as_json(content: object) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()
